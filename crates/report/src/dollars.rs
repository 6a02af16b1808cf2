//! Stated prices and rents, and what rates and work cost by them, in tables.

use perwatt_record::cost::{Cost, Stated};
use perwatt_record::schema::Unit;

use crate::doc::{Cell, Column, Value};

/// The meaning of the columns.
pub const MEANING: &str = "capital and running cost: the price over the rate, and the rent over the work, both as the user \
     stated them";
/// The meaning of the bound.
pub const AT_LEAST: &str = "\u{2265}: tokens are counted by the products of a model's layers alone, an upper bound, so that \
     dollars per token are a lower one";

/// The columns for [`cells`].
pub fn columns() -> [Column; 2] {
    ["capital", "running cost"].map(|name| Column::right(name).fold(2))
}

/// The cost of work in `unit`: capital for a rate, and running cost for work.
pub fn cells(cost: &Cost, unit: Unit) -> [Cell; 2] {
    let per =
        |usd: Option<f64>, unit: String| usd.map(|usd| format!("{}/{unit}", Value::Dollars(usd)));
    let capital = per(cost.usd_per_tera_per_s, format!("(T{unit}/s)"));
    let running = per(cost.usd_per_exa, format!("E{unit}"));
    let tokens = per(cost.usd_per_mtoken_at_least, "(M tokens)".into());
    let tokens = tokens.map(|usd| format!("\u{2265}{usd}"));
    let running: Vec<String> = running.into_iter().chain(tokens).collect();
    let running = (!running.is_empty()).then(|| running.join(", "));
    [capital.into(), running.into()]
}

/// Sentences that explain the columns of these costs; none where there are no figures.
pub fn legend<'a>(costs: impl IntoIterator<Item = &'a Cost>) -> Vec<String> {
    let costs: Vec<&Cost> = costs.into_iter().filter(|cost| !cost.is_empty()).collect();
    let bound = costs.iter().any(|of| of.usd_per_mtoken_at_least.is_some());
    let meaning = (!costs.is_empty()).then(|| MEANING.into());
    let bound = bound.then(|| AT_LEAST.into());
    meaning.into_iter().chain(bound).collect()
}

/// A price and a rent in words; `None` where there is neither.
pub fn stated(of: &Stated) -> Option<String> {
    let price = of
        .price_usd
        .map(|usd| format!("price {}", Value::Dollars(usd)));
    let rent = of
        .rent_usd_per_h
        .map(|usd| format!("rent {}/h", Value::Dollars(usd)));
    let all: Vec<String> = price.into_iter().chain(rent).collect();
    (!all.is_empty()).then(|| format!("{}, stated", all.join(", ")))
}
