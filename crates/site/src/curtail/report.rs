//! The value of a plan of stops.

use serde::Serialize;

use super::error::UseError;
use super::prices::Prices;
use super::stop::{Plan, Use, curtail};

/// The value of the best plan of stops over a series, per MW of power at the site's meter,
/// compared with never stopping.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The price above which running in an interval loses money, in USD/MWh.
    pub threshold_usd_per_mwh: f64,
    /// The length of the series, in hours.
    pub hours: f64,
    /// Its length in days of 24 hours. Below 365 it does not cover a year, and prices of
    /// one season say little about another.
    pub covers_days: f64,
    /// Hours stopped.
    pub hours_stopped: f64,
    /// The share of hours stopped, from 0 to 1.
    pub share_stopped: f64,
    /// The number of stops.
    pub stops: usize,
    /// The mean price of all intervals, in USD/MWh.
    pub mean_price_all_usd_per_mwh: f64,
    /// The mean price of the intervals in which the use runs, in USD/MWh; `None` if it
    /// never does.
    pub mean_price_running_usd_per_mwh: Option<f64>,
    /// The mean price of the intervals in which it is stopped, in USD/MWh; `None` if it
    /// never is.
    pub mean_price_stopped_usd_per_mwh: Option<f64>,
    /// The price of the power of the stopped intervals, in USD/MW: it is not bought, or it
    /// is sold back under a contract with a fixed price.
    pub avoided_usd_per_mw: f64,
    /// The charges besides the price that are not paid either, in USD/MW.
    pub adders_avoided_usd_per_mw: f64,
    /// The earnings that the use loses in the stopped intervals, in USD/MW.
    pub revenue_lost_usd_per_mw: f64,
    /// The cost of the stops themselves, in USD/MW.
    pub stop_costs_usd_per_mw: f64,
    /// The gain of the plan over never stopping, in USD/MW: both sums avoided, less the two
    /// lost. Never below zero except by rounding.
    pub net_gain_usd_per_mw: f64,
}

impl Report {
    fn of(prices: &Prices, of: &Use, plan: &Plan) -> Self {
        let step_h = prices.step_h();
        let (mut stopped, mut sum_stopped, mut sum_running) = (0_usize, 0.0, 0.0);
        for (price, is_stopped) in prices.usd_per_mwh().iter().zip(&plan.stopped) {
            match is_stopped {
                true => {
                    stopped += 1;
                    sum_stopped += price;
                }
                false => sum_running += price,
            }
        }
        let all = prices.intervals();
        let mean = |sum: f64, n: usize| (n > 0).then(|| sum / n as f64);
        let hours_stopped = stopped as f64 * step_h;
        let stops = plan.stops();
        let avoided = sum_stopped * step_h;
        let adders_avoided = of.adders_usd_per_mwh * hours_stopped;
        let revenue_lost = of.value_usd_per_mwh * hours_stopped;
        let stop_costs = of.stop_cost_usd_per_mw * stops as f64;
        Self {
            threshold_usd_per_mwh: of.threshold_usd_per_mwh(),
            hours: prices.hours(),
            covers_days: prices.days(),
            hours_stopped,
            share_stopped: stopped as f64 / all as f64,
            stops,
            mean_price_all_usd_per_mwh: (sum_stopped + sum_running) / all as f64,
            mean_price_running_usd_per_mwh: mean(sum_running, all - stopped),
            mean_price_stopped_usd_per_mwh: mean(sum_stopped, stopped),
            avoided_usd_per_mw: avoided,
            adders_avoided_usd_per_mw: adders_avoided,
            revenue_lost_usd_per_mw: revenue_lost,
            stop_costs_usd_per_mw: stop_costs,
            net_gain_usd_per_mw: avoided + adders_avoided - revenue_lost - stop_costs,
        }
    }
}

/// The best plan ([`curtail`]) and its value.
///
/// # Errors
/// [`UseError`], as [`curtail`].
pub fn report(prices: &Prices, of: &Use) -> Result<(Plan, Report), UseError> {
    let plan = curtail(prices, of)?;
    let report = Report::of(prices, of, &plan);
    Ok((plan, report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINER: Use = Use {
        value_usd_per_mwh: 110.0,
        adders_usd_per_mwh: 10.0,
        stop_cost_usd_per_mw: 0.0,
        min_stop_h: 0.0,
    };

    #[test]
    fn every_figure_of_a_small_series() {
        let prices = Prices::new(0, 900, 0, vec![20.0, 5000.0, 140.0, -40.0]).unwrap();
        let of = Use {
            stop_cost_usd_per_mw: 8.0,
            ..MINER
        };
        let (plan, report) = report(&prices, &of).unwrap();
        assert_eq!(plan.stopped, [false, true, true, false]);
        let expected = Report {
            threshold_usd_per_mwh: 100.0,
            hours: 1.0,
            covers_days: 1.0 / 24.0,
            hours_stopped: 0.5,
            share_stopped: 0.5,
            stops: 1,
            mean_price_all_usd_per_mwh: 1280.0,
            mean_price_running_usd_per_mwh: Some(-10.0),
            mean_price_stopped_usd_per_mwh: Some(2570.0),
            avoided_usd_per_mw: 1285.0,
            adders_avoided_usd_per_mw: 5.0,
            revenue_lost_usd_per_mw: 55.0,
            stop_costs_usd_per_mw: 8.0,
            net_gain_usd_per_mw: 1227.0,
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn means_of_nothing_are_none() {
        let prices = Prices::new(0, 3600, 0, vec![20.0, 30.0]).unwrap();
        let never = report(&prices, &MINER).unwrap().1;
        assert_eq!(never.mean_price_stopped_usd_per_mwh, None);
        assert_eq!((never.stops, never.net_gain_usd_per_mw), (0, 0.0));
        let worthless = Use {
            value_usd_per_mwh: 0.0,
            ..MINER
        };
        let always = report(&prices, &worthless).unwrap().1;
        assert_eq!(always.mean_price_running_usd_per_mwh, None);
        assert_eq!((always.stops, always.share_stopped), (1, 1.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn shifting_all_times_changes_nothing(
            prices in prop::collection::vec(-50.0..5000.0f64, 1..200),
            shift_s in -1_000_000_000..1_000_000_000i64,
            value in 0.0..300.0f64, cost in 0.0..300.0f64, min_stop_h in 0.0..6.0f64,
        ) {
            let of = Use { value_usd_per_mwh: value, stop_cost_usd_per_mw: cost, min_stop_h, ..MINER };
            let here = Prices::new(1_700_000_000, 900, 0, prices.clone()).unwrap();
            let there = Prices::new(1_700_000_000 + shift_s, 900, 0, prices).unwrap();
            prop_assert_eq!(report(&here, &of).unwrap(), report(&there, &of).unwrap());
        }

        #[test]
        fn stopping_never_loses(
            prices in prop::collection::vec(-50.0..5000.0f64, 1..300),
            value in 0.0..300.0f64, cost in 0.0..3000.0f64, min_stop_h in 0.0..30.0f64,
        ) {
            let prices = Prices::new(0, 3600, 0, prices).unwrap();
            let of = Use { value_usd_per_mwh: value, stop_cost_usd_per_mw: cost, min_stop_h, ..MINER };
            let report = report(&prices, &of).unwrap().1;
            prop_assert!(report.net_gain_usd_per_mw >= -1e-6, "{report:?}");
            prop_assert!(report.hours_stopped >= min_stop_h * report.stops as f64 - 1e-9);
        }

        #[test]
        fn it_runs_at_or_below_the_cut_off(
            prices in prop::collection::vec(-50..400i32, 1..200),
            values in prop::collection::vec(-50..400i32, 0..8),
        ) {
            let prices: Vec<f64> = prices.into_iter().map(f64::from).collect();
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let series = Prices::new(0, 900, 0, prices.clone()).unwrap();
            for value in values {
                let of = Use { value_usd_per_mwh: value, ..MINER };
                let uptime = 1.0 - report(&series, &of).unwrap().1.share_stopped;
                let runs = prices.iter().filter(|p| **p + 10.0 <= value).count();
                prop_assert!((uptime - runs as f64 / prices.len() as f64).abs() < 1e-12);
            }
        }
    }
}
