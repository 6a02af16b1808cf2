//! Earnings of a petahash, month by month: price, subsidy, fees and the network's hash
//! rate.

use crate::inputs::{Inputs, growth};
use crate::protocol::supply;

/// Days in a month: a twelfth of 365.25.
pub const DAYS_PER_MONTH: f64 = 365.25 / 12.0;
/// Hours in a month.
pub const HOURS_PER_MONTH: f64 = 24.0 * DAYS_PER_MONTH;
/// Blocks a day at the interval that retargets aim at.
const BLOCKS_PER_DAY: f64 = 144.0;
/// Days between two halvings at that interval.
const HALVING_DAYS: f64 = 210_000.0 / BLOCKS_PER_DAY;
/// The block height of which `network.halving` is the day.
const HALVING_HEIGHT: u64 = 1_050_000;

/// The subsidy of a block on a day, BTC, from the day of block 1,050,000; both as days
/// since 1970-01-01.
pub fn subsidy_btc(day: f64, halving: f64) -> f64 {
    let before = supply::subsidy_btc(HALVING_HEIGHT - 1);
    // A ten-thousandth of a second before the halving counts as its day.
    let halvings = ((day - halving) / HALVING_DAYS + 1e-12).floor() + 1.0;
    before * 0.5_f64.powf(halvings)
}

/// The mean subsidy of a month, BTC: the days before a halving at the old one, the rest at
/// the new one.
fn subsidy_of_month(inputs: &Inputs, month: usize) -> f64 {
    let halving = inputs.parameters.network.halving;
    let first = inputs.parameters.site.start + month as f64 * DAYS_PER_MONTH;
    let last = first + DAYS_PER_MONTH;
    // Days from the month's first to the next halving.
    let left = match (halving - first).rem_euclid(HALVING_DAYS) {
        0.0 => HALVING_DAYS,
        left => left,
    };
    let share = (left / DAYS_PER_MONTH).clamp(0.0, 1.0);
    subsidy_btc(first, halving) * share + subsidy_btc(last, halving) * (1.0 - share)
}

/// Network hash rate in a month, H/s.
pub fn hashrate_h_s(inputs: &Inputs, month: usize) -> f64 {
    let network = &inputs.parameters.network;
    network.hashrate_eh_s * 1e18 * growth(network.hashrate_growth_per_year, month)
}

/// Expected earnings of 1 PH/s for a day in a month, $/PH/day: its share of the subsidies
/// and fees of the day's blocks, at the price of a bitcoin.
pub fn hashprice(inputs: &Inputs, month: usize) -> f64 {
    let network = &inputs.parameters.network;
    let reward = subsidy_of_month(inputs, month) + network.fees_btc_per_block;
    let price = network.btc_price_usd * growth(network.btc_growth_per_year, month);
    1e15 / hashrate_h_s(inputs, month) * BLOCKS_PER_DAY * reward * price * inputs.scale.hashprice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subsidy_halves_on_its_day() {
        let day = |text| crate::date::read(text).unwrap();
        let halving = day("2028-04-13");
        assert_eq!(subsidy_btc(day("2026-10-03"), halving), 3.125);
        assert_eq!(subsidy_btc(day("2028-04-12"), halving), 3.125);
        assert_eq!(subsidy_btc(halving, halving), 1.5625);
        assert_eq!(subsidy_btc(halving + HALVING_DAYS, halving), 0.781_25);
        assert_eq!(subsidy_btc(day("2024-01-01"), halving), 6.25);
    }
}
