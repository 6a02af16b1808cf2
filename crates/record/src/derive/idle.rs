//! Idle power of the machine, and figures net of it.

use std::collections::{BTreeMap, BTreeSet};

use perwatt_power::Provenance;

use super::look_back;
use super::stretch::stretch;
use super::uncertainty;
use crate::schema::{IdlePower, MeasuredEnergy, Record};

/// Idle power by meter and segment; the segment `None` stands for the whole session.
#[derive(Debug)]
pub struct IdlePowers(BTreeMap<(u32, Option<u32>), IdlePower>);

impl IdlePowers {
    /// Computes idle power from the stretches before and after the runs. Meters whose power
    /// is only stated have none.
    pub fn of(record: &Record) -> Self {
        let mut powers: BTreeMap<_, Vec<(f64, f64)>> = BTreeMap::new();
        for idle in &record.idle {
            let mut meters = BTreeSet::new();
            for series in idle.energy.iter().filter(|s| meters.insert(s.meter)) {
                let Some(info) = record.meters.get(series.meter as usize) else {
                    continue;
                };
                if !matches!(
                    info.provenance,
                    Provenance::Counter | Provenance::PowerSamples
                ) {
                    continue;
                }
                let (since_ns, to_ns) = (idle.started_ns, idle.ended_ns);
                // The readings look back to the load before.
                let from_ns =
                    look_back::settled_ns(&record.schema, info, series, since_ns).min(to_ns);
                let Ok(found) = stretch(&record.schema, info, series, since_ns, from_ns, to_ns)
                else {
                    continue;
                };
                let quantum = match look_back::is_revised(&record.schema) {
                    true => uncertainty::quantum_rel(info, &found).unwrap_or(0.0),
                    false => 0.0,
                };
                let error = uncertainty::edges_rel(&found).hypot(quantum);
                let power = (found.energy_j / found.time_s, error);
                for segment in [Some(idle.segment), None] {
                    powers
                        .entry((series.meter, segment))
                        .or_default()
                        .push(power);
                }
            }
        }
        let of = |(key, powers): (_, Vec<_>)| (key, of_stretches(&powers));
        Self(powers.into_iter().map(of).collect())
    }

    /// Idle power by one meter in a segment, or in the whole session if the segment has
    /// none; `None` if it was not measured.
    pub fn get(&self, meter: u32, segment: u32) -> Option<IdlePower> {
        let of = |segment| self.0.get(&(meter, segment));
        of(Some(segment)).or_else(|| of(None)).cloned()
    }
}

/// Combines the power of each stretch with its relative error. There must be at least one
/// stretch.
fn of_stretches(powers: &[(f64, f64)]) -> IdlePower {
    let count = powers.len() as f64;
    let power_w = powers.iter().map(|(power, _)| power).sum::<f64>() / count;
    let error = powers.iter().map(|(_, error)| *error).fold(0.0, f64::max);
    let (low, high) = powers
        .iter()
        .fold((f64::INFINITY, 0f64), |(low, high), (power, _)| {
            (low.min(*power), high.max(*power))
        });
    // Idle power drifts (fans, background work): the true value lies between those measured
    // before and after.
    let drift = (high - low) / 2.0 / power_w;
    IdlePower {
        power_w,
        relative_uncertainty: drift.hypot(error),
        stretches: powers.len() as u32,
    }
}

/// Joules per unit above idle of one run; `None` if the run used no more than idle power
/// within its uncertainty.
pub fn net_per_unit_j(idle: &IdlePower, energy: &MeasuredEnergy) -> Option<f64> {
    let idle_j = idle.power_w * energy.time_s;
    let net_j = energy.energy_j - idle_j;
    (net_j > idle.relative_uncertainty * idle_j && net_j > 1e-9 * idle_j)
        .then(|| net_j / energy.work)
}

/// Relative uncertainty of a net figure at coverage factor 2: `gross` and `gain` are those
/// of the gross figure, `net_share` is net over gross.
pub fn net_uncertainty(gross: f64, gain: f64, idle: &IdlePower, net_share: f64) -> f64 {
    // The scale error is common to both terms of the difference.
    let random = (gross * gross - gain * gain).max(0.0).sqrt();
    let idle = idle.relative_uncertainty * (1.0 - net_share);
    gain.hypot(random.hypot(idle) / net_share)
}
