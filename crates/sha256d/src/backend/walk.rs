//! The division of a range of nonces into steps as wide as a kernel.

use std::ops::ControlFlow;

#[cfg(target_arch = "x86_64")]
use crate::job::Job;

/// The callback of a kernel, called with each nonce that passed the early reject.
pub(super) type OnCandidate<'a> = dyn FnMut(u32) -> ControlFlow<()> + 'a;

/// Nonces `first` to `last`, both included; `first <= last`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) first: u32,
    pub(super) last: u32,
}

/// Walks `range` in steps of `lanes` nonces (at most 32). `step` decides the
/// nonces from its argument on and returns one bit per lane: see
/// [`walk_rolled`], of which this is the case of one job.
#[inline(always)]
pub(super) fn walk(
    range: Range,
    lanes: u32,
    on_candidate: &mut OnCandidate<'_>,
    mut step: impl FnMut(u32) -> u32,
) {
    walk_rolled(range, lanes, &mut |_, nonce| on_candidate(nonce), |base| {
        [step(base)]
    });
}

/// The callback of a rolled kernel, called with each candidate: the job's index in the
/// group, and the nonce.
pub(super) type OnRolledCandidate<'a> = dyn FnMut(usize, u32) -> ControlFlow<()> + 'a;

/// The jobs as an array, whose length the kernel is compiled for.
///
/// # Panics
/// When there are not `N` jobs; [`super::Backend::scan_rolled`] has checked their number.
#[cfg(target_arch = "x86_64")]
pub(super) fn exactly<const N: usize>(jobs: &[Job]) -> &[Job; N] {
    jobs.try_into()
        .expect("a rolled kernel runs on groups of its own width")
}

/// Walks `range` in steps of `lanes` nonces (at most 32). `step` decides the
/// nonces from its argument on, wrapping past the end of `u32`, for each of `N`
/// jobs, and returns one bit per lane and job: set when that nonce is a
/// candidate.
///
/// A last, incomplete step computes all its lanes and drops those outside the range, so
/// that no kernel has to handle remainders.
#[inline(always)]
pub(super) fn walk_rolled<const N: usize>(
    range: Range,
    lanes: u32,
    on_candidate: &mut OnRolledCandidate<'_>,
    mut step: impl FnMut(u32) -> [u32; N],
) {
    let total = u64::from(range.last - range.first) + 1;
    let mut done = 0u64;
    while done < total {
        let base = range.first.wrapping_add(done as u32);
        let candidates = step(base);
        let mut any = candidates.iter().fold(0, |any, lanes| any | lanes);
        // Rare: about N steps in 2^zeros, where zeros are those that the target demands.
        if any != 0 {
            let left = total - done;
            if left < u64::from(lanes) {
                any &= (1 << left) - 1;
            }
            while any != 0 {
                let lane = any.trailing_zeros();
                any &= any - 1;
                for (job, lanes) in candidates.iter().enumerate() {
                    if lanes >> lane & 1 != 0
                        && on_candidate(job, base.wrapping_add(lane)).is_break()
                    {
                        return;
                    }
                }
            }
        }
        done += u64::from(lanes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walk_visits_lanes_in_order_and_drops_the_tail() {
        let visit = |first, last, lanes: u32| {
            let mut seen = Vec::new();
            walk(
                Range { first, last },
                lanes,
                &mut |nonce| {
                    seen.push(nonce);
                    ControlFlow::Continue(())
                },
                |_| u32::MAX >> (32 - lanes),
            );
            seen
        };
        assert_eq!(visit(3, 12, 4), (3..=12).collect::<Vec<_>>());
        assert_eq!(visit(u32::MAX, u32::MAX, 8), vec![u32::MAX]);
        assert_eq!(
            visit(u32::MAX - 9, u32::MAX, 3),
            (u32::MAX - 9..=u32::MAX).collect::<Vec<_>>()
        );
        assert_eq!(visit(0, 63, 32), (0..=63).collect::<Vec<_>>());
    }
}
