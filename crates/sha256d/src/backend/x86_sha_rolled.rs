//! The x86 SHA extensions on several versions of a header: the message schedule
//! of the first hash is computed once per nonce and feeds one interleaved
//! stream per version.
//!
//! The rounds of the first hash then consist of nothing but `sha256rnds2`, two
//! to a load of K_t + W_t that all streams use. See [`super::x86_sha`] for the
//! notation and the second hash.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_sha256msg2_epu32, _mm_shuffle_epi32, _mm_unpackhi_epi64,
    _mm_unpacklo_epi64,
};

use super::walk::{OnRolledCandidate, Range, exactly, walk_rolled};
use super::x86_sha::{
    Constants, State, Streams, clear_upper_halves, constants, each, next_words, second_hash,
    seven_back, words,
};
use crate::job::Job;
use crate::sha256::small_sigma0;

/// Nonces per step.
pub(super) const LANES: usize = 1;
/// Jobs that share one message schedule, and streams interleaved.
pub(super) const ROLLS: usize = 4;

/// Reports every nonce of `range` that passes the early reject of one of the
/// [`ROLLS`] jobs, which share their second block.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn scan_rolled(jobs: &[Job], range: Range, on_candidate: &mut OnRolledCandidate<'_>) {
    clear_upper_halves();
    let jobs = exactly::<ROLLS>(jobs);
    let mask = jobs[0].prepared.mask;
    let jobs: [Constants; ROLLS] = each(|i| Constants::new(&jobs[i].prepared));
    walk_rolled(range, LANES as u32, on_candidate, |base| {
        let (m0, m1) = first_hashes(&jobs, base.swap_bytes());
        second_hash(m0, m1).map(|word| u32::from(word & mask == 0))
    });
}

/// The first digests of all jobs, each as its words 0 to 3 and 4 to 7.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn first_hashes<const N: usize>(jobs: &[Constants; N], nonce: u32) -> (Streams<N>, Streams<N>) {
    let kw = schedule(&jobs[0], nonce);
    let nonce = words(0, nonce, 0, nonce);
    let mut s: State<N> = State {
        abef: each(|i| _mm_add_epi32(jobs[i].round3_abef, nonce)),
        cdgh: each(|i| jobs[i].round3_cdgh),
    };
    s.padding_rounds(4, [0x8000_0000, 0, 0, 0]);
    s.padding_rounds(8, [0; 4]);
    s.padding_rounds(12, [0, 0, 0, 640]);
    for kw in kw {
        let high = _mm_shuffle_epi32::<0b11_10>(kw);
        for i in 0..N {
            s.rounds4(i, kw, high);
        }
    }
    let abef: Streams<N> = each(|i| _mm_add_epi32(s.abef[i], jobs[i].midstate_abef));
    let cdgh: Streams<N> = each(|i| _mm_add_epi32(s.cdgh[i], jobs[i].midstate_cdgh));
    let abef = abef.map(|x| _mm_shuffle_epi32::<0b00_01_10_11>(x));
    let cdgh = cdgh.map(|x| _mm_shuffle_epi32::<0b00_01_10_11>(x));
    (
        each(|i| _mm_unpacklo_epi64(abef[i], cdgh[i])),
        each(|i| _mm_unpackhi_epi64(abef[i], cdgh[i])),
    )
}

/// K_t + W_t of hash 1 for t = 16 to 63, four to a register.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn schedule(job: &Constants, nonce: u32) -> [__m128i; 12] {
    let mut w16 = [_mm_add_epi32(
        job.w16,
        words(0, 0, small_sigma0(nonce), nonce),
    )];
    let mut w20 = [_mm_sha256msg2_epu32(job.w20, w16[0])];
    let mut w24 = [_mm_sha256msg2_epu32(seven_back(w16[0], w20[0]), w20[0])];
    let terms = _mm_add_epi32(seven_back(w20[0], w24[0]), job.w28);
    let mut w28 = [_mm_sha256msg2_epu32(terms, w24[0])];
    let mut kw = [w16[0]; 12];
    for quad in 0..3 {
        if quad > 0 {
            w16 = next_words(&w16, &w20, &w24, &w28);
            w20 = next_words(&w20, &w24, &w28, &w16);
            w24 = next_words(&w24, &w28, &w16, &w20);
            w28 = next_words(&w28, &w16, &w20, &w24);
        }
        for (i, w) in [w16, w20, w24, w28].into_iter().enumerate() {
            kw[4 * quad + i] = _mm_add_epi32(w[0], constants(16 + 16 * quad + 4 * i));
        }
    }
    kw
}
