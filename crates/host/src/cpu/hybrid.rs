//! The kinds of core of Intel's hybrid processors.

use crate::cpus::parse_cpu_list;
use crate::tree::Tree;

/// Name of the kind that is the largest and alone has siblings.
pub(crate) const PERFORMANCE: &str = "performance";

/// The performance monitoring unit of each kind and the kind's name, the largest first.
const KINDS: [(&str, &str); 3] = [
    ("cpu_core", PERFORMANCE),
    ("cpu_atom", "efficiency"),
    ("cpu_lowpower", "low-power efficiency"),
];

/// The kinds that this machine has, the largest first, each with its CPUs that are online:
/// none where all of a kind are switched off. Empty on other machines.
pub(crate) fn intel_kinds(tree: &Tree) -> Vec<(String, Vec<usize>)> {
    let here = KINDS.iter().filter_map(|(unit, name)| {
        let folder = format!("/sys/devices/{unit}");
        let list = tree.text(&format!("{folder}/cpus")).unwrap_or_default();
        let cpus = parse_cpu_list(&list).unwrap_or_default();
        let exists = !cpus.is_empty() || tree.exists(&folder);
        exists.then(|| ((*name).to_owned(), cpus))
    });
    here.collect()
}
