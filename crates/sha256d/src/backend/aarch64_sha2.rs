//! The AArch64 SHA-256 instructions, several nonces interleaved.
//!
//! `sha256h` and `sha256h2` together do four rounds, and wait several cycles for the
//! previous four; independent nonces fill the gap.
//!
//! The instructions keep the state in two registers, `abcd` and `efgh`. Four
//! message words share a register. The lowest lane comes first in both.

use super::descriptor::{AARCH64, Descriptor, compiled_in, missing};

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "aarch64-sha2",
    description: || "AArch64 SHA-256 instructions, several nonces interleaved".into(),
    arch: Some(AARCH64),
    missing: || missing!(aarch64: "sha2"),
    lanes: || STREAMS,
    scan: compiled_in!(aarch64: kernel::scan, (_, _, _)),
    rolled: None,
};

/// Nonces per step. Computed, not measured: for one to four, llvm-mca 19 puts a
/// hash at 189, 116, 107 and 104 cycles on Neoverse N1, at 189, 113, 103 and 102
/// on V2, and at 256, 132, 108 and 103 on Apple's M1. Four still fit the
/// registers.
const STREAMS: usize = 4;

#[cfg(target_arch = "aarch64")]
mod kernel {
    use std::arch::aarch64::{
        uint32x4_t, vaddq_u32, vandq_u32, vextq_u32, vgetq_lane_u32, vld1q_u32, vsha256h2q_u32,
        vsha256hq_u32, vsha256su0q_u32, vsha256su1q_u32,
    };

    use super::STREAMS;
    use crate::backend::walk::{OnCandidate, Range, walk};
    use crate::job::Prepared;
    use crate::sha256::{IV, K, round, small_sigma0};

    /// Reports every nonce of `range` that passes the early reject.
    #[target_feature(enable = "sha2")]
    pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
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

    /// One register per interleaved nonce.
    type Streams<const N: usize> = [uint32x4_t; N];

    /// The values that all nonces of a job share, laid out for this kernel.
    struct Constants {
        round3: [uint32x4_t; 2],
        midstate: [uint32x4_t; 2],
        /// W16 to W19 of hash 1 with nonce word 0.
        w16: uint32x4_t,
        /// The constant terms of W28 to W31.
        w28: uint32x4_t,
    }

    impl Constants {
        #[target_feature(enable = "sha2")]
        fn new(job: &Prepared) -> Self {
            let [w16, w17, w18, w19] = job.w16;
            Self {
                round3: halves(&job.round3),
                midstate: halves(&job.midstate),
                w16: words(w16, w17, w18, w19),
                w28: words(0, 0, small_sigma0(640), job.w31),
            }
        }
    }

    /// Word 7 of the second digest for the nonces `base`, `base + 1`, …
    #[inline]
    #[target_feature(enable = "sha2")]
    fn last_digest_words<const N: usize>(job: &Constants, base: u32) -> [u32; N] {
        let mut nonces = [0; N];
        for (i, nonce) in nonces.iter_mut().enumerate() {
            *nonce = base.wrapping_add(i as u32).swap_bytes();
        }
        let (m0, m4) = first_hash(job, nonces);
        second_hash(m0, m4)
    }

    /// The first digest: block 2 of the header on the midstate. Returns its words
    /// 0 to 3 and 4 to 7.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn first_hash<const N: usize>(job: &Constants, nonces: [u32; N]) -> (Streams<N>, Streams<N>) {
        // Rounds 0 to 3 are done except for the nonce word, which is added to a and e.
        let nonce: Streams<N> = nonces.map(|n| words(n, 0, 0, 0));
        let mut s = State {
            abcd: nonce.map(|n| vaddq_u32(job.round3[0], n)),
            efgh: nonce.map(|n| vaddq_u32(job.round3[1], n)),
        };
        s.padding_rounds(4, [0x8000_0000, 0, 0, 0]);
        s.padding_rounds(8, [0; 4]);
        s.padding_rounds(12, [0, 0, 0, 640]);

        // W16 to W31 without the terms that are zero (W5 to W14), and with the constant
        // ones (W4 = 2^31, W15 = 640) folded.
        let w4 = words(0x8000_0000, 0, 0, 0);
        let w8 = words(0, 0, 0, 0);
        let w12 = words(0, 0, 0, 640);
        let mut w16 = nonces.map(|n| vaddq_u32(job.w16, words(0, 0, small_sigma0(n), n)));
        s.rounds(16, &w16);
        let mut w20 = each(|i| vsha256su1q_u32(w4, w12, w16[i]));
        s.rounds(20, &w20);
        let mut w24 = each(|i| vsha256su1q_u32(w8, w16[i], w20[i]));
        s.rounds(24, &w24);
        let mut w28 = each(|i| vsha256su1q_u32(job.w28, w20[i], w24[i]));
        s.rounds(28, &w28);

        // A loop, not one straight block: the compiler's scheduler moves the streams of a
        // long block apart.
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

        (
            s.abcd.map(|x| vaddq_u32(x, job.midstate[0])),
            s.efgh.map(|x| vaddq_u32(x, job.midstate[1])),
        )
    }

    /// Word 7 of the hash of the 32-byte digest whose words are `m0` and `m4`.
    ///
    /// Word 7 is the h of round 63, which is the e of round 60. Round 0 starts from
    /// constants, and its message word only enters a and e by addition. With round 0 done
    /// separately, rounds 1 to 60 remain, which are fifteen fours and end with that e.
    /// Therefore the message is held from W1 on.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn second_hash<const N: usize>(m0: Streams<N>, m4: Streams<N>) -> [u32; N] {
        let [abcd, efgh] = halves(&round(IV, K[0]));
        let lane0 = words(u32::MAX, 0, 0, 0);
        let mut s: State<N> = State {
            abcd: m0.map(|m| vaddq_u32(abcd, vandq_u32(m, lane0))),
            efgh: m0.map(|m| vaddq_u32(efgh, vandq_u32(m, lane0))),
        };
        // W8 = 2^31, W9 to W14 = 0, W15 = 256.
        let padding = words(0x8000_0000, 0, 0, 0);
        let zero = words(0, 0, 0, 0);
        let length = words(0, 0, 0, 256);

        let mut w1 = each(|i| vextq_u32::<1>(m0[i], m4[i]));
        s.rounds(1, &w1);
        let mut w5 = each(|i| vextq_u32::<1>(m4[i], padding));
        s.rounds(5, &w5);
        s.padding_rounds(9, [0; 4]);
        // W16 = W0 + σ0(W1), since W9 and W14 are zero.
        let mut w13: Streams<N> = each(|i| vextq_u32::<1>(length, vsha256su0q_u32(m0[i], m4[i])));
        s.rounds(13, &w13);

        w1 = each(|i| vsha256su1q_u32(vsha256su0q_u32(w1[i], w5[i]), zero, w13[i]));
        s.rounds(17, &w1);
        w5 = each(|i| vsha256su1q_u32(vsha256su0q_u32(w5[i], zero), w13[i], w1[i]));
        s.rounds(21, &w5);
        // The terms of W25 to W28 from W9 to W13 are zero.
        let mut w9 = each(|i| vsha256su1q_u32(zero, w1[i], w5[i]));
        s.rounds(25, &w9);
        w13 = next_words(&w13, &w1, &w5, &w9);
        s.rounds(29, &w13);

        w1 = next_words(&w1, &w5, &w9, &w13);
        s.rounds(33, &w1);
        w5 = next_words(&w5, &w9, &w13, &w1);
        s.rounds(37, &w5);
        w9 = next_words(&w9, &w13, &w1, &w5);
        s.rounds(41, &w9);
        w13 = next_words(&w13, &w1, &w5, &w9);
        s.rounds(45, &w13);
        w1 = next_words(&w1, &w5, &w9, &w13);
        s.rounds(49, &w1);
        w5 = next_words(&w5, &w9, &w13, &w1);
        s.rounds(53, &w5);
        w9 = next_words(&w9, &w13, &w1, &w5);

        // The a to d of the last four rounds are not needed.
        let k = constants(57);
        let efgh: Streams<N> = each(|i| vsha256h2q_u32(s.efgh[i], s.abcd[i], vaddq_u32(w9[i], k)));
        efgh.map(|x| vgetq_lane_u32::<0>(x).wrapping_add(IV[7]))
    }

    /// The working variables of all streams.
    struct State<const N: usize> {
        abcd: Streams<N>,
        efgh: Streams<N>,
    }

    impl<const N: usize> State<N> {
        /// Rounds `t` to `t` + 3 with message words `w`.
        #[inline]
        #[target_feature(enable = "sha2")]
        fn rounds(&mut self, t: usize, w: &Streams<N>) {
            let k = constants(t);
            for (i, w) in w.iter().enumerate() {
                self.rounds4(i, vaddq_u32(*w, k));
            }
        }

        /// Rounds `t` to `t` + 3 with message words that are constants and therefore need
        /// no addition.
        #[inline]
        #[target_feature(enable = "sha2")]
        fn padding_rounds(&mut self, t: usize, w: [u32; 4]) {
            let kw = |i: usize| K[t + i].wrapping_add(w[i]);
            let kw = words(kw(0), kw(1), kw(2), kw(3));
            for i in 0..N {
                self.rounds4(i, kw);
            }
        }

        #[inline]
        #[target_feature(enable = "sha2")]
        fn rounds4(&mut self, i: usize, kw: uint32x4_t) {
            let (abcd, efgh) = (self.abcd[i], self.efgh[i]);
            self.abcd[i] = vsha256hq_u32(abcd, efgh, kw);
            self.efgh[i] = vsha256h2q_u32(efgh, abcd, kw);
        }
    }

    /// W_t to W_{t+3} of every stream from the sixteen words before them.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn next_words<const N: usize>(
        w0: &Streams<N>,
        w4: &Streams<N>,
        w8: &Streams<N>,
        w12: &Streams<N>,
    ) -> Streams<N> {
        each(|i| vsha256su1q_u32(vsha256su0q_u32(w0[i], w4[i]), w8[i], w12[i]))
    }

    /// Four words, lowest lane first.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn words(w0: u32, w1: u32, w2: u32, w3: u32) -> uint32x4_t {
        let words = [w0, w1, w2, w3];
        // SAFETY: the array holds the four words that are read, and no larger alignment is
        // required.
        unsafe { vld1q_u32(words.as_ptr()) }
    }

    /// K_t to K_{t+3}.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn constants(t: usize) -> uint32x4_t {
        words(K[t], K[t + 1], K[t + 2], K[t + 3])
    }

    /// `abcd` and `efgh` of a state.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn halves(s: &[u32; 8]) -> [uint32x4_t; 2] {
        [words(s[0], s[1], s[2], s[3]), words(s[4], s[5], s[6], s[7])]
    }

    /// One value per stream.
    #[inline(always)]
    fn each<T, const N: usize>(f: impl FnMut(usize) -> T) -> [T; N] {
        std::array::from_fn(f)
    }
}
