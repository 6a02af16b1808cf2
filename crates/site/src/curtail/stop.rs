//! The best stops of a use of a site.
//!
//! A use earns the same for each MWh and pays the price of the interval. It loses money
//! where the price and the charges exceed its earnings, and would stop there if stopping
//! cost nothing: the usual rule `curtail if price + adders > value`. A stop with a cost
//! pays only if the losses that it avoids are larger, and between two expensive spells that
//! are close together it may pay to stay off. That is a shortest path through two states,
//! and is solved exactly.

use serde::Serialize;

use super::error::UseError;
use super::prices::{MAX_USD_PER_MWH, Prices};

/// The earnings of a use of the site and the cost of stopping it. Everything is per MW or
/// MWh at the site's meter, so it includes the PUE.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Use {
    /// The earnings of one MWh while the use runs, net of fees, in USD/MWh.
    pub value_usd_per_mwh: f64,
    /// Charges for each MWh besides its price, in USD/MWh; negative for a credit.
    pub adders_usd_per_mwh: f64,
    /// The cost of each stop with the restart after it, whatever its length, in USD/MW.
    pub stop_cost_usd_per_mw: f64,
    /// The minimum length of a stop, in hours.
    pub min_stop_h: f64,
}

/// The largest accepted cost of a stop, in USD/MW: the price of some hundred machines of
/// the same power.
const MAX_STOP_COST_USD_PER_MW: f64 = 1e9;

/// The largest accepted minimum length of a stop, in hours: some 114 years.
pub(super) const MAX_STOP_H: f64 = 1e6;

impl Use {
    /// The price above which running in an interval loses money, in USD/MWh.
    pub fn threshold_usd_per_mwh(&self) -> f64 {
        self.value_usd_per_mwh - self.adders_usd_per_mwh
    }

    /// # Errors
    /// [`UseError`] for the first figure outside its range.
    pub(super) fn check(&self) -> Result<(), UseError> {
        let most = MAX_USD_PER_MWH;
        within("value in USD/MWh", self.value_usd_per_mwh, -most, most)?;
        within("charge in USD/MWh", self.adders_usd_per_mwh, -most, most)?;
        within(
            "cost of a stop in USD/MW",
            self.stop_cost_usd_per_mw,
            0.0,
            MAX_STOP_COST_USD_PER_MW,
        )?;
        within("least stop in hours", self.min_stop_h, 0.0, MAX_STOP_H)
    }
}

pub(super) fn within(
    what: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<(), UseError> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(UseError {
            what,
            value,
            least,
            most,
        }),
    }
}

/// A plan of the intervals in which a use is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One entry for each interval of the series: true if the use is stopped in it.
    pub stopped: Vec<bool>,
}

impl Plan {
    /// The number of stops: runs of consecutive stopped intervals.
    pub fn stops(&self) -> usize {
        let before = std::iter::once(&false).chain(&self.stopped);
        before
            .zip(&self.stopped)
            .filter(|(b, s)| !**b && **s)
            .count()
    }
}

/// The plan that earns most over the series, among all that keep to `min_stop_h`.
///
/// The use runs before the series begins. The whole cost of a stop is counted at its
/// beginning, and a stop lies wholly within the series, since later prices are not known. A
/// stopped use earns nothing and pays for no power; a running use earns its value. Of two
/// equal plans the one that runs is taken. Sums are in `f64`: a plan that is better by less
/// than their rounding may be missed. Takes time in proportion to the number of intervals.
///
/// # Errors
/// [`UseError`] for a figure that is not finite, negative where it must not be, or far
/// beyond any market.
pub fn curtail(prices: &Prices, of: &Use) -> Result<Plan, UseError> {
    of.check()?;
    let step_h = prices.step_h();
    // The gain of stopping in an interval, in USD/MW.
    let gain = |price: &f64| (price - of.threshold_usd_per_mwh()) * step_h;
    let gains: Vec<f64> = prices.usd_per_mwh().iter().map(gain).collect();
    // The tolerance is for rounding: in `f64`, an hour is not exactly three times 20
    // minutes.
    let least = (of.min_stop_h / step_h - 1e-9).ceil().max(1.0) as usize;
    Ok(Plan {
        stopped: best(&gains, of.stop_cost_usd_per_mw, least),
    })
}

/// The origin of a stop that lasts through this interval.
#[derive(Clone, Copy, PartialEq)]
enum Stopped {
    /// It had reached the minimum length before this interval.
    Longer,
    /// It reaches the minimum length in this interval.
    JustLongEnough,
}

/// The stopped intervals of the plan with the highest sum of `gains` over them, less
/// `cost` for each stop, where every stop has `least` intervals or more.
///
/// Only the lead of the best plan that is stopped over the best that runs is kept: the
/// totals grow with the series, and small gains would be lost in their rounding.
fn best(gains: &[f64], cost: f64, least: usize) -> Vec<bool> {
    // For each interval: true if, should it run, it is better to have been stopped until
    // then.
    let mut from_stop = Vec::with_capacity(gains.len());
    let mut how = Vec::with_capacity(gains.len());
    // The lead of the best stopped plan; at first no stop is long enough.
    let mut lead = f64::NEG_INFINITY;
    // The gain of stopping in the last `least` intervals, over the best plan that runs by
    // their end.
    let mut window = 0.0;
    let mut steps: Vec<f64> = Vec::with_capacity(gains.len());
    for (i, gain) in gains.iter().enumerate() {
        from_stop.push(lead > 0.0);
        // The best that runs rises by the lead, if that is above zero.
        let step = gain - lead.max(0.0);
        // The old step is subtracted before the new one is added: a window of one is then
        // exact.
        if let Some(out) = i.checked_sub(least) {
            window -= steps[out];
        }
        window += step;
        steps.push(step);
        let longer = lead.min(0.0) + gain;
        let just = match i + 1 >= least {
            true => window - cost,
            false => f64::NEG_INFINITY,
        };
        // Of equal plans the one that ran before is taken, unless it was behind already and
        // only rounding makes them equal.
        let longer_is_taken = longer > just || (longer == just && lead > 0.0);
        how.push(match longer_is_taken {
            true => Stopped::Longer,
            false => Stopped::JustLongEnough,
        });
        lead = longer.max(just);
    }

    let mut stopped = vec![false; gains.len()];
    let mut in_stop = lead > 0.0;
    let mut end = gains.len();
    while end > 0 {
        if !in_stop {
            in_stop = from_stop[end - 1];
            end -= 1;
            continue;
        }
        match how[end - 1] {
            Stopped::Longer => {
                stopped[end - 1] = true;
                end -= 1;
            }
            Stopped::JustLongEnough => {
                let begin = end.saturating_sub(least);
                stopped[begin..end].fill(true);
                end = begin;
                in_stop = false;
            }
        }
    }
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A whole number of dollars, so that every sum is exact.
    fn series(prices: &[i32], step_s: i64) -> Prices {
        Prices::new(0, step_s, 0, prices.iter().map(|p| f64::from(*p)).collect()).unwrap()
    }

    fn a_use(value: i32, cost: i32, min_stop_h: f64) -> Use {
        Use {
            value_usd_per_mwh: f64::from(value),
            adders_usd_per_mwh: 4.0,
            stop_cost_usd_per_mw: f64::from(cost),
            min_stop_h,
        }
    }

    /// The gain of a plan over never stopping; `None` if a stop is too short.
    fn worth(plan: &[bool], prices: &Prices, of: &Use) -> Option<f64> {
        let least = (of.min_stop_h / prices.step_h()).ceil() as usize;
        let spells = plan.chunk_by(|a, b| a == b).filter(|spell| spell[0]);
        let mut total = 0.0;
        for spell in spells {
            total -= of.stop_cost_usd_per_mw;
            if spell.len() < least {
                return None;
            }
        }
        for (price, stopped) in prices.usd_per_mwh().iter().zip(plan) {
            if *stopped {
                total += (price + of.adders_usd_per_mwh - of.value_usd_per_mwh) * prices.step_h();
            }
        }
        Some(total)
    }

    #[test]
    fn a_lull_between_two_peaks_is_slept_through() {
        // Restarting costs 50, and the hour between loses 30.
        let prices = series(&[10, 200, 66, 200, 10, 101, 10], 3600);
        let of = a_use(100, 50, 0.0);
        let plan = curtail(&prices, &of).unwrap();
        // 101 + 4 is above 100, and no stop is worth 5.
        assert_eq!(plan.stopped, [false, true, true, true, false, false, false]);
        assert_eq!(plan.stops(), 1);
        let cheap = curtail(&prices, &a_use(100, 20, 0.0)).unwrap();
        assert_eq!(
            cheap.stopped,
            [false, true, false, true, false, false, false]
        );
        assert_eq!(cheap.stops(), 2);
    }

    #[test]
    fn a_long_stop_pays_for_its_cheap_hours() {
        let prices = series(&[50, 40, 400, 90, 50, 50], 3600);
        let plan = curtail(&prices, &a_use(100, 0, 3.0)).unwrap();
        assert_eq!(plan.stopped, [false, false, true, true, true, false]);
        // The series ends before a stop from the peak on would be long enough.
        let plan = curtail(&series(&[50, 400], 3600), &a_use(100, 0, 3.0)).unwrap();
        assert_eq!(plan.stopped, [false, false]);
    }

    #[test]
    fn uses_that_make_no_sense() {
        let prices = series(&[1, 2], 3600);
        let refused = |change: fn(&mut Use), what: &str| {
            let mut bad = a_use(100, 1, 1.0);
            change(&mut bad);
            let error = curtail(&prices, &bad).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        refused(
            |of| of.value_usd_per_mwh = f64::NAN,
            "value in USD/MWh of NaN",
        );
        refused(
            |of| of.adders_usd_per_mwh = 1e7,
            "charge in USD/MWh of 10000000",
        );
        refused(
            |of| of.stop_cost_usd_per_mw = -1.0,
            "cost of a stop in USD/MW of -1",
        );
        refused(|of| of.min_stop_h = -0.5, "least stop in hours of -0.5");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_plan_is_better(
            prices in prop::collection::vec(-50..300i32, 1..=12),
            value in -20..200i32, cost in 0..250i32, least in 0..5u32,
            step_s in prop::sample::select(vec![900i64, 1800, 3600]),
        ) {
            let prices = series(&prices, step_s);
            let of = a_use(value, cost, f64::from(least) * prices.step_h());
            let plan = curtail(&prices, &of).unwrap().stopped;
            let ours = worth(&plan, &prices, &of).expect("a stop is too short");
            let n = plan.len();
            let mut plans = (0..1u32 << n).map(|bits| (0..n).map(|i| bits >> i & 1 == 1).collect());
            let best = plans
                .try_fold(f64::NEG_INFINITY, |best: f64, plan: Vec<bool>| {
                    Some(worth(&plan, &prices, &of).map_or(best, |total| best.max(total)))
                })
                .unwrap();
            // Quarters of whole dollars: exact.
            prop_assert_eq!(ours, best);
        }

        /// Also where gains differ by fifteen orders of magnitude.
        #[test]
        fn without_a_cost_each_interval_decides_alone(
            prices in prop::collection::vec(
                prop_oneof![-1e6..1e6f64, 29.0..31.0f64, Just(30.0), Just(30.000_000_000_000_004)],
                1..300,
            ),
            adders in prop_oneof![Just(0.0), -5.0..5.0f64],
            step_s in prop::sample::select(vec![900, 3600]),
        ) {
            let prices = Prices::new(0, step_s, 0, prices).unwrap();
            let of = Use {
                value_usd_per_mwh: 30.0,
                adders_usd_per_mwh: adders,
                stop_cost_usd_per_mw: 0.0,
                min_stop_h: 0.0,
            };
            let plan = curtail(&prices, &of).unwrap();
            let threshold = of.threshold_usd_per_mwh();
            let alone: Vec<bool> = prices.usd_per_mwh().iter().map(|p| *p > threshold).collect();
            prop_assert_eq!(plan.stopped, alone);
        }

        #[test]
        fn a_dearer_stop_never_stops_more_often(
            prices in prop::collection::vec(-50..300i32, 1..200),
            value in 0..200i32, cost in 0..250i32, more in 0..250i32,
        ) {
            let prices = series(&prices, 3600);
            let stops = |cost| curtail(&prices, &a_use(value, cost, 0.0)).unwrap().stops();
            prop_assert!(stops(cost + more) <= stops(cost));
        }
    }
}
