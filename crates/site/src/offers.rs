//! Figures that belong together because one deal or one card brings them: rent, capital and
//! margin of a deal of hosting, price, power and rent of an accelerator.

use perwatt_table::{Evidence, Source};
use serde::Serialize;

use crate::parameter::{Origin, Value};

/// Figures of one source that stand for parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Its name in scenarios.
    pub id: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// The day of its publication.
    pub date: &'static str,
    /// Its figures.
    pub terms: &'static [Term],
    /// Parameters that it does not publish.
    pub missing: &'static [&'static str],
}

/// A figure of an offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// The parameter.
    pub key: &'static str,
    /// Its value.
    pub value: f64,
    /// Its range and the source of that.
    pub range: Option<([f64; 2], &'static str)>,
    /// Its source.
    pub source: &'static str,
}

impl Term {
    /// The value of the parameter that the term stands for.
    pub fn as_value(&self, offer: &Offer, origin: Origin) -> Value {
        Value {
            value: self.value,
            range: self.range.map(|(ends, _)| ends),
            range_source: self.range.map_or(String::new(), |(_, from)| from.into()),
            source: Source {
                evidence: Evidence::Sourced,
                text: self.source.into(),
                date: Some(offer.date.into()),
            },
            origin,
        }
    }
}

macro_rules! offers {
    ($(#[$doc:meta])+ $NAME:ident: $($id:literal $title:literal $date:literal [$($missing:literal),*] {$(
        $key:literal $value:literal $([$low:literal, $high:literal $from:literal])? $source:literal,
    )+})+) => {
        $(#[$doc])+
        pub const $NAME: &[Offer] = &[$(Offer {
            id: $id,
            title: $title,
            date: $date,
            terms: &[$(Term {
                key: $key,
                value: $value,
                range: offers!(@range $([$low, $high $from])?),
                source: $source,
            }),+],
            missing: &[$($missing),*],
        }),+];
    };
    (@range) => { None };
    (@range [$low:literal, $high:literal $from:literal]) => { Some(([$low, $high], $from)) };
}

/// The deal of hosting and the accelerator whose figures are the defaults.
pub const DEFAULTS: [&str; 2] = ["terawulf", "GB300 NVL72"];

offers! {
    /// Deals of hosting: what a shell was let for, cost and leaves.
    DEALS:
    "core-scientific" "Core Scientific, CoreWeave" "2024-10-22" ["hosting.capex_usd_per_mw", "hosting.noi_margin"] {
        "hosting.rent_usd_per_kw_month" 120.8 [115.7, 121.5 "sourced: its last option alone to its first contract (2024-06-04)"]
            "SEC press release, Core Scientific and CoreWeave: $8.7bn for 500 MW and 12 years, computed",
        "hosting.term_years" 12.0 "SEC press release, Core Scientific and CoreWeave",
        "hosting.pue" 1.43 [1.25, 1.45 "assumed"]
            "Core Scientific Muskogee: 100 MW for some 70 MW critical; businesswire.com, 2024-11-18",
    }
    "cipher" "Cipher, Fluidstack" "2025-09-25" [] {
        "hosting.rent_usd_per_kw_month" 148.8 [133.9, 163.7 "assumed: a tenth down and up"]
            "Cipher and Fluidstack: $3.0bn for 168 MW and 10 years, computed; blockworks",
        "hosting.term_years" 10.0 "Cipher and Fluidstack; blockworks",
        "hosting.pue" 1.45 [1.25, 1.45 "assumed below"] "Cipher Barber Lake: at most 244 MW gross for 168 MW critical",
        "hosting.noi_margin" 0.825 [0.8, 0.85 "sourced: the same"] "Cipher, claimed, 80 to 85 %; the middle",
        "hosting.capex_usd_per_mw" 1e7 [9e6, 1.1e7 "sourced: the same"]
            "Cipher Barber Lake, $9M to $11M; the middle; stocktitan.net",
    }
    "terawulf" "TeraWulf, Fluidstack" "2025-08-14" [] {
        "hosting.rent_usd_per_kw_month" 154.2 [138.8, 169.6 "assumed: a tenth down and up; other deals are set beside it"]
            "TeraWulf and Fluidstack: $3.7bn for 200 MW and 10 years, computed; blockspace.media",
        "hosting.term_years" 10.0 "TeraWulf and Fluidstack; blockspace.media",
        "hosting.pue" 1.25 [1.15, 1.45 "sourced: best AI sites (uminers 2026) to Cipher 244 MW for 168"]
            "TeraWulf: 250 MW gross for 200 MW critical; blockspace.media",
        "hosting.noi_margin" 0.85 [0.8, 0.9 "assumed"] "TeraWulf, claimed; blockspace.media",
        "hosting.capex_usd_per_mw" 9e6 [8e6, 1e7 "sourced: the same"] "TeraWulf, $8M to $10M; the middle; blockspace.media",
    }
    "galaxy" "Galaxy Helios, CoreWeave" "2025-08-15" [] {
        "hosting.rent_usd_per_kw_month" 158.4 [142.6, 174.2 "assumed: a tenth down and up"]
            "Galaxy and CoreWeave: $1bn a year on average for 526 MW and 15 years, computed; stocktitan.net, whispertick.com",
        "hosting.term_years" 15.0 "Galaxy and CoreWeave; stocktitan.net",
        "hosting.pue" 1.52 [1.25, 1.52 "assumed below"] "Galaxy Helios: 800 MW gross for 526 MW critical; whispertick.com",
        "hosting.noi_margin" 0.9 [0.85, 0.9 "assumed below"] "Galaxy, claimed; whispertick.com",
        "hosting.capex_usd_per_mw" 1.316e7 [1.1e7, 1.4e7 "assumed"]
            "Galaxy Helios, a converted mining site: $1.4bn at 80 % of cost for 133 MW, computed; stocktitan.net",
    }
    "hut-8" "Hut 8 River Bend, Fluidstack" "2025-12-17" [] {
        "hosting.rent_usd_per_kw_month" 158.7 [142.8, 174.6 "assumed: a tenth down and up"]
            "Hut 8 and Fluidstack: $7.0bn for 245 MW and 15 years, computed; insidernarrative.com",
        "hosting.term_years" 15.0 "Hut 8 and Fluidstack; insidernarrative.com",
        "hosting.pue" 1.347 [1.25, 1.45 "assumed"] "Hut 8 River Bend: 330 MW for 245 MW critical; particle.news",
        "hosting.noi_margin" 0.986 [0.9, 0.986 "assumed below"]
            "Hut 8, expected: $6.9bn of $7.0bn, triple net; insidernarrative.com",
        "hosting.capex_usd_per_mw" 1e7 [9e6, 1.1e7 "sourced: the same"]
            "Hut 8 River Bend, $9M to $11M of construction; the middle; newprojectmedia.com",
    }
}

offers! {
    /// Accelerators with their rents.
    ACCELERATORS:
    "GB300 NVL72" "GB300 NVL72" "2025-11-03" [] {
        "cloud.rent_usd_per_gpu_hour" 3.75 [2.07, 4.54 "sourced: IREN and Microsoft, $808/kW-month (2025-11-03), to half a GB200 superchip (spheron, 2026-03-17)"]
            "B200, lowest of 26 offers, packet.ai: the nearest card with listed rents",
        "cloud.kw_per_gpu" 1.875 "GB300 NVL72: 135 kW for 72, NVIDIA Mission Control",
        "cloud.price_usd_per_gpu" 54_375.0 [43_000.0, 69_400.0 "sourced: $3.1M (fetchlogic.net) to $5M (greaterwrong) for a GB200 NVL72"]
            "IREN and Dell: $5.8bn of GB300 for 200 MW, $29M/MW x 1.875 kW, computed",
    }
    "H100 SXM5" "H100 SXM5" "2026-05-20" [] {
        "cloud.rent_usd_per_gpu_hour" 2.95 [1.99, 3.5 "sourced: mercatus-ai.com, long tail to specialists (2026-05)"]
            "H100, median of 37 providers, aimultiple.com/gpu-index",
        "cloud.kw_per_gpu" 1.275 "H100 node 10.2 kW for 8, v2-pseo-ai.pages.dev",
        "cloud.price_usd_per_gpu" 50_000.0 [45_800.0, 51_600.0 "sourced: the same"]
            "H100 with its share of node, network and racks, spreadsheet of 2024-08",
    }
}

/// Classes of rigs by efficiency: up to so many J/TH, their resale price in $/TH, its range,
/// and the class. Luxor's index by The Block, 2026-09-27.
#[expect(clippy::approx_constant, reason = "3.14 is a price")]
const CLASSES: [(f64, f64, [f64; 2], &str); 5] = [
    (14.0, 18.38, [13.0, 18.38], "below 14 J/TH"),
    (
        19.0,
        3.63,
        [3.14, 18.38],
        "14 to 19 J/TH, flagged as anomalous",
    ),
    (25.0, 3.14, [1.18, 3.63], "19 to 25 J/TH"),
    (38.0, 1.18, [0.0, 3.14], "25 to 38 J/TH"),
    (
        f64::INFINITY,
        0.0,
        [0.0, 1.18],
        "above 38 J/TH, which it does not list: scrap",
    ),
];

/// The resale price of rigs of an efficiency.
pub fn resale(efficiency_j_th: f64) -> Value {
    let at = CLASSES.iter().position(|class| efficiency_j_th < class.0);
    let (_, value, ends, class) = CLASSES[at.unwrap_or(CLASSES.len() - 1)];
    Value {
        value,
        range: Some(ends),
        range_source: "sourced: the classes beside it; scrap below, assumed".into(),
        source: Source {
            evidence: if value > 0.0 {
                Evidence::Sourced
            } else {
                Evidence::Assumed
            },
            text: format!("Luxor index by The Block: rigs {class}"),
            date: Some("2026-09-27".into()),
        },
        origin: Origin::Default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::{index_of, parameters};

    #[test]
    fn offers_name_parameters_and_hold_their_rules() {
        for offer in DEALS.iter().chain(ACCELERATORS) {
            for term in offer.terms {
                let parameter = &parameters()[index_of(term.key).expect(term.key)];
                let ends = term.range.map_or([term.value; 2], |(ends, _)| ends);
                for value in ends.into_iter().chain([term.value]) {
                    assert_eq!(parameter.fault(value), None, "{}: {}", offer.id, term.key);
                }
                assert!(
                    ends[0] <= term.value && term.value <= ends[1],
                    "{}",
                    offer.id
                );
            }
            assert!(offer.missing.iter().all(|key| index_of(key).is_some()));
        }
    }

    #[test]
    fn the_default_offers_are_the_defaults() {
        for offer in DEALS
            .iter()
            .chain(ACCELERATORS)
            .filter(|of| DEFAULTS.contains(&of.id))
        {
            for term in offer.terms {
                let given = parameters()[index_of(term.key).unwrap()]
                    .default
                    .as_ref()
                    .unwrap();
                assert_eq!(term.value, given.value, "{}", term.key);
                assert_eq!(
                    term.range.map(|(ends, _)| ends),
                    given.range,
                    "{}",
                    term.key
                );
                assert_eq!(term.source, given.source.text, "{}", term.key);
            }
        }
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "3.14 is a price")]
    fn rigs_are_sold_by_their_class() {
        let usd = |j_th| resale(j_th).value;
        assert_eq!(
            [13.5, 14.0, 21.5, 25.0, 28.2, 98.0].map(usd),
            [18.38, 3.63, 3.14, 1.18, 1.18, 0.0]
        );
        let given = parameters()[index_of("mining.resale_usd_per_th").unwrap()]
            .default
            .as_ref()
            .unwrap();
        assert_eq!(given.value, usd(28.2));
    }
}
