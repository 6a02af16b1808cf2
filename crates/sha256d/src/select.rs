//! The choice of the fastest backend. One binary serves every CPU, so each backend that can
//! run is verified on a known header and timed briefly.
//!
//! No order by instruction set is right for every CPU: SHA-NI is faster than AVX-512 on
//! some, and half as fast on others.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::{Backend, Header, JobGroup, VERSION_MASK};

/// The default time for each backend.
pub const TRIAL: Duration = Duration::from_millis(50);

/// The genesis block, whose nonce every backend must find.
const GENESIS: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
/// Nonces around it that are searched; none of the others is a hit.
const PROOF_NONCES: u32 = 2048;
/// Hashes of one timing: short enough that many escape interruption.
const TIMED_HASHES: u32 = 4096;
/// Timings restart before this nonce, far from the end of the range.
const NONCES_TRIED: u32 = (1 << 30) - 1;

/// The result of one backend's trial.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trial {
    /// The backend.
    pub backend: Backend,
    /// True if it found the genesis nonce and no other around it.
    pub proven: bool,
    /// Hashes per second on one thread, the best of many short timings; absent when the
    /// backend was not proven.
    pub rate_h_per_s: Option<f64>,
}

/// Tries every available backend, each for about `time`; the fastest first, those that
/// failed last.
#[must_use]
pub fn trials(time: Duration) -> Vec<Trial> {
    let trial = |backend| {
        let proven = prove(backend);
        Trial {
            backend,
            proven,
            rate_h_per_s: proven.then(|| rate(backend, time)),
        }
    };
    let mut trials: Vec<Trial> = Backend::available().into_iter().map(trial).collect();
    let rate = |trial: &Trial| trial.rate_h_per_s.unwrap_or(0.0);
    trials.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
    trials
}

/// The fastest backend for a single header, whose version does not roll: of the backends
/// that search one header at a time and pass the trial. If none does, the best that this
/// CPU can run: its hits are still checked in full.
#[must_use]
pub fn fastest_plain(time: Duration) -> Backend {
    let plain = |backend: &Backend| backend.roll_width() == 1;
    trials(time)
        .into_iter()
        .filter(|trial| trial.proven)
        .map(|trial| trial.backend)
        .chain(Backend::available())
        .find(plain)
        .unwrap_or_else(Backend::portable)
}

/// The genesis header under as many versions as the backend searches together; its own
/// version comes last.
fn genesis(backend: Backend) -> Option<JobGroup> {
    let header = Header::from_hex(GENESIS).ok()?;
    let versions: Vec<u32> = (0..backend.roll_width() as u32)
        .rev()
        .map(|i| header.version ^ (i << VERSION_MASK.trailing_zeros()))
        .collect();
    JobGroup::new(&header, header.target().ok()?, &versions)
}

fn prove(backend: Backend) -> bool {
    let Some(group) = genesis(backend) else {
        return false;
    };
    let last_job = group.jobs().len() - 1;
    let nonce = group.jobs()[last_job].header().nonce;
    let first = nonce - PROOF_NONCES / 2;
    let mut hits = Vec::new();
    let decided = backend.scan_rolled(&group, first, first + PROOF_NONCES - 1, &mut |job, hit| {
        hits.push((job, hit.nonce));
        ControlFlow::Continue(())
    });
    decided == u64::from(PROOF_NONCES) * group.jobs().len() as u64 && hits == [(last_job, nonce)]
}

fn rate(backend: Backend, time: Duration) -> f64 {
    let Some(group) = genesis(backend) else {
        return 0.0;
    };
    let nonces = TIMED_HASHES / group.jobs().len() as u32;
    let began = Instant::now();
    let mut best = 0.0f64;
    let mut first = 0u32;
    loop {
        let started = Instant::now();
        let decided = backend.scan_rolled(&group, first, first + (nonces - 1), &mut |_, _| {
            ControlFlow::Continue(())
        });
        let seconds = started.elapsed().as_secs_f64();
        if seconds > 0.0 {
            best = best.max(decided as f64 / seconds);
        }
        first = first.wrapping_add(nonces) & NONCES_TRIED;
        if began.elapsed() >= time {
            return best;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_available_backend_is_tried_and_proven() {
        let trials = trials(Duration::from_millis(2));
        assert_eq!(trials.len(), Backend::available().len());
        for trial in &trials {
            assert!(trial.proven, "{trial:?}");
            assert!(
                trial.rate_h_per_s.is_some_and(|rate| rate > 0.0),
                "{trial:?}"
            );
        }
        let rates: Vec<_> = trials.iter().map(|trial| trial.rate_h_per_s).collect();
        assert!(rates.is_sorted_by(|a, b| a >= b));
        assert_eq!(fastest_plain(Duration::from_millis(1)).roll_width(), 1);
    }
}
