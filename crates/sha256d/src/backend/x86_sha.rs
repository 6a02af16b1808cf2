//! The x86 SHA extensions, several nonces interleaved.
//!
//! `sha256rnds2` does two rounds but waits several cycles for the two before
//! it, so one nonce leaves the unit mostly idle; independent nonces fill it.
//!
//! The instructions keep the state in two registers, written here lane 3 first:
//! `abef` and `cdgh`. Four message words share a register, lowest lane first.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_cvtsi128_si32, _mm_set_epi32,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi32,
    _mm_unpackhi_epi64, _mm_unpacklo_epi64, _mm256_zeroupper,
};

use super::walk::{OnCandidate, Range, walk};
use crate::job::Prepared;
use crate::sha256::{IV, K, small_sigma0, small_sigma1};

/// Nonces per step. Three is best on AMD Zen 3, whose SHA unit starts two rounds
/// every cycle and finishes them in four; Intel's Golden Cove starts them every
/// three cycles and is as fast with two, three or four.
pub(super) const STREAMS: usize = 3;

/// Reports every nonce of `range` that passes the early reject.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    clear_upper_halves();
    let constants = Constants::new(job);
    walk(range, STREAMS as u32, on_candidate, |base| {
        let words: [u32; STREAMS] = last_digest_words(&constants, base);
        let mut candidates = 0;
        for (lane, word) in words.into_iter().enumerate() {
            candidates |= u32::from(word & job.mask == 0) << lane;
        }
        candidates
    });
}

/// The SHA instructions exist only in the legacy SSE encoding. While the upper
/// half of any ymm register is in use, CPUs charge hundreds of cycles for each
/// of them, so whatever AVX code ran before is cleaned up after.
pub(super) fn clear_upper_halves() {
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: AVX is present. The calling convention lets no value live in
        // an upper half across a call.
        unsafe { _mm256_zeroupper() };
    }
}

/// One register per interleaved nonce.
pub(super) type Streams<const N: usize> = [__m128i; N];

/// What all nonces of a job share, laid out for this kernel.
pub(super) struct Constants {
    pub(super) round3_abef: __m128i,
    pub(super) round3_cdgh: __m128i,
    pub(super) midstate_abef: __m128i,
    pub(super) midstate_cdgh: __m128i,
    /// W16 to W19 of hash 1 with nonce word 0.
    pub(super) w16: __m128i,
    /// The terms of W20 to W23 that are constant.
    pub(super) w20: __m128i,
    /// The terms of W28 to W31 that are constant.
    pub(super) w28: __m128i,
}

impl Constants {
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(super) fn new(job: &Prepared) -> Self {
        let [w16, w17, w18, w19] = job.w16;
        Self {
            round3_abef: abef(&job.round3),
            round3_cdgh: cdgh(&job.round3),
            midstate_abef: abef(&job.midstate),
            midstate_cdgh: cdgh(&job.midstate),
            w16: words(w16, w17, w18, w19),
            w20: words(0x8000_0000, 0, 640, w16),
            w28: words(
                0,
                0,
                small_sigma0(640),
                640u32.wrapping_add(small_sigma0(w16)),
            ),
        }
    }
}

/// Word 7 of the second digest for the nonces `base`, `base + 1`, …
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn last_digest_words<const N: usize>(job: &Constants, base: u32) -> [u32; N] {
    let mut nonces = [0; N];
    for (i, nonce) in nonces.iter_mut().enumerate() {
        *nonce = base.wrapping_add(i as u32).swap_bytes();
    }
    let (m0, m1) = first_hash(job, nonces);
    second_hash(m0, m1)
}

/// The first digest: block 2 of the header on the midstate. Returns its words
/// 0 to 3 and 4 to 7.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn first_hash<const N: usize>(job: &Constants, nonces: [u32; N]) -> (Streams<N>, Streams<N>) {
    // Rounds 0 to 3 are done but for the nonce word, which adds itself to a
    // and e.
    let mut s = State {
        abef: nonces.map(|n| _mm_add_epi32(job.round3_abef, words(0, n, 0, n))),
        cdgh: [job.round3_cdgh; N],
    };
    s.padding_rounds(4, [0x8000_0000, 0, 0, 0]);
    s.padding_rounds(8, [0; 4]);
    s.padding_rounds(12, [0, 0, 0, 640]);

    // W16 to W31 without the terms that are zero (W5 to W14) and with the
    // constant ones (W4 = 2^31, W15 = 640) folded.
    let mut w16 = nonces.map(|n| _mm_add_epi32(job.w16, words(0, 0, small_sigma0(n), n)));
    s.rounds(16, &w16);
    let mut w20 = each(|i| _mm_sha256msg2_epu32(job.w20, w16[i]));
    s.rounds(20, &w20);
    let mut w24 = each(|i| _mm_sha256msg2_epu32(seven_back(w16[i], w20[i]), w20[i]));
    s.rounds(24, &w24);
    let mut w28 = each(|i| {
        let terms = _mm_add_epi32(seven_back(w20[i], w24[i]), job.w28);
        _mm_sha256msg2_epu32(terms, w24[i])
    });
    s.rounds(28, &w28);

    // A loop, not one straight block: LLVM's scheduler moves the streams of a
    // longer block apart, which costs a tenth.
    for t in [32, 48] {
        w16 = next_words(&w16, &w20, &w24, &w28);
        s.rounds(t, &w16);
        w20 = next_words(&w20, &w24, &w28, &w16);
        s.rounds(t + 4, &w20);
        w24 = next_words(&w24, &w28, &w16, &w20);
        s.rounds(t + 8, &w24);
        w28 = next_words(&w28, &w16, &w20, &w24);
        s.rounds(t + 12, &w28);
    }

    // Add the midstate and bring the words into message order.
    let abef = s.abef.map(|x| _mm_add_epi32(x, job.midstate_abef));
    let cdgh = s.cdgh.map(|x| _mm_add_epi32(x, job.midstate_cdgh));
    let abef = abef.map(|x| _mm_shuffle_epi32::<0b00_01_10_11>(x));
    let cdgh = cdgh.map(|x| _mm_shuffle_epi32::<0b00_01_10_11>(x));
    (
        each(|i| _mm_unpacklo_epi64(abef[i], cdgh[i])),
        each(|i| _mm_unpackhi_epi64(abef[i], cdgh[i])),
    )
}

/// Word 7 of the hash of the 32-byte digest whose words are `m0` and `m1`.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn second_hash<const N: usize>(m0: Streams<N>, m1: Streams<N>) -> [u32; N] {
    let mut s = State {
        abef: [abef(&IV); N],
        cdgh: [cdgh(&IV); N],
    };
    s.rounds(0, &m0);
    s.rounds(4, &m1);
    s.padding_rounds(8, [0x8000_0000, 0, 0, 0]);
    s.padding_rounds(12, [0, 0, 0, 256]);

    let w8 = words(0x8000_0000, 0, 0, 0);
    let w12 = words(0, 0, 0, 256);
    // The constant terms of W16 to W19: W9 to W12 and W14 are zero.
    let w16_terms = words(0, small_sigma1(256), 0, 0);
    let mut w16: Streams<N> = each(|i| {
        let terms = _mm_add_epi32(_mm_sha256msg1_epu32(m0[i], m1[i]), w16_terms);
        _mm_sha256msg2_epu32(terms, words(0, 0, 0, 0))
    });
    s.rounds(16, &w16);
    let mut w20 = each(|i| {
        let terms = _mm_add_epi32(_mm_sha256msg1_epu32(m1[i], w8), seven_back(w12, w16[i]));
        _mm_sha256msg2_epu32(terms, w16[i])
    });
    s.rounds(20, &w20);
    let mut w24 =
        each(|i| _mm_sha256msg2_epu32(_mm_add_epi32(w8, seven_back(w16[i], w20[i])), w20[i]));
    s.rounds(24, &w24);
    let mut w28 = each(|i| {
        let terms = _mm_add_epi32(
            _mm_sha256msg1_epu32(w12, w16[i]),
            seven_back(w20[i], w24[i]),
        );
        _mm_sha256msg2_epu32(terms, w24[i])
    });
    s.rounds(28, &w28);

    w16 = next_words(&w16, &w20, &w24, &w28);
    s.rounds(32, &w16);
    w20 = next_words(&w20, &w24, &w28, &w16);
    s.rounds(36, &w20);
    w24 = next_words(&w24, &w28, &w16, &w20);
    s.rounds(40, &w24);
    w28 = next_words(&w28, &w16, &w20, &w24);
    s.rounds(44, &w28);
    w16 = next_words(&w16, &w20, &w24, &w28);
    s.rounds(48, &w16);
    w20 = next_words(&w20, &w24, &w28, &w16);
    s.rounds(52, &w20);
    w24 = next_words(&w24, &w28, &w16, &w20);
    s.rounds(56, &w24);
    w28 = next_words(&w28, &w16, &w20, &w24);

    // Word 7 is the h of round 63, which is the f of round 61.
    let k = constants(60);
    let abef =
        each::<_, N>(|i| _mm_sha256rnds2_epu32(s.cdgh[i], s.abef[i], _mm_add_epi32(w28[i], k)));
    abef.map(|x| _mm_cvtsi128_si32(x).cast_unsigned().wrapping_add(IV[7]))
}

/// The working variables of all streams.
pub(super) struct State<const N: usize> {
    pub(super) abef: Streams<N>,
    pub(super) cdgh: Streams<N>,
}

impl<const N: usize> State<N> {
    /// Rounds `t` to `t` + 3 with message words `w`.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn rounds(&mut self, t: usize, w: &Streams<N>) {
        let k = constants(t);
        for (i, w) in w.iter().enumerate() {
            let kw = _mm_add_epi32(*w, k);
            self.rounds4(i, kw, _mm_shuffle_epi32::<0b11_10>(kw));
        }
    }

    /// Rounds `t` to `t` + 3 with message words that are constants, and so need
    /// no addition or shuffle.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(super) fn padding_rounds(&mut self, t: usize, w: [u32; 4]) {
        let kw = |i: usize| K[t + i].wrapping_add(w[i]);
        let low = words(kw(0), kw(1), 0, 0);
        let high = words(kw(2), kw(3), 0, 0);
        for i in 0..N {
            self.rounds4(i, low, high);
        }
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(super) fn rounds4(&mut self, i: usize, low: __m128i, high: __m128i) {
        self.cdgh[i] = _mm_sha256rnds2_epu32(self.cdgh[i], self.abef[i], low);
        self.abef[i] = _mm_sha256rnds2_epu32(self.abef[i], self.cdgh[i], high);
    }
}

/// W_t to W_{t+3} of every stream from the sixteen words before them.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn next_words<const N: usize>(
    w0: &Streams<N>,
    w4: &Streams<N>,
    w8: &Streams<N>,
    w12: &Streams<N>,
) -> Streams<N> {
    each(|i| {
        let terms = _mm_sha256msg1_epu32(w0[i], w4[i]);
        let terms = _mm_add_epi32(terms, seven_back(w8[i], w12[i]));
        _mm_sha256msg2_epu32(terms, w12[i])
    })
}

/// W_{t-7} to W_{t-4} from W_{t-8} to W_{t-1}.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn seven_back(w8: __m128i, w12: __m128i) -> __m128i {
    _mm_alignr_epi8::<4>(w12, w8)
}

/// Four words, lowest lane first.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn words(w0: u32, w1: u32, w2: u32, w3: u32) -> __m128i {
    _mm_set_epi32(
        w3.cast_signed(),
        w2.cast_signed(),
        w1.cast_signed(),
        w0.cast_signed(),
    )
}

/// K_t to K_{t+3}.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn constants(t: usize) -> __m128i {
    words(K[t], K[t + 1], K[t + 2], K[t + 3])
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn abef(s: &[u32; 8]) -> __m128i {
    words(s[5], s[4], s[1], s[0])
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn cdgh(s: &[u32; 8]) -> __m128i {
    words(s[7], s[6], s[3], s[2])
}

/// One value per stream.
#[inline(always)]
pub(super) fn each<T, const N: usize>(f: impl FnMut(usize) -> T) -> [T; N] {
    std::array::from_fn(f)
}
