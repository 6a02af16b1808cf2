//! Eight nonces in the eight 32-bit lanes of a ymm register: the kernel of
//! [`super::vertical`].

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_ps, _mm256_cmpeq_epi32,
    _mm256_movemask_ps, _mm256_or_si256, _mm256_set_epi8, _mm256_set1_epi32, _mm256_setr_epi32,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi32,
    _mm256_xor_si256,
};

use super::vertical::{Word, last_digest_word, last_digest_words};
use super::walk::{OnCandidate, OnRolledCandidate, Range, exactly, walk, walk_rolled};
use crate::job::{Job, Prepared};

/// Nonces per step.
pub(super) const LANES: usize = 8;
/// Jobs that share one message schedule.
pub(super) const ROLLS: usize = 8;
/// Jobs whose first hashes are interleaved: the state of one fills half of the 16
/// registers.
const TOGETHER: usize = 1;

/// Reports every nonce of `range` that passes the early reject.
#[target_feature(enable = "avx2")]
pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    let mask = Lanes::splat(job.mask);
    walk(range, LANES as u32, on_candidate, |base| {
        candidates(last_digest_word(job, nonce_words(base)), mask)
    });
}

/// [`scan`] of [`ROLLS`] jobs that share their second block.
#[target_feature(enable = "avx2")]
pub(super) fn scan_rolled(jobs: &[Job], range: Range, on_candidate: &mut OnRolledCandidate<'_>) {
    let jobs = exactly::<ROLLS>(jobs);
    let mask = Lanes::splat(jobs[0].prepared.mask);
    walk_rolled(range, LANES as u32, on_candidate, |base| {
        let mut found = [0; ROLLS];
        last_digest_words::<_, _, TOGETHER>(jobs, nonce_words(base), |job, word| {
            found[job] = candidates(word, mask);
        });
        found
    });
}

/// The nonces from `base` on as SHA-256 reads them: byte-swapped.
#[inline]
#[target_feature(enable = "avx2")]
fn nonce_words(base: u32) -> Lanes {
    let lane_numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    #[rustfmt::skip]
    let swap_bytes = _mm256_set_epi8(
        12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3,
        12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3,
    );
    let nonces = _mm256_add_epi32(_mm256_set1_epi32(base.cast_signed()), lane_numbers);
    Lanes(_mm256_shuffle_epi8(nonces, swap_bytes))
}

/// The lanes whose bits under `mask` are all zero.
#[inline]
#[target_feature(enable = "avx2")]
fn candidates(word: Lanes, mask: Lanes) -> u32 {
    let under = _mm256_and_si256(word.0, mask.0);
    let zero = _mm256_cmpeq_epi32(under, _mm256_setzero_si256());
    _mm256_movemask_ps(_mm256_castsi256_ps(zero)).cast_unsigned()
}

/// A ymm register. Made and used only inside the scans, whose caller has
/// established AVX2; that is what makes the intrinsics below sound.
#[derive(Clone, Copy)]
struct Lanes(__m256i);

impl Word for Lanes {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe { _mm256_set1_epi32(value.cast_signed()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn shr<const RIGHT: i32>(self) -> Self {
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe { _mm256_srli_epi32::<RIGHT>(self.0) })
    }

    #[inline(always)]
    fn rotr<const RIGHT: i32, const LEFT: i32>(self) -> Self {
        const { assert!(RIGHT + LEFT == 32) };
        // SAFETY: AVX2 is present, see `Lanes`.
        Self(unsafe {
            _mm256_or_si256(
                _mm256_srli_epi32::<RIGHT>(self.0),
                _mm256_slli_epi32::<LEFT>(self.0),
            )
        })
    }
}
