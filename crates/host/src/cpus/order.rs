//! The order in which threads take CPUs.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use super::Allowed;
use super::list::parse_cpu_list;
use crate::tree::Tree;

/// The allowed CPUs without SMT siblings: the lowest-numbered allowed thread of each
/// physical core, in the order of [`pin_order`]. If the topology cannot be read, each
/// CPU counts as a core.
#[must_use]
pub fn one_per_core(allowed: &Allowed, root: &Path) -> Vec<usize> {
    ranked(allowed, &Tree::new(root))
        .into_iter()
        .filter(|(rank, _)| *rank == 0)
        .map(|(_, cpu)| cpu)
        .collect()
}

/// The CPU for each of `threads` threads: every physical core gets one thread before
/// any gets a second, larger kinds of core come first, and if there are more threads
/// than CPUs the order starts again. Empty only if no CPU is known.
#[must_use]
pub fn pin_order(allowed: &Allowed, root: &Path, threads: NonZeroUsize) -> Vec<usize> {
    let ranked = ranked(allowed, &Tree::new(root));
    ranked
        .iter()
        .map(|&(_, cpu)| cpu)
        .cycle()
        .take(threads.get())
        .collect()
}

/// Every allowed CPU with its rank among the allowed threads of its core (0 is the
/// first), ordered by rank, then by size of core (largest first), then by number.
fn ranked(allowed: &Allowed, tree: &Tree) -> Vec<(usize, usize)> {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, Reverse<u32>, usize)> = allowed
        .cpus
        .iter()
        .map(|&cpu| {
            let rank = seen.entry(core_of(tree, cpu)).or_default();
            let ranked = (*rank, Reverse(capacity(tree, cpu)), cpu);
            *rank += 1;
            ranked
        })
        .collect();
    ranked.sort_unstable();
    ranked
        .into_iter()
        .map(|(rank, _, cpu)| (rank, cpu))
        .collect()
}

/// The kernel's measure of a core's size, 1024 for the largest kind; 0 for machines
/// without it (most that do not mix kinds), which leaves the order to the CPU number.
fn capacity(tree: &Tree, cpu: usize) -> u32 {
    tree.number(&format!("/sys/devices/system/cpu/cpu{cpu}/cpu_capacity"))
        .unwrap_or(0)
}

/// A number that identifies the physical core: its lowest-numbered thread.
fn core_of(tree: &Tree, cpu: usize) -> usize {
    let topology = format!("/sys/devices/system/cpu/cpu{cpu}/topology");
    // The second name is that of kernels before 5.3.
    ["core_cpus_list", "thread_siblings_list"]
        .iter()
        .find_map(|name| {
            let list = tree.text(&format!("{topology}/{name}")).ok()?;
            parse_cpu_list(&list).ok()?.first().copied()
        })
        .unwrap_or(cpu)
}
