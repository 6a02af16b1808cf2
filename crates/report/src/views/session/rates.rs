//! Rates of each row.

use std::collections::BTreeMap;

use perwatt_record::Record;
use perwatt_record::cost::{Cost, Stated, tokens_per_unit};
use perwatt_record::derive::why_disturbed;
use perwatt_record::schema::{Entry, Flag, Status, Summary, word};

use super::rows::{each, interval, plus_minus, spread};
use crate::doc::{Cell, Column, Grid, Tone, Value};
use crate::dollars;
use crate::units::{Scale, percent, significant};

/// The smallest relative difference of a run's first second that gets a note.
const COLD_DIFFERS: f64 = 0.03;

/// Share of the trial of one thread, times the cores, below which a rate needs an
/// explanation: with all cores at work clocks are lower by up to a third, and the two CPUs
/// of a virtual machine may be one core.
const FAR_BELOW_TRIAL: f64 = 0.5;

/// The table of the rates.
pub fn grid(record: &Record) -> Grid {
    let costs = costs(record);
    let columns = [
        Column::left("workload"),
        Column::left("backend").fold(3),
        Column::right("rate"),
        Column::right("95 %"),
        Column::right("95 % interval").drop(2),
        Column::right("spread").drop(1),
        Column::left("verified"),
        Column::left("by").drop(0),
    ];
    let of_costs = (!costs.is_empty()).then(dollars::columns);
    let mut grid = Grid::new(columns.into_iter().chain(of_costs.into_iter().flatten()));
    each(record, &mut grid, |entry, row| {
        let mut cells = cells(record, entry, row);
        if let Some(cost) = costs.get(&row.entry) {
            cells.extend(dollars::cells(cost, entry.unit));
        }
        cells
    });
    grid
}

/// What the rates cost by the stated price and rent, by entries.
fn costs(record: &Record) -> BTreeMap<u32, Cost> {
    let stated = Stated::of(&record.session);
    let cost = |row: &Summary| {
        let entry = record.plan.entries.get(row.entry as usize)?;
        let rate = row.rate_per_s.as_ref().filter(|_| row.verified)?;
        let tokens = tokens_per_unit(&entry.workload.params, entry.work_per_step);
        let cost = stated.cost(entry.unit, rate.median, tokens);
        (!cost.is_empty()).then_some((row.entry, cost))
    };
    record.summary.iter().filter_map(cost).collect()
}

/// Sentences that explain the columns of costs; none where the table has none.
pub fn legend(record: &Record) -> Vec<String> {
    dollars::legend(costs(record).values())
}

fn cells(record: &Record, entry: &Entry, row: &Summary) -> Vec<Cell> {
    let notes = notes(record, entry, row);
    let Some(rate) = &row.rate_per_s else {
        return vec![none(row).notes(notes)];
    };
    let by = row.verified.then_some(row.verification.as_str());
    vec![
        Value::rate(rate.median, entry.unit).into(),
        plus_minus(rate, row.runs_pooled()),
        interval(rate, row.runs_pooled(), Scale::of(rate.median), 1.0),
        spread(rate, row.runs_pooled()),
        verified(row).notes(notes),
        by.into(),
    ]
}

/// What stands for a rate that there is not.
pub(super) fn none(row: &Summary) -> Cell {
    match row.runs_failed > 0 {
        true => Cell::toned("FAILED", Tone::Bad),
        false => Cell::from("not measured"),
    }
}

/// Whether the work of a row was verified.
pub(super) fn verified(row: &Summary) -> Cell {
    match (row.verified, row.unproven) {
        (true, _) => Cell::from("yes"),
        (false, true) => Cell::from(row.verification.as_str()),
        (false, false) => Cell::toned(format!("NO: {}", row.verification), Tone::Bad),
    }
}

/// Note on runs that other load disturbed.
fn of_load(record: &Record, row: &Summary) -> Option<String> {
    match (why_disturbed(record, row.entry), row.runs_disturbed) {
        (Some(why), _) => Some(format!(
            "{why}; the figure is shown, and never compared or pooled with others"
        )),
        (None, 0) => None,
        (None, disturbed) => Some(format!(
            "{disturbed} of {} runs disturbed by other load; the figure is of the other {}",
            row.runs_ok,
            row.runs_pooled()
        )),
    }
}

/// Note on a rate far below what the trial of one thread promised. Threads that share a
/// core count once.
fn below_trial(record: &Record, entry: &Entry, row: &Summary) -> Option<String> {
    let rate = row.rate_per_s.as_ref()?.median;
    let work = entry.workload.named().work()?.name();
    // The rate of products depends on their shape.
    if entry.workload.params.contains_key("shape") {
        return None;
    }
    let mut trials = record.plan.trials.iter();
    let trial = trials.find(|trial| {
        (trial.workload.as_str(), &trial.device, &trial.backend)
            == (work, &entry.device, &entry.backend)
    })?;
    let threads = record.threads.count;
    let cores = record.host.cpu.cores.map_or(threads, |c| c.min(threads));
    // A trial of a GPU is of the whole device.
    let share = rate / (f64::from(cores) * trial.rate_per_s);
    (entry.device == "cpu" && cores > 1 && share < FAR_BELOW_TRIAL).then(|| {
        format!(
            "{threads} threads on {cores} cores ran at {} of {cores} times the trial of one thread: look for other load, a power limit, or CPUs that share a core",
            percent(share, 0)
        )
    })
}

/// Notes on a row.
fn notes(record: &Record, entry: &Entry, row: &Summary) -> Vec<String> {
    [mild(record, entry, row), grave(record, entry, row)].concat()
}

/// Notes on a row that tell how it ran.
pub(super) fn mild(record: &Record, entry: &Entry, row: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    let runs = || record.runs.iter().filter(|run| run.entry == row.entry);
    for flag in Flag::OF_RATES {
        if runs().any(|run| run.flags.contains(&flag)) {
            notes.push(flag.sentence().to_owned());
        }
    }
    // A difference within the spread of the runs is noise.
    let rate = row.rate_per_s.as_ref();
    let spread = rate.map_or(0.0, |rate| rate.relative_spread);
    if let Some(cold) = row.cold_over_sustained
        && row.runs_pooled() > 1
        && (cold - 1.0).abs() > COLD_DIFFERS.max(spread)
    {
        notes.push(format!(
            "cold, in its first second, it ran at {} of the sustained rate that is shown",
            percent(cold, 0)
        ));
    }
    let tokens = tokens_per_unit(&entry.workload.params, entry.work_per_step);
    if let (Some(tokens), Some(rate)) = (tokens, rate) {
        let per_s = rate.median * tokens;
        let model = entry.workload.params.get("model");
        notes.push(format!(
            "{} tokens/s of {}, its matrix products alone: an upper limit of what the model does",
            significant(per_s),
            model.map_or("the model", String::as_str)
        ));
    }
    notes
}

/// Notes on a row without which its figure misleads.
pub(super) fn grave(record: &Record, entry: &Entry, row: &Summary) -> Vec<String> {
    let mut notes = Vec::from_iter(entry.backend_warning.clone());
    if row.runs_failed > 0 && row.runs_ok > 0 {
        notes.push(format!(
            "{} of {} runs failed; the figure is of the other {}",
            row.runs_failed,
            row.runs_failed + row.runs_ok,
            row.runs_ok
        ));
    }
    notes.extend(of_load(record, row));
    notes.extend(below_trial(record, entry, row));
    let runs = record.runs.iter();
    for run in runs.filter(|run| run.entry == row.entry) {
        if let Status::Failed(failure) = &run.status {
            let kind = word(&failure.kind);
            notes.push(format!("{kind} run failed: {}", failure.message));
        }
    }
    notes
}
