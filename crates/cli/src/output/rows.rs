//! What the tables of a record have in common: their rows, names and cells.

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, Summary};

use super::plain;
use super::table::Table;
use super::units::percent;

/// The record's rows with their entries, a heading put in before each workload.
pub fn each(
    record: &Record,
    table: &mut Table,
    mut cells: impl FnMut(&Entry, &Summary, &mut Table) -> Vec<String>,
) {
    let mut group = None;
    for row in &record.summary {
        let Some(entry) = record.plan.entries.get(row.entry as usize) else {
            continue;
        };
        if group != Some(&entry.workload.name) {
            group = Some(&entry.workload.name);
            table.heading(plain(&entry.workload.name));
        }
        let cells = cells(entry, row, table);
        table.row(cells);
    }
}

/// The part of an entry's id that tells it from its neighbours in the group.
pub fn short_name(entry: &Entry) -> String {
    let rest = entry
        .id
        .strip_prefix(entry.workload.name.as_str())
        .unwrap_or(&entry.id);
    let rest = rest
        .strip_suffix(&format!("/{}/{}", entry.device, entry.backend))
        .unwrap_or(rest);
    match rest.trim_matches('/') {
        "" => format!("  {}", plain(&entry.device)),
        name => format!("  {}", plain(name)),
    }
}

/// The backend, with its device where that is not the CPU and the name does not
/// say it.
pub fn backend_cell(entry: &Entry) -> String {
    let said = short_name(entry).trim() == entry.device;
    match entry.device.as_str() {
        "cpu" => plain(&entry.backend),
        _ if said => plain(&entry.backend),
        device => plain(&format!("{device} {}", entry.backend)),
    }
}

/// The interval of the median, or the range of the runs.
pub fn interval_cell(
    interval: &Interval,
    runs: u32,
    number: impl Fn(f64) -> String,
    table: &mut Table,
) -> String {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", number(low), number(high)),
        _ => {
            let mark = table.note("range of all runs; a 95 % interval needs 6 runs or more");
            let shown = format!("{}\u{2013}{}", number(interval.min), number(interval.max));
            if runs == 1 {
                format!("one run{mark}")
            } else {
                format!("{shown}{mark}")
            }
        }
    }
}

/// Interquartile range over the median; one run has none.
pub fn spread(interval: &Interval, runs: u32) -> String {
    match runs {
        0 | 1 => "-".into(),
        _ => percent(interval.relative_spread, 1),
    }
}
