//! Cost of the machine's rates: its price over them, beside the rig of the catalogue that
//! costs the least for its hash rate, and its rent over the work of an hour.

use perwatt_gap::catalogue::{Catalogue, short_name};
use perwatt_record::cost::{usd_per_exa, usd_per_mtoken, usd_per_tera_per_s};
use serde::Serialize;

use crate::joule::Found;

/// The price of the machine over its rates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerDollar {
    /// The price, US dollars, as it was stated.
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

/// The rent of the machine over its work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Running {
    /// The rent, US dollars per hour, as it was stated.
    pub rent_usd_per_h: f64,
    /// US dollars per 10^18 hashes of its fastest verified search; absent without one.
    pub usd_per_eh: Option<f64>,
    /// US dollars per 10^18 operations of the product that stands for it; absent without
    /// one.
    pub usd_per_exa_op: Option<f64>,
    /// US dollars per 10^6 tokens, a lower bound as tokens are counted by the products of a
    /// model's layers alone; absent without such products.
    pub usd_per_mtoken_at_least: Option<f64>,
}

/// The price of the machine over its rates.
pub(crate) fn per_dollar(price_usd: f64, found: &Found, catalogue: &Catalogue) -> PerDollar {
    let over = |per_s: Option<f64>| per_s.map(|per_s| usd_per_tera_per_s(price_usd, per_s));
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

/// The rent of the machine over its work.
pub(crate) fn running(rent_usd_per_h: f64, found: &Found) -> Running {
    let over = |per_s: Option<f64>| per_s.map(|per_s| usd_per_exa(rent_usd_per_h, per_s));
    let tokens_per_s = found.tokens_per_s;
    Running {
        rent_usd_per_h,
        usd_per_eh: over(found.hash_per_s),
        usd_per_exa_op: over(found.product_per_s),
        usd_per_mtoken_at_least: tokens_per_s.map(|per_s| usd_per_mtoken(rent_usd_per_h, per_s)),
    }
}
