//! The value of a plan of stops.

use serde::Serialize;

use super::error::UseError;
use super::prices::Prices;
use super::stop::{Plan, Use, curtail};

/// Hours in a year of 365 days. Published yearly figures use this year: at $40.58/PH/day
/// and 8.9 J/TH a MW-year is $1,664,000 by it, as published, and $1,665,000 by 365.25 days.
/// A file of the prices of a common year has as many hours. (A site's months are twelfths
/// of 365.25 days, so that they keep step with the calendar's dates.)
const HOURS_PER_YEAR: f64 = 8760.0;

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
    /// The sums for a year of 8760 hours; `None` if the series covers less than 365 days.
    /// [`Report::scaled_to_year`] extrapolates a shorter one.
    pub per_year: Option<PerYear>,
}

/// Sums of a [`Report`], scaled to 8760 hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PerYear {
    /// Hours stopped.
    pub hours_stopped: f64,
    /// Stops.
    pub stops: f64,
    /// [`Report::avoided_usd_per_mw`], a year.
    pub avoided_usd_per_mw: f64,
    /// [`Report::adders_avoided_usd_per_mw`], a year.
    pub adders_avoided_usd_per_mw: f64,
    /// [`Report::revenue_lost_usd_per_mw`], a year.
    pub revenue_lost_usd_per_mw: f64,
    /// [`Report::stop_costs_usd_per_mw`], a year.
    pub stop_costs_usd_per_mw: f64,
    /// [`Report::net_gain_usd_per_mw`], a year.
    pub net_gain_usd_per_mw: f64,
}

impl Report {
    /// The sums scaled to 8760 hours, however short the series is. That assumes that the
    /// rest of the year is like it, which is not true of a single season: state this beside
    /// the figures.
    pub fn scaled_to_year(&self) -> PerYear {
        let factor = HOURS_PER_YEAR / self.hours;
        PerYear {
            hours_stopped: self.hours_stopped * factor,
            stops: self.stops as f64 * factor,
            avoided_usd_per_mw: self.avoided_usd_per_mw * factor,
            adders_avoided_usd_per_mw: self.adders_avoided_usd_per_mw * factor,
            revenue_lost_usd_per_mw: self.revenue_lost_usd_per_mw * factor,
            stop_costs_usd_per_mw: self.stop_costs_usd_per_mw * factor,
            net_gain_usd_per_mw: self.net_gain_usd_per_mw * factor,
        }
    }

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
        let mut report = Self {
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
            per_year: None,
        };
        report.per_year = (report.hours >= HOURS_PER_YEAR).then(|| report.scaled_to_year());
        report
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

/// One point of a [`curve`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The earnings of one MWh, in USD/MWh.
    pub value_usd_per_mwh: f64,
    /// The share of hours stopped, from 0 to 1.
    pub share_stopped: f64,
    /// The share of hours in which the use runs: `1 - share_stopped`.
    pub uptime: f64,
    /// The number of stops.
    pub stops: usize,
    /// The gain over never stopping, in USD/MW.
    pub net_gain_usd_per_mw: f64,
}

/// The share of time that a use runs, as a function of its earnings: one point for each of
/// `values` (USD/MWh), in their order, with the charges and costs of `like`. Without a cost
/// of stops and a minimum stop, `uptime` is the share of intervals whose price is at or
/// below `value - adders`.
///
/// # Errors
/// [`UseError`], as [`curtail`], for `like` or one of the values.
pub fn curve(prices: &Prices, like: &Use, values: &[f64]) -> Result<Vec<CurvePoint>, UseError> {
    let point = |value_usd_per_mwh: &f64| {
        let of = Use {
            value_usd_per_mwh: *value_usd_per_mwh,
            ..*like
        };
        let (_, report) = report(prices, &of)?;
        Ok(CurvePoint {
            value_usd_per_mwh: *value_usd_per_mwh,
            share_stopped: report.share_stopped,
            uptime: 1.0 - report.share_stopped,
            stops: report.stops,
            net_gain_usd_per_mw: report.net_gain_usd_per_mw,
        })
    };
    values.iter().map(point).collect()
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
            per_year: None,
        };
        assert_eq!(report, expected);
        assert_eq!(report.scaled_to_year().net_gain_usd_per_mw, 1227.0 * 8760.0);
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

    #[test]
    fn only_a_year_is_a_year() {
        let of_days = |days: usize| {
            let prices = (0..24 * days).map(|h| if h % 24 == 18 { 300.0 } else { 30.0 });
            let prices = Prices::new(0, 3600, 0, prices.collect()).unwrap();
            report(&prices, &MINER).unwrap().1
        };
        assert_eq!(of_days(364).per_year, None);
        let year = of_days(365).per_year.unwrap();
        assert_eq!((year.hours_stopped, year.stops), (365.0, 365.0));
        assert_eq!(year.net_gain_usd_per_mw, 200.0 * 365.0);
        let two = of_days(730);
        assert!((two.per_year.unwrap().stops - 365.0).abs() < 1e-9);
        // A shorter series is scaled only on request.
        assert!((of_days(28).scaled_to_year().stops - 365.0).abs() < 1e-9);
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
        fn the_curve_is_the_share_at_or_below_the_cut_off(
            prices in prop::collection::vec(-50..400i32, 1..200),
            values in prop::collection::vec(-50..400i32, 0..8),
        ) {
            let prices: Vec<f64> = prices.into_iter().map(f64::from).collect();
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let series = Prices::new(0, 900, 0, prices.clone()).unwrap();
            let curve = curve(&series, &MINER, &values).unwrap();
            prop_assert_eq!(curve.len(), values.len());
            for (point, value) in curve.iter().zip(&values) {
                let runs = prices.iter().filter(|p| **p + 10.0 <= *value).count();
                prop_assert!((point.uptime - runs as f64 / prices.len() as f64).abs() < 1e-12);
                prop_assert_eq!(point.value_usd_per_mwh, *value);
            }
        }
    }
}
