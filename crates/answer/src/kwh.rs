//! Earnings of one kilowatt-hour in each use, before and after its price. Everything but
//! power is left out: capital, cooling, staff and fees are the site's.

use perwatt_gap::energy::EnergyGap;
use perwatt_site::SiteReport;
use perwatt_table::Evidence;
use serde::Serialize;

use crate::joule::Found;

/// Hours in a day.
const HOURS_PER_DAY: f64 = 24.0;
/// Joules in a kilowatt-hour.
const J_PER_KWH: f64 = 3.6e6;
/// Hashes in a terahash.
const TERA: f64 = 1e12;
/// Watts in a kilowatt, and kilowatt-hours in a megawatt-hour.
const KILO: f64 = 1e3;

/// A use of a kilowatt-hour at the device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Earner {
    /// The device and the use.
    pub name: String,
    /// Hashes, where it mines.
    pub hashes: Option<f64>,
    /// Its revenue; the reason in its place where it is not known.
    pub gross: Gross,
    /// The weakest evidence that the revenue rests on.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
    /// True if it rests on a rent that the user states.
    pub stated: bool,
    /// True if it also rests on joules that are estimated.
    pub estimate: bool,
}

/// Revenue of a kilowatt-hour, US dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gross {
    /// It is known; the ends of a range where there is one.
    Usd {
        /// The value.
        value: f64,
        /// The rest after the price of power.
        net: f64,
        /// The range of the value.
        range: Option<[f64; 2]>,
    },
    /// The reason that it is not known.
    Unknown(String),
}

impl Gross {
    fn of(value: f64, price: f64, range: Option<[f64; 2]>) -> Self {
        let net = value - price;
        Self::Usd { value, net, range }
    }
}

/// The uses: this machine and two ASICs as miners, this machine and a cloud's accelerator
/// as AI nodes.
pub(crate) fn earners(
    found: &Found,
    gaps: [&EnergyGap; 2],
    site: &SiteReport,
    rent_usd_per_h: Option<f64>,
) -> Vec<Earner> {
    let price = gaps[0].power_price.usd_per_mwh / KILO;
    let hashprice = site.hashprice_usd_per_ph_day;
    // A rig of e J/TH draws e kW for 1 PH/s.
    let mining = |name: String, j_th: f64, estimate: bool| Earner {
        name,
        hashes: Some(J_PER_KWH / j_th * TERA),
        gross: Gross::of(hashprice / (HOURS_PER_DAY * j_th), price, None),
        evidence: Evidence::Sourced,
        stated: false,
        estimate,
    };
    let mut out = Vec::new();
    if let Some((_, energy)) = &found.hash {
        let name = "this machine, mining".to_owned();
        out.push(match energy {
            Some(of) => mining(name, of.j_th.figure.value, of.joules.estimate),
            None => Earner {
                name,
                hashes: None,
                gross: Gross::Unknown("no joules".into()),
                evidence: Evidence::Assumed,
                stated: false,
                estimate: false,
            },
        });
    }
    let mut asics: Vec<Earner> = gaps
        .iter()
        .map(|gap| mining(gap.asic.model.clone(), gap.asic_j_th, false))
        .collect();
    asics.dedup_by(|b, a| a.name == b.name);
    out.extend(asics);
    if let Some(rent) = rent_usd_per_h {
        out.push(Earner {
            name: "this machine, rented".into(),
            hashes: None,
            gross: match found.ai_w {
                Some(watts) => Gross::of(rent / (watts / KILO), price, None),
                None => Gross::Unknown("no joules".into()),
            },
            evidence: Evidence::Assumed,
            stated: true,
            estimate: found.is_estimate(),
        });
    }
    out.extend(cloud(site, price));
    out
}

/// An accelerator that a cloud rents out, by the site's parameters.
fn cloud(site: &SiteReport, price: f64) -> Option<Earner> {
    let input = |key: &str| site.inputs.iter().find(|of| of.key == key);
    let rent = input("cloud.rent_usd_per_gpu_hour")?;
    let kw = input("cloud.kw_per_gpu")?.number;
    let range = rent.range_numbers.map(|ends| ends.map(|end| end / kw));
    Some(Earner {
        name: "accelerator, rented".into(),
        hashes: None,
        gross: Gross::of(rent.number / kw, price, range),
        evidence: rent.source.evidence,
        stated: false,
        estimate: false,
    })
}
