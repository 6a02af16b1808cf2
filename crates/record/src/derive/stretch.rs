//! The part of a meter's series between two moments: the longest one without a gap, cut at
//! updates of the meter.

use perwatt_power::{MeterInfo, Provenance, Quantity};
use perwatt_stats::upper_median;

use super::{look_back, rising, seconds};
use crate::schema::{EnergySeries, Gap, SchemaId};

/// Smallest part of the requested time that the readings of a meter must cover.
const LEAST_COVERED: f64 = 0.5;
/// Power samples whose distance exceeds this many median distances have a gap between them,
/// even if the meter reported none.
const LONGEST_HOLE: f64 = 4.0;

/// Energy and time of a stretch by one meter.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Start: a tick of a counter or a sample of power.
    pub start_ns: u64,
    /// End: a tick of a counter or a sample of power.
    pub end_ns: u64,
    /// Seconds between start and end.
    pub time_s: f64,
    /// Joules between start and end.
    pub energy_j: f64,
    /// Number of distinct readings.
    pub updates: u64,
    /// Largest delay of the reading at an edge, in seconds; 0 for a stated power.
    pub edge_period_s: f64,
    /// Relative error of the mean of sampled power at coverage factor 2; absent for a counter,
    /// and for a meter that does not say how far it looks back.
    pub sampling_error_rel: Option<f64>,
    /// False if `edge_period_s` is only the time between readings, because the update
    /// period of the meter is unknown.
    pub edge_known: bool,
    /// Number of failed readings within the requested time.
    pub gaps: u32,
}

/// Reasons that a meter gives no joules for a stretch of time.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoFigure {
    /// The meter measures another device.
    #[error("it does not cover {device}")]
    NotCovered {
        /// The device that did the work.
        device: String,
    },
    /// The meter was not read at all, or its times do not rise.
    #[error("it returned no reading")]
    NoReading,
    /// Readings of the meter failed.
    #[error("{count} of its readings failed, first with: {first}")]
    Gaps {
        /// Number of failures.
        count: usize,
        /// Message of the first failure.
        first: String,
    },
    /// The meter updated too rarely.
    #[error("it updated too rarely: {updates}× in {time_s:.1} s; lengthen the window (--seconds)")]
    TooSlow {
        /// Number of readings that differ from the one before.
        updates: usize,
        /// Length of the window, in seconds.
        time_s: f64,
    },
    /// The window is too short for the update period of the meter and the time that it looks
    /// back.
    #[error("windows of {time_s:.1} s are too short for it: it needs {needed_s:.1} s (--seconds)")]
    ShortWindow {
        /// Length of the window, in seconds.
        time_s: f64,
        /// The length that suffices, in seconds.
        needed_s: f64,
    },
    /// The reading is zero or is not a valid energy.
    #[error("it says {power_w} W, which working hardware does not use")]
    NoPower {
        /// The power that it implies, in watts.
        power_w: f64,
    },
    /// The work at the edges of the stretch is not known.
    #[error("no work was reported at its edges")]
    NoWork,
}

/// Energy and time by the meter between `from_ns` and `to_ns`. What is measured began at
/// `since_ns`: readings that look back to before it are not used. The rules are those of
/// the record's minor version.
pub fn stretch(
    schema: &SchemaId,
    meter: &MeterInfo,
    series: &EnergySeries,
    since_ns: u64,
    from_ns: u64,
    to_ns: u64,
) -> Result<Stretch, NoFigure> {
    let settled_ns = look_back::settled_ns(schema, meter, series, since_ns);
    let requested = |t: u64| (from_ns..=to_ns).contains(&t);
    let inside = |t: u64| requested(t) && t >= settled_ns;
    let samples = &series.samples;
    let gaps: Vec<&Gap> = series.gaps.iter().filter(|g| requested(g.t_ns)).collect();
    let failed = || NoFigure::Gaps {
        count: gaps.iter().map(|g| g.count as usize).sum(),
        first: gaps.first().map_or_else(String::new, |g| g.reason.clone()),
    };
    let unread = || match gaps.is_empty() {
        true => NoFigure::NoReading,
        false => failed(),
    };
    if !rising(samples) || !samples.iter().any(|(t, _)| requested(*t)) {
        return Err(unread());
    }
    let distance_ns = median_distance_ns(samples);
    let distance_s = distance_ns as f64 * 1e-9;
    let whole_s = seconds(from_ns, to_ns);
    let best = parts(meter.quantity, samples, &series.gaps, distance_ns)
        .map(|part| ticks(meter.quantity, part, inside))
        .max_by_key(|ticks| span_ns(ticks))
        .unwrap_or_default();
    let too_slow = || match gaps.is_empty() {
        true => short_window(meter, distance_s, whole_s, seconds(from_ns, settled_ns)).unwrap_or(
            NoFigure::TooSlow {
                updates: best.len(),
                time_s: whole_s,
            },
        ),
        false => failed(),
    };
    let (Some(&(start_ns, first)), Some(&(end_ns, last))) = (best.first(), best.last()) else {
        return Err(match look_back::is_known(meter) {
            true => too_slow(),
            false => NoFigure::NoReading,
        });
    };
    let time_s = seconds(start_ns, end_ns);
    if end_ns <= start_ns
        || time_s < LEAST_COVERED * whole_s
        || look_back::is_too_short(meter, distance_s, whole_s, time_s)
    {
        return Err(too_slow());
    }
    let energy_j = match meter.quantity {
        Quantity::EnergyJ => last - first,
        Quantity::PowerW => best
            .windows(2)
            .map(|pair| (pair[0].1 + pair[1].1) / 2.0 * seconds(pair[0].0, pair[1].0))
            .sum(),
    };
    let power_w = energy_j / time_s;
    // An overflow is not a figure, and JSON cannot represent it.
    if !(power_w.is_finite() && power_w > 0.0) {
        return Err(NoFigure::NoPower { power_w });
    }
    let (updates, edge_period_s, edge_known) = updates(meter, &best, time_s, distance_s);
    let sampled = meter.quantity == Quantity::PowerW && look_back::is_known(meter);
    Ok(Stretch {
        start_ns,
        end_ns,
        time_s,
        energy_j,
        updates,
        edge_period_s,
        sampling_error_rel: sampled
            .then(|| look_back::sampling_error_rel(schema, meter, &best, time_s, edge_period_s)),
        edge_known,
        gaps: gaps.iter().map(|g| g.count).fold(0, u32::saturating_add),
    })
}

/// The error of a window that is too short for a meter of known look-back and update period;
/// `unsettled_s` of it have passed before its readings can be used.
fn short_window(
    meter: &MeterInfo,
    distance_s: f64,
    time_s: f64,
    unsettled_s: f64,
) -> Option<NoFigure> {
    let period_s = look_back::period_s(meter, distance_s)?;
    let shortest_s = look_back::shortest_window_s(meter.look_back_s?, period_s, distance_s);
    Some(NoFigure::ShortWindow {
        time_s,
        needed_s: match shortest_s > time_s {
            true => shortest_s,
            // So much longer that what is lost at its start leaves enough of it.
            false => (unsettled_s + period_s) / (1.0 - LEAST_COVERED),
        },
    })
}

/// Splits the samples wherever a reading failed or is missing.
fn parts<'a>(
    quantity: Quantity,
    samples: &'a [(u64, f64)],
    gaps: &[Gap],
    distance_ns: u64,
) -> impl Iterator<Item = &'a [(u64, f64)]> + use<'a> {
    let hole_ns = (LONGEST_HOLE * distance_ns as f64) as u64;
    // Sorted, so that the search in a long series with many gaps is fast.
    let mut failures: Vec<u64> = gaps.iter().map(|gap| gap.t_ns).collect();
    failures.sort_unstable();
    samples.chunk_by(move |a, b| {
        let next = failures.partition_point(|t| *t < a.0);
        let failed = failures.get(next).is_some_and(|t| *t <= b.0);
        // A counter's second reading includes all energy since the first, so it has no
        // hole.
        let hole = quantity == Quantity::PowerW && b.0 - a.0 > hole_ns;
        !failed && !hole
    })
}

/// The samples at which an edge may lie.
fn ticks(quantity: Quantity, part: &[(u64, f64)], inside: impl Fn(u64) -> bool) -> Vec<(u64, f64)> {
    match quantity {
        // Only a sample that differs from the one before it marks an update.
        Quantity::EnergyJ => part
            .windows(2)
            .filter(|pair| pair[0].1 != pair[1].1 && inside(pair[1].0))
            .map(|pair| pair[1])
            .collect(),
        Quantity::PowerW => part.iter().copied().filter(|(t, _)| inside(*t)).collect(),
    }
}

fn span_ns(ticks: &[(u64, f64)]) -> u64 {
    match (ticks.first(), ticks.last()) {
        (Some(first), Some(last)) => last.0 - first.0,
        _ => 0,
    }
}

fn median_distance_ns(samples: &[(u64, f64)]) -> u64 {
    let distances = samples.windows(2).map(|pair| pair[1].0 - pair[0].0);
    upper_median(distances.collect(), Ord::cmp).unwrap_or(0)
}

/// Smallest number of changes from which the update period of a meter is estimated.
const MIN_CHANGES: u64 = 3;

/// The number of distinct readings, the largest delay of one in seconds, and true if that
/// delay is known.
fn updates(
    meter: &MeterInfo,
    ticks: &[(u64, f64)],
    time_s: f64,
    distance_s: f64,
) -> (u64, f64, bool) {
    let seen = ticks.len() as u64;
    let changes = ticks.windows(2).filter(|pair| pair[0].1 != pair[1].1);
    let changes = changes.count() as u64;
    match (meter.provenance, meter.quantity, meter.update_period_s) {
        (Provenance::User | Provenance::Nameplate, ..) => (1, 0.0, true),
        // A tick is seen at most one reading after it occurs, however slow the counter is;
        // a counter faster than the readings delays it by at most its own period.
        (_, Quantity::EnergyJ, period_s) => {
            (seen, period_s.unwrap_or(distance_s).min(distance_s), true)
        }
        (_, Quantity::PowerW, Some(period_s)) if period_s > distance_s => {
            let updates = ((time_s / period_s).floor() as u64).saturating_add(1);
            (updates.min(seen), period_s, true)
        }
        (_, Quantity::PowerW, Some(_)) => (seen, distance_s, true),
        (_, Quantity::PowerW, None) if changes >= MIN_CHANGES => {
            (changes + 1, time_s / (changes + 1) as f64, true)
        }
        // Equal readings may be a single update, but a steady load also makes them equal.
        (_, Quantity::PowerW, None) => (changes + 1, distance_s, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gap(t_ns: u64) -> Gap {
        Gap {
            t_ns,
            count: 1,
            reason: String::new(),
        }
    }

    proptest! {
        /// Gaps in any order split a series where one lies at or between two samples.
        #[test]
        fn a_gap_between_two_samples_parts_them(
            times in prop::collection::btree_set(0..100u64, 0..40),
            gaps in prop::collection::vec(0..100u64, 0..40),
        ) {
            let samples: Vec<(u64, f64)> = times.into_iter().map(|t| (t, 1.0)).collect();
            let gaps: Vec<Gap> = gaps.into_iter().map(gap).collect();
            let failed = |a: u64, b: u64| gaps.iter().any(|g| (a..=b).contains(&g.t_ns));
            let wanted: Vec<&[(u64, f64)]> =
                samples.chunk_by(|a, b| !failed(a.0, b.0)).collect();
            let found: Vec<&[(u64, f64)]> =
                parts(Quantity::EnergyJ, &samples, &gaps, 1).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    /// A search of all gaps for each sample would take minutes with this many.
    #[test]
    fn many_gaps_are_no_work() {
        let began = std::time::Instant::now();
        let samples: Vec<(u64, f64)> = (0..400_000).map(|i| (2 * i, i as f64)).collect();
        let gaps: Vec<Gap> = (0..400_000).map(|i| gap(2 * i + 1)).collect();
        let found = parts(Quantity::EnergyJ, &samples, &gaps, 2).count();
        assert_eq!(found, samples.len());
        assert!(began.elapsed().as_secs() < 60, "it hangs");
    }
}
