//! Earnings of a petahash, month by month: price, subsidy, fees and the network's hash
//! rate.

use perwatt_table::Evidence;

use crate::inputs::{Inputs, growth, years};
use crate::parameter::Value;
use crate::parameters::index_of;
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

/// The network month by month.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its hash rate, EH/s.
    pub hashrate_eh_s: Vec<f64>,
    /// Expected earnings of 1 PH/s for a day, $/PH/day.
    pub hashprice: Vec<f64>,
}

/// What the blocks of a day bring at a subsidy and the price of the start, $/day.
fn reward(inputs: &Inputs, subsidy_btc: f64) -> f64 {
    let network = &inputs.parameters.network;
    let price = network.btc_price_usd * inputs.scale.hashprice;
    BLOCKS_PER_DAY * (subsidy_btc + network.fees_btc_per_block) * price
}

/// The hashprice at the start, $/PH/day.
pub fn now(inputs: &Inputs) -> f64 {
    let network = &inputs.parameters.network;
    let subsidy = subsidy_btc(inputs.parameters.site.start, network.halving);
    reward(inputs, subsidy) / (network.hashrate_eh_s * 1e3)
}

/// The weakest evidence that the hashprice at the start rests on.
pub fn evidence(values: &[Value]) -> Evidence {
    let keys = [
        "site.start",
        "network.hashrate_eh_s",
        "network.btc_price_usd",
        "network.fees_btc_per_block",
        "network.halving",
    ];
    let of = keys.into_iter().filter_map(index_of);
    let of = of.map(|i| values[i].source.evidence);
    of.max().unwrap_or(Evidence::Exact)
}

/// The path of the network: hash rate grows at its rate, but only as far as the marginal
/// rig earns its power; where the reward falls below that, rigs stop until it does again.
pub fn path(inputs: &Inputs, months: usize) -> Path {
    let network = &inputs.parameters.network;
    let least = 24.0 * network.marginal_j_th * network.marginal_usd_per_mwh / 1000.0;
    // Today's network runs: its marginal rig earns its power today.
    let least = least.min(now(inputs));
    let best = (network.best_j_th / network.marginal_j_th).min(1.0);
    let mut eh_s = network.hashrate_eh_s;
    let mut path = Path {
        hashrate_eh_s: Vec::with_capacity(months),
        hashprice: Vec::with_capacity(months),
    };
    for month in 0..months {
        let step = if month == 0 { 0.5 } else { 1.0 };
        let grown = eh_s * (network.hashrate_growth_per_year + 1.0).powf(step / 12.0);
        let renewed = (1.0 - network.marginal_improvement_per_year).powf(years(month));
        let marginal = least * renewed.max(best);
        let usd = reward(inputs, subsidy_of_month(inputs, month))
            * growth(network.btc_growth_per_year, month);
        eh_s = grown.min(usd / marginal / 1e3);
        path.hashrate_eh_s.push(eh_s);
        path.hashprice.push(usd / (eh_s * 1e3));
    }
    path
}

/// The hashprice of a month, $/PH/day.
pub fn hashprice(inputs: &Inputs, month: usize) -> f64 {
    path(inputs, month + 1).hashprice[month]
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::parameters::parameters;
    use proptest::prelude::*;

    /// The inputs at the defaults.
    fn inputs() -> Inputs<'static> {
        let mut values = crate::parameters::Parameters::default();
        for parameter in parameters() {
            *(parameter.of)(&mut values) = parameter.default.as_ref().map_or(0.1, |d| d.value);
        }
        Inputs {
            parameters: values,
            power_paid_by: crate::settings::PaidBy::Tenant,
            prices: None,
            scale: Default::default(),
        }
    }

    #[test]
    fn growth_stops_where_the_marginal_rig_stops_earning() {
        let found = path(&inputs(), 144);
        // Growth at its rate until the halving, then rigs stop.
        assert!((found.hashrate_eh_s[12] / found.hashrate_eh_s[0] - 1.252).abs() < 1e-9);
        assert!(found.hashrate_eh_s[20] < found.hashrate_eh_s[17]);
        // The best rig earns its power in every month.
        let best = 24.0 * 8.9 * 45.0 / 1000.0;
        assert!(
            found
                .hashprice
                .iter()
                .all(|usd| *usd >= best * (1.0 - 1e-9)),
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn nobody_mines_at_a_loss_while_the_network_grows(
            price in -0.9..3.0_f64, rate in -0.9..3.0_f64, j_th in 5.0..60.0_f64,
            improvement in 0.0..0.5_f64, best in 2.0..30.0_f64, fees in 0.0..3.0_f64,
        ) {
            let mut inputs = inputs();
            let network = &mut inputs.parameters.network;
            network.btc_growth_per_year = price;
            network.hashrate_growth_per_year = rate;
            network.marginal_j_th = j_th;
            network.marginal_improvement_per_year = improvement;
            network.best_j_th = best;
            network.fees_btc_per_block = fees;
            let found = path(&inputs, 180);
            let now = 144.0 * (3.125 + fees) * 84_714.0 / 964e3;
            for m in 0..180 {
                let renewed = (1.0 - improvement).powf(years(m)).max((best / j_th).min(1.0));
                let power = (24.0 * j_th * 45.0 / 1000.0).min(now) * renewed;
                prop_assert!(found.hashprice[m] >= power * (1.0 - 1e-9), "{m}: {power}");
                prop_assert!(found.hashrate_eh_s[m].is_finite() && found.hashrate_eh_s[m] > 0.0);
            }
        }
    }

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
