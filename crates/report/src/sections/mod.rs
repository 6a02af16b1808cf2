//! Sections of the page, one file each.

pub mod answer;
pub mod comparison;
pub mod energy;
pub mod environment;
pub mod gap;
pub mod overview;
pub mod roofline;
pub mod runs;
pub mod site;
pub mod timeline;

use perwatt_record::schema::Entry;

use crate::views::session::with_entries as rows;

/// The entry's id, without the name of its workload where the rest is enough.
fn short(entry: &Entry) -> String {
    let rest = entry.id.strip_prefix(&entry.workload.name);
    match rest.map(|rest| rest.trim_start_matches('/')) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => entry.id.clone(),
    }
}
