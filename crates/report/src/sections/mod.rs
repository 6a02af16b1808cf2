//! What is on the page, a file for each part of it.

pub mod comparison;
pub mod energy;
pub mod environment;
pub mod gap;
pub mod overview;
pub mod results;
pub mod roofline;
pub mod runs;
pub mod site;
pub mod timeline;

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Summary};

/// Rows of a record with their entries.
fn rows(record: &Record) -> impl Iterator<Item = (&Entry, &Summary)> {
    record
        .summary
        .iter()
        .filter_map(|row| Some((record.plan.entries.get(row.entry as usize)?, row)))
}

/// The entry's id, with the name of a workload only where it tells something.
fn short(entry: &Entry) -> String {
    let rest = entry.id.strip_prefix(&entry.workload.name);
    match rest.map(|rest| rest.trim_start_matches('/')) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => entry.id.clone(),
    }
}
