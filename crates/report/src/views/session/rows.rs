//! Rows, names and cells that the tables of a record have in common.

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, Summary};

use crate::doc::{Cell, Grid, Value};
use crate::units::Scale;

/// Adds the record's rows, in a group for each workload.
pub fn each(
    record: &Record,
    grid: &mut Grid,
    mut cells: impl FnMut(&Entry, &Summary) -> Vec<Cell>,
) {
    let mut group = None;
    for row in &record.summary {
        let Some(entry) = record.plan.entries.get(row.entry as usize) else {
            continue;
        };
        if group != Some(&entry.workload.name) {
            group = Some(&entry.workload.name);
            grid.group(entry.workload.name.as_str());
        }
        let first = [short_name(entry).into(), backend(entry).into()];
        grid.row(first.into_iter().chain(cells(entry, row)));
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
    match entry.device.as_str() {
        "cpu" => entry.backend.clone(),
        device if short_name(entry) == device => entry.backend.clone(),
        device => format!("{device} {}", entry.backend),
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
            cell.note("range of all runs; a 95 % interval needs 6 runs or more")
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
