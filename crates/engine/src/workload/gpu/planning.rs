//! Entries on a GPU: the key of their tuning and the warnings that they carry.

use perwatt_record::schema::{Entry, GpuKind};

use crate::device::{GpuFacts, is_road};

/// The warning on figures of a software adapter.
const SOFTWARE: &str = "software adapter: the CPU does this work, and the figure says nothing of any GPU; it is never compared with hardware";

/// Separates a workload from its backend in a tuning key.
pub(in crate::workload) const AT: char = '@';

/// The key under which the forms of an entry's kernel are tuned: the workload, with its
/// shape where it has one, because the fastest form depends on it. A vendor's library has a
/// key of its own, so that its forms are tried in a process of its own.
pub(in crate::workload) fn tuning_key(entry: &Entry) -> String {
    let params = &entry.workload.params;
    let name = match is_road(&entry.backend) {
        true => format!("{}{AT}{}", entry.workload.name, entry.backend),
        false => entry.workload.name.clone(),
    };
    match params.get("model").or_else(|| params.get("shape")) {
        Some(shape) => format!("{name}:{shape}"),
        None => name,
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
