//! Hardware threads that Linux hides: the topology of a CPU disappears while the CPU is
//! switched off, and some containers do not show that of CPUs outside their set. Their
//! number is known, and the CPUs that are shown tell to which cores they belong.

use super::SYS_CPU;
use crate::tree::Tree;

/// CPUs of one kind of core.
#[derive(Debug)]
pub(super) struct Kind {
    /// Name of the kind.
    pub name: String,
    /// The CPUs that are known to be of it.
    pub cpus: Vec<usize>,
    /// The number of threads of each core.
    pub threads_per_core: usize,
    /// The number of CPUs that the maker builds together: the threads of a core, or of a
    /// cluster of cores that share a cache.
    pub built_together: usize,
}

/// The number of threads of each core. `most` is the largest number among the cores that
/// are shown, of which there are `cores`; `hidden` CPUs are not shown.
pub(super) fn threads_per_core(tree: &Tree, most: usize, cores: usize, hidden: usize) -> usize {
    if most > 1 || hidden == 0 {
        return most.max(1);
    }
    match tree.text(&format!("{SYS_CPU}/smt/control")).as_deref() {
        Ok("on" | "off" | "forceoff") => 2,
        Ok("notsupported") => 1,
        // Kernels before 4.19, and some architectures, do not say. Where each core that is
        // shown lacks as many threads, those are most likely its siblings.
        _ if cores > 0 && hidden.is_multiple_of(cores) => 1 + hidden / cores,
        _ => 1,
    }
}

/// The number of CPUs of each kind, hidden ones included.
///
/// A hidden CPU between two of one kind is of that kind: Linux numbers the CPUs of a kind
/// in a row. Between two kinds, first incomplete cores and clusters of both are completed.
pub(super) fn complete(kinds: &[Kind], hidden: &[usize]) -> Vec<usize> {
    let mut counts: Vec<usize> = kinds.iter().map(|kind| kind.cpus.len()).collect();
    let of = |cpu: usize| kinds.iter().position(|kind| kind.cpus.contains(&cpu));
    // A kind of which every CPU is hidden is at an end of the numbers.
    let absent = kinds.iter().position(|kind| kind.cpus.is_empty());
    let mut between = Vec::new();
    let unknown: Vec<usize> = hidden
        .iter()
        .copied()
        .filter(|&cpu| of(cpu).is_none())
        .collect();
    for run in unknown.chunk_by(|a, b| a + 1 == *b) {
        let first = run.first().and_then(|cpu| cpu.checked_sub(1));
        let before = first.and_then(of).or(absent);
        let after = run.last().and_then(|cpu| of(cpu + 1)).or(absent);
        match (before, after) {
            (Some(low), Some(high)) if low != high => between.push((low, high, run.len())),
            (Some(kind), _) | (None, Some(kind)) => counts[kind] += run.len(),
            (None, None) => {}
        }
    }
    for (low, high, length) in between {
        let lacking = |kind: usize, counts: &[usize]| {
            let whole = kinds[kind].built_together.max(1);
            counts[kind].next_multiple_of(whole) - counts[kind]
        };
        let for_low = lacking(low, &counts).min(length);
        let for_high = lacking(high, &counts).min(length - for_low);
        let rest = length - for_low - for_high;
        counts[low] += for_low;
        counts[high] += for_high;
        let wholes = rest.is_multiple_of(kinds[high].built_together.max(1));
        counts[if wholes { high } else { low }] += rest;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, cpus: Vec<usize>, threads_per_core: usize, built_together: usize) -> Kind {
        Kind {
            name: name.into(),
            cpus,
            threads_per_core,
            built_together,
        }
    }

    /// An i9-12900K: eight cores of two threads, CPUs 0 to 15, and two clusters of four.
    #[test]
    fn whatever_is_switched_off_of_a_hybrid_its_kinds_are_whole() {
        let all: Vec<usize> = (0..24).collect();
        for off in [
            vec![],
            vec![3],
            vec![6, 7],
            vec![15],
            vec![14, 15],
            vec![1, 3, 5, 7, 9, 11, 13, 15],
            vec![16],
            vec![15, 16],
            vec![16, 17, 18, 19],
            vec![20, 21, 22, 23],
            vec![23],
            (16..24).collect(),
        ] {
            let on = |range: std::ops::Range<usize>| range.filter(|cpu| !off.contains(cpu));
            let kinds = [
                kind("performance", on(0..16).collect(), 2, 2),
                kind("efficiency", on(16..24).collect(), 1, 4),
            ];
            let hidden: Vec<usize> = all.iter().copied().filter(|c| off.contains(c)).collect();
            assert_eq!(complete(&kinds, &hidden), [16, 8], "without {off:?}");
        }
    }
}
