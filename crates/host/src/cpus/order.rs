//! The order in which threads take CPUs.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use super::Allowed;
use super::list::parse_cpu_list;
use crate::cpu::SYS_CPU;
use crate::cpu::hybrid::intel_kinds;
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
    let sizes = Sizes::read(tree, &allowed.cpus);
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, Reverse<u32>, usize)> = allowed
        .cpus
        .iter()
        .map(|&cpu| {
            let rank = seen.entry(core_of(tree, cpu)).or_default();
            let ranked = (*rank, Reverse(sizes.of(cpu)), cpu);
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

/// The sizes of cores by CPU; empty on a machine that does not mix them, which leaves the
/// order to the CPU number.
struct Sizes(BTreeMap<usize, u32>);

/// Two cores of one kind may differ in their highest clock by favour of the maker, by a
/// few percent; kinds differ by more than this share.
const SAME_KIND: f64 = 0.85;

impl Sizes {
    /// From the first of these sources that tells: the kernel's measure of a core's size
    /// (1024 for the largest kind; Arm, and Intel from Linux 6.12 on), Intel's kinds of
    /// core, the highest clock of each CPU.
    fn read(tree: &Tree, cpus: &[usize]) -> Self {
        let number = |cpu: usize, name: &str| {
            let path = format!("{SYS_CPU}/cpu{cpu}/{name}");
            Some((cpu, tree.number::<u32>(&path).ok()?))
        };
        let capacities: BTreeMap<usize, u32> = cpus
            .iter()
            .filter_map(|&cpu| number(cpu, "cpu_capacity"))
            .collect();
        if !capacities.is_empty() {
            return Self(capacities);
        }
        let kinds = intel_kinds(tree).into_iter().rev().zip(1..);
        let kinds: BTreeMap<usize, u32> = kinds
            .flat_map(|((_, cpus), size)| cpus.into_iter().map(move |cpu| (cpu, size)))
            .collect();
        if !kinds.is_empty() {
            return Self(kinds);
        }
        let clocks: BTreeMap<usize, u32> = cpus
            .iter()
            .filter_map(|&cpu| number(cpu, "cpufreq/cpuinfo_max_freq"))
            .collect();
        let highest = f64::from(clocks.values().copied().max().unwrap_or(0));
        let large = |clock: u32| f64::from(clock) >= SAME_KIND * highest;
        Self(
            clocks
                .into_iter()
                .map(|(cpu, clock)| (cpu, u32::from(large(clock))))
                .collect(),
        )
    }

    fn of(&self, cpu: usize) -> u32 {
        self.0.get(&cpu).copied().unwrap_or(0)
    }
}

/// A number that identifies the physical core: its lowest-numbered thread.
fn core_of(tree: &Tree, cpu: usize) -> usize {
    let topology = format!("{SYS_CPU}/cpu{cpu}/topology");
    // The second name is that of kernels before 5.3.
    ["core_cpus_list", "thread_siblings_list"]
        .iter()
        .find_map(|name| {
            let list = tree.text(&format!("{topology}/{name}")).ok()?;
            parse_cpu_list(&list).ok()?.first().copied()
        })
        .unwrap_or(cpu)
}
