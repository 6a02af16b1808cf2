//! Rows whose work is counted by chance events: shares of a miner.

use perwatt_stats::{CONFIDENCE, count_interval, dispersion_chance};

use crate::schema::{Interval, Measured, Run};

/// Windows whose counts chance spreads as far as they are with less than this probability
/// are of a rate that changed; the count of all says nothing of how much it changes.
const LEAST_CHANCE: f64 = 0.01;

/// The rate of all windows together, with the interval of their events where the windows
/// agree, or else with that of their median.
pub fn pooled(runs: &[(&Run, &Measured)], over_runs: Interval) -> Interval {
    let sums = runs
        .iter()
        .try_fold((0, 0.0, 0.0), |(events, work, time_s), (_, measured)| {
            let counted = measured.counted?;
            Some((
                events + counted.events,
                work + measured.work,
                time_s + measured.time_s,
            ))
        });
    let Some((events, work, time_s)) = sums.filter(|(events, ..)| *events > 0) else {
        return over_runs;
    };
    let median = work / time_s;
    let counts: Vec<(u64, f64)> = (runs.iter())
        .filter_map(|(_, measured)| Some((measured.counted?.events, measured.time_s)))
        .collect();
    let agree = dispersion_chance(&counts).is_none_or(|chance| chance >= LEAST_CHANCE);
    let weight = relative_weight(runs, events);
    let exact = count_interval(
        &[(weight, (events as f64 / weight).round() as u64)],
        CONFIDENCE,
    )
    .filter(|_| agree);
    match exact {
        Some(exact) => Interval {
            median,
            low: Some(median * exact.low / exact.total),
            high: Some(median * exact.high / exact.total),
            confidence: Some(CONFIDENCE),
            ..over_runs
        },
        None => Interval {
            median,
            ..over_runs
        },
    }
}

/// How many events of different weights do as much as one of equal ones would: 1 for a
/// miner, more for a sum of miners whose shares differ in difficulty.
fn relative_weight(runs: &[(&Run, &Measured)], events: u64) -> f64 {
    let variance = runs.iter().filter_map(|(_, measured)| {
        let counted = measured.counted?;
        let plain = count_interval(&[(1.0, counted.events)], CONFIDENCE)?;
        let width = (counted.high_per_s - counted.low_per_s) / measured.rate_per_s;
        let wider = width * plain.total / (plain.high - plain.low);
        Some(wider * wider * counted.events as f64)
    });
    (variance.sum::<f64>() / events as f64).max(1.0)
}
