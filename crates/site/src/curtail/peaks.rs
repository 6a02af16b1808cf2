//! The most expensive intervals, and the number of them that a plan avoids.
//!
//! Some charges are set by a site's draw in a few hours of the year, such as the four
//! summer peaks by which Texas shares out the cost of transmission. Those hours are
//! determined by the load of the grid, not by its price; the most expensive intervals stand
//! in for them if only prices are known.

use serde::Serialize;

use super::prices::Prices;
use super::stop::Plan;

/// The rule for intervals that count as peaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeakRule {
    /// The most expensive of the series, at any time.
    Anytime,
    /// The most expensive of each month of local clocks, and of those the most expensive.
    DistinctMonths,
}

/// The most expensive intervals, and those of them that a plan avoids.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peaks {
    /// The number asked for.
    pub wanted: usize,
    /// The peaks found, the most expensive first: fewer than `wanted` if the series has
    /// fewer intervals or months.
    pub peaks: Vec<Peak>,
    /// The number of them in which the use is stopped.
    pub avoided: usize,
    /// The share of `peaks` that is avoided, from 0 to 1; `None` if there is no peak.
    pub avoided_share: Option<f64>,
}

/// One of the most expensive intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peak {
    /// Its beginning, as RFC 3339 in local time.
    pub start: String,
    /// Its price, in USD/MWh.
    pub usd_per_mwh: f64,
    /// True if the use is stopped in it.
    pub avoided: bool,
}

/// The `wanted` most expensive intervals by `rule`, and the number of them in which `plan`
/// is stopped. Of intervals with equal prices the first counts. An interval beyond the
/// plan's end counts as running.
pub fn avoided_peaks(prices: &Prices, plan: &Plan, wanted: usize, rule: PeakRule) -> Peaks {
    let dear = prices.usd_per_mwh();
    let mut order: Vec<usize> = (0..dear.len()).collect();
    // The sort is stable: of equal prices the first stays first.
    order.sort_by(|a, b| dear[*b].total_cmp(&dear[*a]));
    if rule == PeakRule::DistinctMonths {
        let mut seen = std::collections::BTreeSet::new();
        order.retain(|index| seen.insert(prices.month(*index)));
    }
    order.truncate(wanted);
    let peaks: Vec<Peak> = order
        .into_iter()
        .map(|index| Peak {
            start: prices.start(index).unwrap_or_default(),
            usd_per_mwh: dear[index],
            avoided: plan.stopped.get(index).copied().unwrap_or_default(),
        })
        .collect();
    let avoided = peaks.iter().filter(|peak| peak.avoided).count();
    Peaks {
        wanted,
        avoided,
        avoided_share: (!peaks.is_empty()).then(|| avoided as f64 / peaks.len() as f64),
        peaks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curtail::{Use, curtail};
    use proptest::prelude::*;

    const DAY_S: i64 = 86_400;
    /// 2026-06-01T00:00:00Z.
    const JUNE: i64 = 1_780_272_000;

    fn plan(prices: &Prices, value: f64) -> Plan {
        let of = Use {
            value_usd_per_mwh: value,
            adders_usd_per_mwh: 0.0,
            stop_cost_usd_per_mw: 0.0,
            min_stop_h: 0.0,
        };
        curtail(prices, &of).unwrap()
    }

    #[test]
    fn months_have_one_peak_each() {
        // A day each from June to August; the two most expensive are in June.
        let mut days = vec![20.0; 92];
        days[3] = 900.0;
        days[4] = 800.0;
        days[40] = 90.0;
        days[70] = 300.0;
        let prices = Prices::new(JUNE, DAY_S, 0, days).unwrap();
        let plan = plan(&prices, 100.0);
        let months = avoided_peaks(&prices, &plan, 4, PeakRule::DistinctMonths);
        let found: Vec<(&str, bool)> = months
            .peaks
            .iter()
            .map(|p| (p.start.as_str(), p.avoided))
            .collect();
        assert_eq!(
            found,
            [
                ("2026-06-04T00:00:00+00:00", true),
                ("2026-08-10T00:00:00+00:00", true),
                ("2026-07-11T00:00:00+00:00", false),
            ]
        );
        assert_eq!((months.wanted, months.avoided), (4, 2));
        assert_eq!(months.avoided_share, Some(2.0 / 3.0));
        let anytime = avoided_peaks(&prices, &plan, 4, PeakRule::Anytime);
        assert_eq!((anytime.peaks.len(), anytime.avoided), (4, 3));
    }

    #[test]
    fn a_month_is_that_of_local_clocks() {
        // The hours before and after midnight of the first of July in Chicago.
        let first = JUNE + 30 * DAY_S + 4 * 3600;
        let local = Prices::new(first, 3600, -5 * 3600, vec![5.0, 7.0]).unwrap();
        let utc = Prices::new(first, 3600, 0, vec![5.0, 7.0]).unwrap();
        let count = |prices| {
            let none = Plan {
                stopped: vec![false; 2],
            };
            avoided_peaks(prices, &none, 4, PeakRule::DistinctMonths)
                .peaks
                .len()
        };
        assert_eq!((count(&local), count(&utc)), (2, 1));
    }

    #[test]
    fn none_wanted_is_no_share() {
        let prices = Prices::new(0, 3600, 0, vec![1.0]).unwrap();
        let none = avoided_peaks(&prices, &plan(&prices, 0.0), 0, PeakRule::Anytime);
        assert_eq!((none.avoided, none.avoided_share), (0, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// The calendar repeats every 400 years.
        #[test]
        fn the_same_calendar_has_the_same_peaks(
            prices in prop::collection::vec(-50.0..5000.0f64, 1..300), value in 0.0..5000.0f64,
        ) {
            let here = Prices::new(JUNE, DAY_S, 0, prices.clone()).unwrap();
            let there = Prices::new(JUNE + 146_097 * DAY_S, DAY_S, 0, prices).unwrap();
            let of = |prices: &Prices| {
                let peaks = avoided_peaks(prices, &plan(prices, value), 4, PeakRule::DistinctMonths);
                (peaks.avoided, peaks.peaks.iter().map(|p| p.usd_per_mwh).collect::<Vec<_>>())
            };
            prop_assert_eq!(of(&here), of(&there));
        }

        /// Without a cost of stops the most expensive intervals are avoided first.
        #[test]
        fn peaks_above_the_value_are_avoided(
            prices in prop::collection::vec(-50.0..5000.0f64, 1..300), value in 0.0..5000.0f64,
        ) {
            let prices = Prices::new(JUNE, 3600, 0, prices).unwrap();
            for rule in [PeakRule::Anytime, PeakRule::DistinctMonths] {
                let peaks = avoided_peaks(&prices, &plan(&prices, value), 4, rule);
                prop_assert!(peaks.peaks.iter().all(|p| p.avoided == (p.usd_per_mwh > value)));
            }
        }
    }
}
