//! The steps of [`super::asm`] in intrinsics, in the plainest form.
//!
//! Miri executes this form, which it can check, instead of the assembly, which it cannot;
//! where both run, their results must be equal.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_and_si128, _mm_castps_si128, _mm_castsi128_ps,
    _mm_insert_ps, _mm_set_epi32, _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32,
    _mm_sha256rnds2_epu32, _mm_shuffle_epi32, _mm_shuffle_ps, _mm_unpacklo_epi64,
};

use super::layout::{Constants, Stream, TABLE, Words};

macro_rules! step {
    ($name:ident, $streams:literal) => {
        /// Word 7 of the second digests, in lane 1.
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        pub fn $name(job: &[Constants; 1], mem: &mut [Stream; $streams]) -> [__m128i; $streams] {
            mem.each_ref().map(|stream| digest_word(&job[0], stream))
        }
    };
}

step!(step2, 2);
step!(step3, 3);
step!(step4, 4);

/// Word 7 of the second digests of one nonce for four jobs, in lane 1.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub fn step_rolled(jobs: &[Constants; 4], mem: &mut [Stream; 4]) -> [__m128i; 4] {
    jobs.each_ref().map(|job| digest_word(job, &mem[0]))
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn digest_word(job: &Constants, stream: &Stream) -> __m128i {
    second_hash(job, first_hash(job, stream))
}

/// The working variables.
#[derive(Clone, Copy)]
struct State {
    abef: __m128i,
    cdgh: __m128i,
}

impl State {
    /// Four rounds with the given K_t + W_t.
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn rounds(&mut self, kw: __m128i) {
        self.first_two(kw);
        self.last_two(_mm_shuffle_epi32::<0b11_10>(kw));
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn first_two(&mut self, kw: __m128i) {
        self.cdgh = _mm_sha256rnds2_epu32(self.cdgh, self.abef, kw);
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn last_two(&mut self, kw: __m128i) {
        self.abef = _mm_sha256rnds2_epu32(self.abef, self.cdgh, kw);
    }
}

/// The state after round 63 of the header's second block, without the midstate.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn first_hash(job: &Constants, stream: &Stream) -> State {
    let (nonce, sigma) = stream.inputs();
    let nonce = _mm_set_epi64x(nonce.cast_signed(), nonce.cast_signed());
    let mut s = State {
        abef: _mm_add_epi32(load(&job.round3_abef), nonce),
        cdgh: load(&job.round3_cdgh),
    };
    let k = TABLE.first.each_ref().map(|k| load(k));
    for kw in &k[..3] {
        s.rounds(*kw);
    }
    let w18 = _mm_add_epi32(_mm_set_epi64x(0, sigma.cast_signed()), load(&job.w18));
    s.first_two(load(&job.kw16));
    s.last_two(_mm_add_epi32(w18, k[3]));

    let mut w = [load(&TABLE.zero); 15];
    w[3] = _mm_unpacklo_epi64(load(&job.w16), w18);
    w[4] = _mm_sha256msg2_epu32(load(&job.w20), w[3]);
    w[5] = _mm_sha256msg2_epu32(seven_back(w[3], w[4]), w[4]);
    let terms = _mm_add_epi32(seven_back(w[4], w[5]), load(&job.w28));
    w[6] = _mm_sha256msg2_epu32(terms, w[5]);
    for quad in 4..15 {
        if quad > 6 {
            w[quad] = next(&w, quad);
        }
        s.rounds(_mm_add_epi32(w[quad], k[quad]));
    }
    s
}

/// `abef` of hash 2 after round 60, whose e is word 7 of the digest.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn second_hash(job: &Constants, first: State) -> __m128i {
    let State { abef, cdgh } = first;
    let mut s = State {
        abef: _mm_add_epi32(insert::<0b1101_0101>(abef, abef), load(&job.second_abef)),
        cdgh: load(&TABLE.second_cdgh),
    };
    let mut w = [load(&TABLE.zero); 15];
    // b, e, c, d, put in order.
    let becd = _mm_shuffle_ps::<0b10_11_01_10>(_mm_castsi128_ps(abef), _mm_castsi128_ps(cdgh));
    let bcde = _mm_shuffle_epi32::<0b01_11_10_00>(_mm_castps_si128(becd));
    w[0] = _mm_add_epi32(bcde, load(&job.midstate_b));
    let gh = _mm_shuffle_epi32::<0b11_00_01_00>(cdgh);
    w[1] = _mm_add_epi32(insert::<0b0000_1000>(gh, abef), load(&job.midstate_f));
    // W16 = W0 + σ₀(W1), as W9 and W14 are zero.
    let w16 = _mm_and_si128(_mm_sha256msg1_epu32(abef, w[0]), load(&TABLE.lane3));
    w[3] = _mm_add_epi32(w16, load(&job.w13));
    w[4] = _mm_sha256msg2_epu32(_mm_sha256msg1_epu32(w[0], w[1]), w[3]);
    for quad in 0..15 {
        if quad > 4 {
            w[quad] = next(&w, quad);
        }
        s.rounds(_mm_add_epi32(w[quad], load(&TABLE.second[quad])));
    }
    s.abef
}

/// The next four words from the sixteen before them.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn next(w: &[__m128i; 15], quad: usize) -> __m128i {
    let terms = _mm_sha256msg1_epu32(w[quad - 4], w[quad - 3]);
    let terms = _mm_add_epi32(terms, seven_back(w[quad - 2], w[quad - 1]));
    _mm_sha256msg2_epu32(terms, w[quad - 1])
}

/// W_{t-7} to W_{t-4} from W_{t-8} to W_{t-1}.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn seven_back(w8: __m128i, w12: __m128i) -> __m128i {
    _mm_alignr_epi8::<4>(w12, w8)
}

/// `insertps`: a lane of `b` into `a`, and zeros in the lanes given by the low four bits.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn insert<const LANES: i32>(a: __m128i, b: __m128i) -> __m128i {
    _mm_castps_si128(_mm_insert_ps::<LANES>(
        _mm_castsi128_ps(a),
        _mm_castsi128_ps(b),
    ))
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load(words: &Words) -> __m128i {
    let [w0, w1, w2, w3] = words.0.map(u32::cast_signed);
    _mm_set_epi32(w3, w2, w1, w0)
}
