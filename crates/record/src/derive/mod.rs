//! Derivation of the figures of runs from the two raw series, and of rows from runs.
//!
//! Rate: between the first and the last work sample inside the steady stretch. Energy:
//! between the first and the last tick of the meter inside it, with the work interpolated
//! at those ticks. Each meter thus has its own window, without an error from cutting a
//! counter between two updates. A run's joules per unit is the ratio of its sums, never a
//! mean of ratios.

mod agree;
mod counts;
mod disturbance;
mod energy;
mod factors;
mod idle;
mod look_back;
mod series;
mod state;
mod stretch;
mod summary;
mod uncertainty;
mod window;

pub use disturbance::{
    CpuShare, SHARE_DISTURBED, SHARE_QUIET, STOLEN_DISTURBED, STOLEN_QUIET, is_disturbed,
    most_cpu_s, pooled, why_disturbed,
};
pub use energy::{covers, measure_energy, missing_energy};
pub use factors::EDGES;
pub use idle::IdlePowers;
pub use look_back::{ASSUMED_PERIOD_S, settling_s, shortest_window_s, window_for};
pub use state::flags;
pub use stretch::{NoFigure, Stretch};
pub use summary::{interval, summarise};
pub use window::Window;

use crate::pool;
use crate::schema::{Measured, Record, Run, Term};
use series::{rising, seconds};

/// The figures of one run of the record; `None` if its series are too short.
pub fn measure(record: &Record, run: &Run) -> Option<Measured> {
    let entry = record.plan.entries.get(run.entry as usize)?;
    let steady = run.steady?;
    let work = &run.work;
    if !rising(work) {
        return None;
    }
    let inside = |t: u64| (steady.from_ns..=steady.to_ns).contains(&t);
    let (start_ns, first) = *work.iter().find(|(t, _)| inside(*t))?;
    let (end_ns, last) = *work.iter().rfind(|(t, _)| inside(*t))?;
    let steps = last.checked_sub(first)?;
    if end_ns <= start_ns || steps == 0 {
        return None;
    }
    let time_s = seconds(start_ns, end_ns);
    let done = steps as f64 * entry.work_per_step as f64;
    let energy = run
        .energy
        .iter()
        .filter_map(|series| {
            let meter = record.meters.get(series.meter as usize)?;
            let mut energy = measure_energy(record, entry, meter, &steady, work, series).ok()?;
            let window_ns = (energy.start_ns, energy.end_ns);
            if let Some(counted) = pool::counted(record, run, entry, window_ns, energy.time_s) {
                let rate_per_s = energy.work / energy.time_s;
                let half_rel = (counted.high_per_s - counted.low_per_s) / 2.0 / rate_per_s;
                uncertainty::add(&mut energy.uncertainty, Term::Counting, half_rel);
            }
            Some(energy)
        })
        .collect();
    Some(Measured {
        start_ns,
        end_ns,
        time_s,
        steps,
        work: done,
        rate_per_s: done / time_s,
        counted: pool::counted(record, run, entry, (start_ns, end_ns), time_s),
        cold: state::cold(work, &steady, entry.work_per_step),
        state: state::figures(record, run, &steady),
        energy,
    })
}
