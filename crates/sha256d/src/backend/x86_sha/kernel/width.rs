//! The number of nonces that are interleaved on this CPU.
//!
//! A unit that starts two rounds each cycle and ends them four later needs four nonces; one
//! that starts them every third cycle is fully used with two. More streams cost more memory
//! traffic. A table of CPUs would become outdated, so each width is timed briefly, once.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::backend::walk::Range;
use crate::job::Job;
use crate::{Hash256, Header, Target};

/// The number of nonces interleaved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    Two,
    Three,
    Four,
}

impl Width {
    pub const ALL: [Self; 3] = [Self::Two, Self::Three, Self::Four];

    /// The width as a number.
    pub fn nonces(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

/// Nonces of one timing: some tens of microseconds, so that most escape
/// interruption.
const NONCES: u32 = 1200;
/// Timings of each width.
const ROUNDS: usize = 24;

/// The fastest width on this CPU, timed at the first call, which takes some milliseconds.
///
/// The CPU must have the SHA extensions.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub fn width() -> Width {
    static FASTEST: OnceLock<Width> = OnceLock::new();
    if cfg!(miri) {
        // Under Miri, timings do not describe the CPU.
        return Width::Three;
    }
    *FASTEST.get_or_init(|| fastest())
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn fastest() -> Width {
    let header = Header {
        version: 1,
        prev_hash: Hash256([0; 32]),
        merkle_root: Hash256([0; 32]),
        time: 0,
        bits: 0x1d00_ffff,
        nonce: 0,
    };
    // A target that no nonce meets.
    let job = Job::new(&header, Target::from_leading_zero_bits(255));
    let range = Range {
        first: 0,
        last: NONCES - 1,
    };
    let mut best = Width::ALL.map(|width| (Duration::MAX, width));
    for _ in 0..ROUNDS {
        for (time, width) in &mut best {
            let started = Instant::now();
            super::scan_at(*width, &job.prepared, range, &mut |_| {
                ControlFlow::Continue(())
            });
            *time = started.elapsed().min(*time);
        }
    }
    let [mut fastest, others @ ..] = best;
    for other in others {
        if other.0 < fastest.0 {
            fastest = other;
        }
    }
    fastest.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::x86_sha::BACKEND;

    #[test]
    fn the_width_is_chosen_once() {
        if BACKEND.backend().is_none() {
            eprintln!("skipped: this CPU has no SHA extensions");
            return;
        }
        // SAFETY: the CPU has the SHA extensions, see above.
        let (first, again) = unsafe { (width(), width()) };
        assert_eq!(first, again);
        assert!(Width::ALL.contains(&first));
    }
}
