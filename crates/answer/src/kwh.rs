//! Earnings of one kilowatt-hour in each use, before and after its price. Everything but
//! power is left out: capital, cooling, staff and fees are the site's.

use perwatt_gap::energy::EnergyGap;
use perwatt_site::SiteReport;
use perwatt_table::Evidence;
use serde::Serialize;

use crate::joule::Found;
use crate::machine::Machine;

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
    /// The weakest evidence that the rest after power rests on.
    #[serde(rename = "net_mark")]
    pub net_evidence: Evidence,
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
        /// The range of the value, with the weakest evidence that it rests on.
        range: Option<([f64; 2], Evidence)>,
    },
    /// The reason that it is not known.
    Unknown(String),
}

/// The price of power, dollars for a kilowatt-hour.
struct Power {
    usd: f64,
    evidence: Evidence,
}

impl Power {
    /// The rest of a revenue after power.
    fn earner(&self, name: String, evidence: Evidence, gross: Result<f64, &str>) -> Earner {
        Earner {
            name,
            hashes: None,
            gross: match gross {
                Ok(value) => Gross::Usd {
                    value,
                    net: value - self.usd,
                    range: None,
                },
                Err(reason) => Gross::Unknown(reason.into()),
            },
            evidence,
            net_evidence: evidence.max(self.evidence),
            stated: false,
            estimate: false,
        }
    }
}

/// The uses: this machine and two ASICs as miners, this machine and a cloud's accelerator
/// as AI nodes.
pub(crate) fn earners(
    machine: &Machine,
    found: &Found,
    gaps: [&EnergyGap; 2],
    site: &SiteReport,
    rent_usd_per_h: Option<f64>,
) -> Vec<Earner> {
    let price = &gaps[0].power_price;
    let power = Power {
        usd: price.usd_per_mwh / KILO,
        evidence: price.source.evidence,
    };
    let hashprice = site.hashprice_usd_per_ph_day;
    // A rig of e J/TH draws e kW for 1 PH/s.
    let mining = |name: String, j_th: f64, evidence: Evidence| {
        let evidence = evidence.max(site.hashprice_evidence);
        Earner {
            hashes: Some(J_PER_KWH / j_th * TERA),
            ..power.earner(name, evidence, Ok(hashprice / (HOURS_PER_DAY * j_th)))
        }
    };
    let mut out = Vec::new();
    if let Some((_, energy)) = &found.hash {
        let name = format!("{}, mining", machine.short());
        out.push(match energy {
            Some(of) => Earner {
                estimate: of.joules.estimate,
                ..mining(name, of.j_th.figure.value, Evidence::Measured)
            },
            None => power.earner(name, Evidence::Assumed, Err("no joules")),
        });
    }
    let asic = |gap: &&EnergyGap| {
        let (name, evidence) = (
            gap.asic.model.clone(),
            gap.asic.provenance.as_source().evidence,
        );
        mining(name, gap.asic_j_th, evidence)
    };
    let mut asics: Vec<Earner> = gaps.iter().map(asic).collect();
    asics.dedup_by(|b, a| a.name == b.name);
    out.extend(asics);
    if let Some(rent) = rent_usd_per_h {
        let gross = found.ai_w.map(|watts| rent / (watts / KILO));
        let name = "this machine, rented".into();
        out.push(Earner {
            estimate: found.is_estimate(),
            stated: true,
            ..power.earner(name, Evidence::Assumed, gross.ok_or("no joules"))
        });
    }
    out.extend(cloud(site, &power));
    out
}

/// An accelerator that a cloud rents out, by the site's parameters.
fn cloud(site: &SiteReport, power: &Power) -> Option<Earner> {
    let input = |key: &str| site.inputs.iter().find(|of| of.key == key);
    let rent = input("cloud.rent_usd_per_gpu_hour")?;
    let kw = input("cloud.kw_per_gpu")?;
    let evidence = rent.source.evidence.max(kw.source.evidence);
    let name = "accelerator, rented".into();
    let mut out = power.earner(name, evidence, Ok(rent.number / kw.number));
    if let Gross::Usd { range, .. } = &mut out.gross {
        *range = rent.range_numbers.map(|ends| {
            // The source of a range says so where an end of it is assumed.
            let weakest = match rent.range_source.contains("assumed") {
                true => Evidence::Assumed,
                false => evidence,
            };
            (ends.map(|end| end / kw.number), weakest)
        });
    }
    Some(out)
}
