//! Entries on a GPU: the key of their tuning and the warnings that they carry.

use perwatt_record::schema::{Entry, GpuKind};

use crate::device::GpuFacts;

/// The warning on figures of a software adapter.
const SOFTWARE: &str = "software adapter: the CPU does this work, and the figure says nothing of any GPU; it is never compared with hardware";

/// The key under which the forms of an entry's kernel are tuned: the workload, with its
/// shape where it has one, because the fastest form depends on it.
pub(in crate::workload) fn tuning_key(entry: &Entry) -> String {
    let params = &entry.workload.params;
    match params.get("model").or_else(|| params.get("shape")) {
        Some(shape) => format!("{}:{shape}", entry.workload.name),
        None => entry.workload.name.clone(),
    }
}

/// The warning on the entries of this GPU, if any.
pub(super) fn warning(facts: &GpuFacts, key: &str) -> Option<String> {
    let untuned = facts.untuned.iter().find(|(untuned, _)| untuned == key);
    let untuned = untuned.map(|(_, why)| {
        format!("no form of the kernel could be tried, so the first one runs: {why}")
    });
    let software = (facts.gpu.kind == GpuKind::Software).then(|| SOFTWARE.to_owned());
    match (software, untuned) {
        (Some(software), Some(untuned)) => Some(format!("{software}; {untuned}")),
        (one, other) => one.or(other),
    }
}
