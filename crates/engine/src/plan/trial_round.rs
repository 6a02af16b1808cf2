//! The trial round before a session for which an energy error was asked: it shows how much the
//! readings of meters scatter under load, and how often their counters move.

use perwatt_power::{Covers, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{self, NoFigure};
use perwatt_record::schema::{Config, Entry, Plan, Protocol, Run, Status};

use super::choice::Planned;
use super::planned_meter::{PlannedMeter, Shown};
use super::request::Request;
use super::window::fit;

/// Factor on the relative standard error of a scatter that n readings show, `1 / √(2(n - 1))`:
/// the windows also suffice for most meters whose scatter came out small in the trial, and for
/// the runs of the session that scatter more than others.
const ALLOWANCE: f64 = 2.0;

impl Planned {
    /// This plan as a single round without idle stretches.
    pub fn trial_round(&self) -> Self {
        let protocol = Protocol {
            idle_s: 0.0,
            ..self.config.protocol.clone()
        };
        Self {
            config: Config {
                rounds: 1,
                protocol,
                ..self.config.clone()
            },
            notes: Vec::new(),
            needs_trial: false,
            ..self.clone()
        }
    }

    /// Fits the windows to what the record of the trial round shows of the meters.
    pub fn learn(&mut self, trial: &Record, meters: &[PlannedMeter], request: &Request) {
        let here = meters
            .iter()
            .filter(|m| covers_any(&m.info.covers, &self.plan));
        let mut here: Vec<PlannedMeter> = here.cloned().collect();
        show(&mut here, trial, self.config.protocol.energy_error_rel);
        self.notes = fit(&mut self.config.protocol, &here, request);
        self.needs_trial = false;
    }
}

/// True if a meter covers a device of the plan.
pub(super) fn covers_any(covers: &Covers, plan: &Plan) -> bool {
    let mut entries = plan.entries.iter();
    entries.any(|entry| derive::covers(covers, entry, &plan.gpus))
}

/// Completes the meters by what the record of a trial round shows of them, for windows with
/// this error.
pub fn show(meters: &mut [PlannedMeter], trial: &Record, asked: f64) {
    for meter in meters.iter_mut().filter(|meter| meter.needs_load()) {
        meter.shown = Some(shown(meter, trial, asked));
    }
}

fn shown(meter: &PlannedMeter, trial: &Record, asked: f64) -> Shown {
    let index = trial.meters.iter().position(|of| of.id == meter.info.id);
    let covered = |run: &&Run| {
        let entry = trial.plan.entries.get(run.entry as usize);
        let covers = |entry: &Entry| derive::covers(&meter.info.covers, entry, &trial.plan.gpus);
        run.status == Status::Ok && entry.is_some_and(covers)
    };
    let runs: Vec<&Run> = trial.runs.iter().filter(covered).collect();
    let (Some(index), false) = (index, runs.is_empty()) else {
        return Shown::Nothing("no run gave a figure".into());
    };
    let mut needed_s = 0f64;
    for run in runs {
        let of_run = match meter.info.quantity {
            Quantity::EnergyJ => by_ticks(meter, run, index as u32, asked),
            Quantity::PowerW => by_scatter(trial, run, index as u32, asked),
        };
        match of_run {
            Ok(of_run_s) => needed_s = needed_s.max(of_run_s),
            Err(why) => return Shown::Nothing(why),
        }
    }
    Shown::NeededS(needed_s)
}

/// The window that a counter needs, by the longest time between two of its moves.
fn by_ticks(meter: &PlannedMeter, run: &Run, index: u32, asked: f64) -> Result<f64, String> {
    let series = run.energy.iter().find(|series| series.meter == index);
    let from_ns = run.steady.map_or(0, |steady| steady.from_ns);
    let samples = series.map_or(&[][..], |series| &series.samples);
    let moved: Vec<u64> = samples
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1 && pair[1].0 >= from_ns)
        .map(|pair| pair[1].0)
        .collect();
    let longest_ns = moved.windows(2).map(|pair| pair[1] - pair[0]).max();
    let Some(longest_ns) = longest_ns else {
        let window_s = run
            .measured
            .as_ref()
            .map_or(0.0, |measured| measured.time_s);
        let times = moved.len();
        return Err(format!(
            "it moved {times}\u{d7} in a window of {window_s:.1} s; give a longer one (--seconds)"
        ));
    };
    Ok(meter.exact_with_s(longest_ns as f64 * 1e-9, asked))
}

/// The window that sampled power needs, by the scatter of its readings.
fn by_scatter(trial: &Record, run: &Run, index: u32, asked: f64) -> Result<f64, String> {
    let mut figures = run.measured.iter().flat_map(|measured| &measured.energy);
    let Some(energy) = figures.find(|energy| energy.meter == index) else {
        return match derive::missing_energy(trial, run.entry, index) {
            Some(NoFigure::ShortWindow { needed_s, .. }) => Ok(needed_s),
            why => Err(why.map_or_else(
                || "it was not read".into(),
                |why| format!("there were no joules by it: {why}"),
            )),
        };
    };
    let spare = energy.updates.saturating_sub(1).max(1) as f64;
    let wanted = asked / (1.0 + ALLOWANCE / (2.0 * spare).sqrt());
    let needed_s = derive::needed_window_s(&trial.schema, &[energy], wanted);
    Ok(needed_s.unwrap_or(0.0))
}
