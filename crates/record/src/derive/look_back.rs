//! Meters that show power of earlier moments: they average, they are late, or they update
//! rarely.
//!
//! Applies to meters whose description has [`MeterInfo::look_back_s`]. Figures of records
//! that were written before it existed take no account of it.

use perwatt_power::{MeterInfo, Provenance, Quantity};
use perwatt_stats as stats;

use super::factors::{EDGES, K};
use crate::schema::{EnergySeries, MeasuredEnergy, SchemaId, Term};

/// Smallest number of update periods between the first and the last reading of a window:
/// fewer readings do not show how much the power varies.
const LEAST_PERIODS: f64 = 2.0;
/// Time in seconds that a power meter is assumed to take for an update where it could not be
/// seen: none that is read more often was seen to take longer.
pub const ASSUMED_PERIOD_S: f64 = 1.0;
/// The first minor version in which a meter's unknown update period ends the wait for its
/// next reading, repeated readings count once when their correlation is estimated, and idle
/// power has the error by the meter's resolution.
const REVISED: u32 = 6;
/// The first minor version in which the advised window takes account of the kind of meter.
const BY_QUANTITY: u32 = 7;
/// Readings that count as independent however much they resemble each other: with fewer, an
/// estimated correlation says more of chance than of the power.
const LEAST_INDEPENDENT: f64 = 3.0;
/// Confidence of an interval at coverage factor 2.
const CONFIDENCE: f64 = 0.95;

/// The shortest window in seconds for a meter that looks back so far, updates so often and is
/// read at this interval. In a shorter one most of a reading would be power from before the
/// window.
pub fn shortest_window_s(look_back_s: f64, period_s: f64, interval_s: f64) -> f64 {
    (LEAST_PERIODS * period_s.max(interval_s) + interval_s).max(look_back_s)
}

/// The time in seconds after which no reading shows anything from before it.
pub fn settling_s(look_back_s: f64, period_s: f64, quantity: Quantity) -> f64 {
    match quantity {
        // An update of a counter is seen when it occurs.
        Quantity::EnergyJ => look_back_s,
        Quantity::PowerW => look_back_s + period_s,
    }
}

/// True if the record's figures follow the rules of minor version 6.
pub(super) fn is_revised(schema: &SchemaId) -> bool {
    schema.minor >= REVISED
}

/// True if the meter's description says how far it looks back.
pub(super) fn is_known(meter: &MeterInfo) -> bool {
    meter.look_back_s.is_some()
}

/// The time in seconds between updates of a meter that is read every `distance_s`; `None`
/// for a counter of which it is not known.
pub(super) fn period_s(meter: &MeterInfo, distance_s: f64) -> Option<f64> {
    match (meter.quantity, meter.update_period_s) {
        (_, Some(period_s)) => Some(period_s.max(distance_s)),
        (Quantity::PowerW, None) => Some(distance_s),
        (Quantity::EnergyJ, None) => None,
    }
}

/// True if a window of `whole_s` is shorter than a power meter looks back, or the `time_s` of
/// it that its readings cover are shorter than its update period.
pub(super) fn is_too_short(meter: &MeterInfo, distance_s: f64, whole_s: f64, time_s: f64) -> bool {
    let stated = matches!(meter.provenance, Provenance::User | Provenance::Nameplate);
    match (
        meter.quantity,
        meter.look_back_s,
        period_s(meter, distance_s),
    ) {
        (Quantity::PowerW, Some(look_back_s), Some(period_s)) if !stated => {
            whole_s < look_back_s || time_s < period_s
        }
        _ => false,
    }
}

/// The first moment at which a reading shows only what happened since `since_ns`.
pub(super) fn settled_ns(
    schema: &SchemaId,
    meter: &MeterInfo,
    series: &EnergySeries,
    since_ns: u64,
) -> u64 {
    let Some(look_back_s) = meter.look_back_s else {
        return since_ns;
    };
    let after = |seconds: f64| since_ns.saturating_add((seconds * 1e9) as u64);
    match (meter.quantity, meter.update_period_s) {
        (Quantity::PowerW, None) => {
            let shown_ns = after(look_back_s);
            updated_ns(series, shown_ns, is_revised(schema))
        }
        (quantity, period_s) => after(settling_s(look_back_s, period_s.unwrap_or(0.0), quantity)),
    }
}

/// The first moment from `shown_ns` on at which a meter of unknown update period has been
/// updated. A reading that changes has just been updated; one that does not may be as old
/// as the shortest time between two changes.
fn updated_ns(series: &EnergySeries, shown_ns: u64, is_revised: bool) -> u64 {
    let pairs = series.samples.windows(2);
    let changes: Vec<_> = pairs.filter(|pair| pair[0].1 != pair[1].1).collect();
    let Some(fresh) = changes.iter().find(|pair| pair[1].0 >= shown_ns) else {
        return shown_ns;
    };
    let (old_w, fresh_ns) = (fresh[0].1, fresh[1].0);
    if !is_revised {
        return fresh_ns;
    }
    let later = series.samples.iter().filter(|(t, _)| *t >= fresh_ns);
    let (low_w, high_w) = later.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, w)| {
        (low.min(*w), high.max(*w))
    });
    // Power that the load shows later too is the load's.
    if (low_w..=high_w).contains(&old_w) {
        return shown_ns;
    }
    let apart = changes.windows(2).map(|pair| pair[1][1].0 - pair[0][1].0);
    let period_ns = apart.min().unwrap_or((ASSUMED_PERIOD_S * 1e9) as u64);
    fresh_ns.min(shown_ns.saturating_add(period_ns))
}

/// Relative error, at coverage factor 2, of the mean of sampled power over `time_s`: by the
/// scatter of its readings, and by the power at the edges that belongs to moments before
/// them. A power that does not change has none.
pub(super) fn sampling_error_rel(
    schema: &SchemaId,
    meter: &MeterInfo,
    ticks: &[(u64, f64)],
    time_s: f64,
    period_s: f64,
) -> f64 {
    if matches!(meter.provenance, Provenance::User | Provenance::Nameplate) {
        return 0.0;
    }
    let watts: Vec<f64> = ticks.iter().map(|(_, watts)| *watts).collect();
    let scatter = stats::mean(&watts).zip(stats::deviation(&watts));
    let Some((mean, deviation)) = scatter.filter(|(mean, _)| *mean > 0.0) else {
        return 0.0;
    };
    let count = watts.len() as f64;
    let spacing_s = period_s.max(meter.averaging_s.unwrap_or(0.0));
    let updates = time_s / spacing_s + 1.0;
    // Readings that repeat or overlap are not independent.
    let independent = match is_revised(schema) {
        true => {
            let stride = (spacing_s * (count - 1.0) / time_s).round().max(1.0) as usize;
            let apart: Vec<f64> = watts.into_iter().step_by(stride).collect();
            let count = (apart.len() as f64).min(updates);
            let factor = stats::correlation_factor(&[apart]).unwrap_or(1.0);
            (count / (factor * factor)).max(count.min(LEAST_INDEPENDENT))
        }
        false => {
            let factor = stats::correlation_factor(&[watts]).unwrap_or(1.0);
            (count / (factor * factor)).min(updates).floor()
        }
    };
    let independent = independent.max(2.0);
    // Readings that resemble each other scatter less about their own mean than about the
    // true one: the degrees of freedom are those of the independent ones.
    let deviation = deviation * ((1.0 - 1.0 / count) / (1.0 - 1.0 / independent)).sqrt();
    let t = stats::t_factor(CONFIDENCE, independent - 1.0).unwrap_or(K);
    let late_s = period_s + meter.look_back_s.unwrap_or(0.0);
    let edges = K * EDGES * late_s / time_s;
    deviation / mean * edges.hypot(t / independent.sqrt())
}

/// The error by its edges of a run, as one standard deviation, and the length of a window with
/// an error of `wanted`, in seconds; `None` for a run without them.
fn window_with(
    schema: &SchemaId,
    quantity: Quantity,
    run: &MeasuredEnergy,
    wanted: f64,
) -> Option<(f64, f64)> {
    let edges = run.uncertainty.as_ref()?.terms.get(&Term::Edges)? / K;
    let spacing_s = run.time_s / run.updates.saturating_sub(1).max(1) as f64;
    // Readings lie up to one update within each end of a window.
    let late_s = 2.0 * run.edge_period_s?.max(spacing_s);
    // A counter's error is a time at its edges, and does not scatter.
    if quantity == Quantity::EnergyJ && schema.minor >= BY_QUANTITY {
        return Some((edges, run.time_s * edges / wanted + late_s));
    }
    // A longer window also has more readings to tell the scatter from.
    let few = match is_revised(schema) {
        true => stats::t_factor(CONFIDENCE, run.updates.saturating_sub(1).max(1) as f64)? / K,
        false => 1.0,
    };
    let edges = edges / few.max(1.0);
    // The error falls at least with the root of the length.
    Some((edges, run.time_s * (edges / wanted).powi(2) + late_s))
}

/// The length of a window in which a run like this one has an error by its edges of `wanted`,
/// as one standard deviation; `None` if the run says nothing of it.
pub fn window_for(
    schema: &SchemaId,
    quantity: Quantity,
    run: &MeasuredEnergy,
    wanted: f64,
) -> Option<f64> {
    window_with(schema, quantity, run, wanted).map(|(_, length_s)| length_s)
}

/// The length of a window at which a run would have an error by its edges of at most
/// `wanted`, as one standard deviation; `None` if they are long enough.
pub(super) fn needed_window_s(
    schema: &SchemaId,
    quantity: Quantity,
    runs: &[&MeasuredEnergy],
    wanted: f64,
) -> Option<f64> {
    let needed = |run: &&MeasuredEnergy| {
        let (edges, length_s) = window_with(schema, quantity, run, wanted)?;
        (edges > wanted).then_some(length_s)
    };
    let needed: Vec<f64> = runs.iter().filter_map(needed).collect();
    match is_revised(schema) {
        // As the error that is shown is of the median run.
        true => stats::median(&needed).filter(|_| 2 * needed.len() > runs.len()),
        false => needed.into_iter().max_by(f64::total_cmp),
    }
}
