//! Rows, names and cells that the tables of a record have in common.

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, Summary, SummaryEnergy};

use crate::doc::{Cell, Grid, Value};
use crate::units::Scale;

/// The rows of a record's summary, each with its entry.
pub(crate) fn with_entries(record: &Record) -> impl Iterator<Item = (&Entry, &Summary)> {
    record
        .summary
        .iter()
        .filter_map(|row| Some((record.plan.entries.get(row.entry as usize)?, row)))
}

/// The figures by a meter, each with its entry.
pub(crate) fn figures(
    record: &Record,
    meter: u32,
) -> impl Iterator<Item = (&Entry, &SummaryEnergy)> {
    with_entries(record).filter_map(move |(entry, row)| {
        Some((entry, row.energy.iter().find(|e| e.meter == meter)?))
    })
}

/// Adds the record's rows, in a group for each workload that has several.
pub fn each(
    record: &Record,
    grid: &mut Grid,
    mut cells: impl FnMut(&Entry, &Summary) -> Vec<Cell>,
) {
    let rows: Vec<(&Entry, &Summary)> = with_entries(record).collect();
    for group in rows.chunk_by(|(a, _), (b, _)| a.workload.name == b.workload.name) {
        let name = group[0].0.workload.name.as_str();
        let first = |entry, alone| names(entry, alone).map(Cell::from).into_iter();
        if let [(entry, row)] = group {
            grid.outer_row(first(entry, true).chain(cells(entry, row)));
            continue;
        }
        grid.group(name);
        for (entry, row) in group {
            grid.row(first(entry, false).chain(cells(entry, row)));
        }
    }
}

/// The names of a row and of its backend; in full where it is alone in its group.
pub(super) fn names(entry: &Entry, alone: bool) -> [String; 2] {
    let short = short_name(entry);
    match alone {
        true if short == entry.device => [entry.workload.name.clone(), with_device(entry)],
        true => {
            let name = format!("{}/{short}", entry.workload.name);
            [name, with_device(entry)]
        }
        false => [short, backend(entry)],
    }
}

/// The part of an entry's id that distinguishes it from others in its group.
fn short_name(entry: &Entry) -> String {
    let rest = entry
        .id
        .strip_prefix(entry.workload.name.as_str())
        .unwrap_or(&entry.id);
    let rest = rest
        .strip_suffix(&format!("/{}/{}", entry.device, entry.backend))
        .unwrap_or(rest);
    match rest.trim_matches('/') {
        "" => entry.device.clone(),
        name => name.to_owned(),
    }
}

/// The backend, with its device where that is not the CPU and the name does not contain it.
fn backend(entry: &Entry) -> String {
    match short_name(entry) == entry.device {
        true => entry.backend.clone(),
        false => with_device(entry),
    }
}

/// The backend, with its device where that is not the CPU.
fn with_device(entry: &Entry) -> String {
    match entry.device.as_str() {
        "cpu" => entry.backend.clone(),
        device => format!("{device} {}", entry.backend),
    }
}

/// The note on an interval of few runs.
const RANGE: &str = "range of all runs; a 95 % interval needs 6 runs or more";

/// The larger half of the interval of the median, or of the range of the runs, relative.
pub fn plus_minus(of: &Interval, runs: u32) -> Cell {
    let half = |low: f64, high: f64| (high - of.median).max(of.median - low) / of.median;
    match (of.low, of.high) {
        (Some(low), Some(high)) => Value::PlusMinus(half(low, high)).into(),
        _ if runs == 1 => "one run".into(),
        _ => Cell::from(Value::PlusMinus(half(of.min, of.max))).note(RANGE),
    }
}

/// The interval of the median, or the range of the runs, multiplied by `factor`.
pub fn interval(of: &Interval, runs: u32, scale: Scale, factor: f64) -> Cell {
    match (of.low, of.high) {
        (Some(low), Some(high)) => Value::Interval([low * factor, high * factor], scale).into(),
        _ => {
            let cell = match runs {
                1 => Cell::from("one run"),
                _ => Value::Range([of.min * factor, of.max * factor], scale).into(),
            };
            cell.note(RANGE)
        }
    }
}

/// The interquartile range over the median; a dash for a single run.
pub fn spread(of: &Interval, runs: u32) -> Cell {
    match runs {
        0 | 1 => "-".into(),
        _ => Value::Percent(of.relative_spread, 1).into(),
    }
}
