//! The price of the machine over its rates, beside the rig of the catalogue that costs the
//! least for its hash rate.

use perwatt_gap::catalogue::{Catalogue, short_name};
use serde::Serialize;

use crate::joule::Found;

/// Hashes in a terahash, and operations in a TFLOP.
const TERA: f64 = 1e12;

/// The price of the machine over its rates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerDollar {
    /// The price, US dollars, as it was given.
    pub price_usd: f64,
    /// US dollars per TH/s of its fastest verified search; absent without one.
    pub usd_per_th_s: Option<f64>,
    /// US dollars per 10^12 operations per second of the product that stands for it;
    /// absent without one.
    pub usd_per_tera_op_s: Option<f64>,
    /// The rig that costs the least for its hash rate; absent where no price is known.
    pub rig: Option<RigPrice>,
}

/// The price of a rig.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RigPrice {
    /// The model without its maker and series.
    pub short: String,
    /// US dollars per TH/s.
    pub usd_per_th_s: f64,
    /// Source of the price.
    pub source: String,
    /// Date of that source.
    pub date: String,
}

/// The price of the machine over its rates.
pub(crate) fn per_dollar(price_usd: f64, found: &Found, catalogue: &Catalogue) -> PerDollar {
    let over = |per_s: Option<f64>| per_s.map(|per_s| price_usd / (per_s / TERA));
    let rigs = catalogue.asics.iter();
    let priced = rigs.filter_map(|asic| Some((asic.usd_per_th_s()?, asic)));
    let least = priced.min_by(|a, b| a.0.total_cmp(&b.0));
    PerDollar {
        price_usd,
        usd_per_th_s: over(found.hash_per_s),
        usd_per_tera_op_s: over(found.product_per_s),
        rig: least.map(|(usd_per_th_s, asic)| RigPrice {
            short: short_name(&asic.model),
            usd_per_th_s,
            source: asic.price_source.clone(),
            date: asic.price_date.clone(),
        }),
    }
}
