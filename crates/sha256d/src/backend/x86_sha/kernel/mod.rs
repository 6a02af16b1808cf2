//! `sha256rnds2` does two rounds but waits several cycles for the previous two, so one
//! nonce leaves the unit mostly idle; independent streams keep it busy.
//!
//! A step is one block of assembly ([`asm`]), which the build script generates. Miri runs
//! the same step in intrinsics (`model`), and tests compare the assembly with it.

#[cfg(not(miri))]
mod asm;
mod layout;
#[cfg(any(miri, test))]
mod model;
mod offsets;
mod width;

use std::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm256_zeroupper};

#[cfg(not(miri))]
use self::asm as kernel;
use self::layout::{Constants, Stream};
#[cfg(miri)]
use self::model as kernel;
use self::width::{Width, width};
use super::{ROLLED_LANES, ROLLS};
use crate::backend::walk::{OnCandidate, OnRolledCandidate, Range, exactly, walk, walk_rolled};
use crate::job::{Job, Prepared};

/// The number of nonces that [`scan`] interleaves on this CPU.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn lanes() -> usize {
    width().nonces()
}

/// Reports every nonce of `range` that passes the early reject.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    scan_at(width(), job, range, on_candidate);
}

/// [`scan`] with the interleave width `width`.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn scan_at(width: Width, job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    match width {
        Width::Two => scan_by(job, range, on_candidate, kernel::step2),
        Width::Three => scan_by(job, range, on_candidate, kernel::step3),
        Width::Four => scan_by(job, range, on_candidate, kernel::step4),
    }
}

/// [`scan`] by a step on `N` nonces.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn scan_by<const N: usize>(
    job: &Prepared,
    range: Range,
    on_candidate: &mut OnCandidate<'_>,
    step: unsafe fn(&[Constants; 1], &mut [Stream; N]) -> [__m128i; N],
) {
    clear_upper_halves();
    let constants = [Constants::new(job)];
    let mut streams = [Stream::EMPTY; N];
    walk(range, N as u32, on_candidate, |base| {
        for (i, stream) in streams.iter_mut().enumerate() {
            stream.set(base.wrapping_add(i as u32));
        }
        // SAFETY: this function has the instructions that a step needs.
        let words = unsafe { step(&constants, &mut streams) };
        let mut candidates = 0;
        for (i, word) in words.into_iter().enumerate() {
            candidates |= u32::from(is_candidate(word, job.mask)) << i;
        }
        candidates
    });
}

/// Reports every nonce of `range` that passes the early reject of one of the
/// [`ROLLS`] jobs, which share their second block.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn scan_rolled(jobs: &[Job], range: Range, on_candidate: &mut OnRolledCandidate<'_>) {
    clear_upper_halves();
    let jobs = exactly::<ROLLS>(jobs);
    let mask = jobs[0].prepared.mask;
    let constants = jobs.each_ref().map(|job| Constants::new(&job.prepared));
    let mut streams = [Stream::EMPTY; ROLLS];
    walk_rolled(range, ROLLED_LANES as u32, on_candidate, |nonce| {
        streams[0].set(nonce);
        let words = kernel::step_rolled(&constants, &mut streams);
        words.map(|word| u32::from(is_candidate(word, mask)))
    });
}

/// True if lane 1, which is word 7 of the second digest, has none of the bits of `mask`.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn is_candidate(word: __m128i, mask: u32) -> bool {
    _mm_cvtsi128_si64(word).cast_unsigned() & u64::from(mask) << 32 == 0
}

/// Clears the upper halves of the ymm registers. The SHA instructions exist only in the
/// legacy SSE encoding. While the upper half of any ymm register is in use, CPUs need
/// hundreds of extra cycles for each of them, so this must follow any AVX code that ran
/// before. In a build for a CPU with AVX the code between two steps may use such registers
/// too, and each step clears them itself.
fn clear_upper_halves() {
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: AVX is present. By the calling convention no value lives in an upper half
        // across a call.
        unsafe { _mm256_zeroupper() };
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use crate::{Backend, Header, Target};
    use std::ops::ControlFlow;

    fn jobs() -> [Job; ROLLS] {
        std::array::from_fn(|i| {
            let header = Header {
                version: 0x2000_0000 + i as u32,
                prev_hash: crate::Hash256(std::array::from_fn(|i| (i * 7) as u8)),
                merkle_root: crate::Hash256(std::array::from_fn(|i| (i * 11 + 3) as u8)),
                time: 1_700_000_000,
                bits: 0x1d00_ffff,
                nonce: 0,
            };
            Job::new(&header, Target::from_leading_zero_bits(8))
        })
    }

    /// The words of a step on one nonce after the other.
    fn words<const JOBS: usize, const N: usize>(
        step: unsafe fn(&[Constants; JOBS], &mut [Stream; N]) -> [__m128i; N],
    ) -> Vec<u64> {
        let jobs = jobs();
        let constants: [_; JOBS] = std::array::from_fn(|i| Constants::new(&jobs[i].prepared));
        let mut streams = [Stream::EMPTY; N];
        let mut words = Vec::new();
        for step_number in 0..500u32 {
            for (i, stream) in streams.iter_mut().enumerate() {
                stream.set((step_number + i as u32).wrapping_mul(0x9e37_79b9));
            }
            // SAFETY: the callers have the SHA extensions.
            for word in unsafe { step(&constants, &mut streams) } {
                // SAFETY: x86-64 has SSE2.
                words.push(unsafe { _mm_cvtsi128_si64(word) }.cast_unsigned() >> 32);
            }
        }
        words
    }

    #[test]
    fn assembly_and_intrinsics_agree() {
        if crate::backend::x86_sha::BACKEND.backend().is_none() {
            eprintln!("skipped: this CPU has no SHA extensions");
            return;
        }
        assert_eq!(words(asm::step2), words(model::step2));
        assert_eq!(words(asm::step3), words(model::step3));
        assert_eq!(words(asm::step4), words(model::step4));
        assert_eq!(words(asm::step_rolled), words(model::step_rolled));
    }

    #[test]
    fn every_width_finds_what_the_portable_kernel_finds() {
        if crate::backend::x86_sha::BACKEND.backend().is_none() {
            eprintln!("skipped: this CPU has no SHA extensions");
            return;
        }
        let [job, ..] = jobs();
        let (first, last) = (77, 20_000);
        let mut expected = Vec::new();
        Backend::portable().scan(&job, first, last, &mut |hit| {
            expected.push(hit.nonce);
            ControlFlow::Continue(())
        });
        assert!(expected.len() > 40, "{} hits", expected.len());
        for width in Width::ALL {
            let mut found = Vec::new();
            let range = Range { first, last };
            // SAFETY: the CPU has the SHA extensions, see above.
            unsafe {
                scan_at(width, &job.prepared, range, &mut |nonce| {
                    found.push(nonce);
                    ControlFlow::Continue(())
                });
            }
            assert_eq!(found, expected, "{width:?}");
        }
    }
}
