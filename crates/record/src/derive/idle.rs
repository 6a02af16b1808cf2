//! What the machine uses when it does nothing, and what is left of a figure when
//! that is taken off.

use super::stretch::stretch;
use super::uncertainty::EDGES;
use crate::schema::{IdlePower, MeasuredEnergy, Record};

/// Idle power by one meter, from the stretches before and after the runs of a
/// segment (of every segment where that one has none); `None` where it was not
/// measured, or is only stated.
pub fn idle_power(record: &Record, meter: u32, segment: u32) -> Option<IdlePower> {
    let info = record.meters.get(meter as usize)?;
    if !matches!(
        info.provenance,
        perwatt_power::Provenance::Counter | perwatt_power::Provenance::PowerSamples
    ) {
        return None;
    }
    let of = |only: Option<u32>| -> Vec<(f64, f64)> {
        record
            .idle
            .iter()
            .filter(|idle| only.is_none_or(|segment| idle.segment == segment))
            .filter_map(|idle| {
                let series = idle.energy.iter().find(|series| series.meter == meter)?;
                let found = stretch(info, series, idle.started_ns, idle.ended_ns).ok()?;
                let edges = 2.0 * EDGES * found.edge_period_s / found.time_s;
                Some((found.energy_j / found.time_s, edges))
            })
            .collect()
    };
    let mut powers = of(Some(segment));
    if powers.is_empty() {
        powers = of(None);
    }
    let count = powers.len() as f64;
    if powers.is_empty() {
        return None;
    }
    let power_w = powers.iter().map(|(power, _)| power).sum::<f64>() / count;
    let edges = powers.iter().map(|(_, edges)| *edges).fold(0.0, f64::max);
    let (low, high) = powers
        .iter()
        .fold((f64::INFINITY, 0f64), |(low, high), (power, _)| {
            (low.min(*power), high.max(*power))
        });
    // Idle drifts (fans, background work): the truth lies somewhere between what
    // was seen before and after.
    let drift = (high - low) / 2.0 / power_w;
    Some(IdlePower {
        power_w,
        relative_uncertainty: drift.hypot(edges),
        stretches: powers.len() as u32,
    })
}

/// Joules per unit above idle of one run; `None` where idle is not known or the
/// run used no more than idle may have been.
pub fn net_per_unit_j(record: &Record, segment: u32, energy: &MeasuredEnergy) -> Option<f64> {
    let idle = idle_power(record, energy.meter, segment)?;
    let idle_j = idle.power_w * energy.time_s;
    let net_j = energy.energy_j - idle_j;
    (net_j > idle.relative_uncertainty * idle_j && net_j > 1e-9 * idle_j)
        .then(|| net_j / energy.work)
}

/// Relative uncertainty at coverage factor 2 of a net figure: `gross` and `gain`
/// are those of the gross one, `net_share` is net over gross.
pub fn net_uncertainty(gross: f64, gain: f64, idle: &IdlePower, net_share: f64) -> f64 {
    // The scale error is the same in both parts of the difference.
    let random = (gross * gross - gain * gain).max(0.0).sqrt();
    let idle = idle.relative_uncertainty * (1.0 - net_share);
    gain.hypot(random.hypot(idle) / net_share)
}
