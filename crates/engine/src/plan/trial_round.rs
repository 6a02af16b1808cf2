//! The trial round before a session for which an energy error was asked: it shows how much the
//! readings of meters scatter under load, and how often their counters move.

use perwatt_power::{Covers, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{self, NoFigure};
use perwatt_record::schema::{Entry, Plan, Protocol, Run, Status};

use super::planned_meter::{PlannedMeter, Shown};
use super::request::Request;
use super::window::MAX_CHOSEN_S;

/// Factor on the relative standard error of a scatter that n readings show, `1 / √(2(n - 1))`:
/// the windows also suffice for most meters whose scatter came out small in the trial, and for
/// the runs of the session that scatter more than others.
const ALLOWANCE: f64 = 2.0;
/// Updates of a meter that a window of the trial holds at least: fewer say too little of the
/// scatter, and windows would get far longer than they need to be.
const LEAST_UPDATES: f64 = 20.0;
/// Factor on the window of a trial beyond which what it shows is too rough to plan by: a trial
/// with longer windows then follows, which costs less than a session with such windows.
const ROUGH: f64 = 3.0;
/// Factor on the window of the trial that follows.
const LONGER: f64 = 4.0;

/// The timing of another trial round, where the windows of this one are too short to tell what
/// the meters need.
pub fn longer_trial(trial: &Protocol, meters: &[PlannedMeter]) -> Option<Protocol> {
    let is_rough = |meter: &PlannedMeter| match meter.shown {
        Some(Shown::NeededS(needed_s)) => needed_s > ROUGH * trial.window_s,
        _ => false,
    };
    let longer = || Protocol {
        window_s: (LONGER * trial.window_s).min(MAX_CHOSEN_S),
        ..trial.clone()
    };
    (trial.window_s < MAX_CHOSEN_S && meters.iter().any(is_rough)).then(longer)
}

/// The timing of the trial round that must show whether the windows of this protocol keep the
/// error that was asked for: without idle stretches, and in windows of several updates. `None`
/// where no trial is needed.
pub fn trial_of(
    protocol: &Protocol,
    meters: &[PlannedMeter],
    request: &Request,
) -> Option<Protocol> {
    let wanted = request.energy_error_rel.is_some() && request.seconds.is_none();
    let open = meters.iter().filter(|meter| wanted && meter.needs_load());
    let longest_s = open.map(PlannedMeter::apart_s).reduce(f64::max)?;
    let window_s = protocol.window_s.max(LEAST_UPDATES * longest_s);
    Some(Protocol {
        window_s: window_s.min(MAX_CHOSEN_S),
        idle_s: 0.0,
        ..protocol.clone()
    })
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
            Quantity::PowerW => by_scatter(meter, trial, run, index as u32, asked),
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
fn by_scatter(
    meter: &PlannedMeter,
    trial: &Record,
    run: &Run,
    index: u32,
    asked: f64,
) -> Result<f64, String> {
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
    // Averages that overlap say the same.
    let readings = energy.updates.saturating_sub(1).max(1) as f64;
    let apart_s = (energy.time_s / readings).max(meter.info.averaging_s.unwrap_or(0.0));
    let length_s = |window_s: f64| {
        let spare = (window_s / apart_s).max(1.0);
        let wanted = asked / (1.0 + ALLOWANCE / (2.0 * spare).sqrt());
        derive::window_for(&trial.schema, meter.info.quantity, energy, wanted)
            .ok_or("its error is not known")
    };
    // The windows of the session may have fewer readings than that of the trial.
    let first_s = length_s(energy.time_s)?;
    Ok(length_s(first_s.min(energy.time_s))?)
}
