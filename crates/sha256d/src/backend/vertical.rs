//! The double hash of a nonce, written once for any [`Word`].
//!
//! It computes only the last word of the second digest. Read it beside FIPS 180-4 §6.2.2;
//! every deviation is one of the shortcuts listed in the crate documentation.

use super::word::{Word, big_sigma0, big_sigma1, small_sigma0, small_sigma1};
#[cfg(target_arch = "x86_64")]
use crate::job::Job;
use crate::job::Prepared;
use crate::sha256::{self, IV, K, small_sigma0 as sigma0_of, small_sigma1 as sigma1_of};

/// `[a, b, …, h]`.
type State<V> = [V; 8];

/// T₁ of a round; `kw` is K_t + W_t.
#[inline(always)]
fn t1<V: Word>(s: &State<V>, kw: V) -> V {
    s[7].add(kw)
        .settled()
        .add(V::ch(s[4], s[5], s[6]))
        .add(big_sigma1(s[4]))
}

/// One round.
#[inline(always)]
fn round<V: Word>(s: State<V>, kw: V) -> State<V> {
    let t1 = t1(&s, kw);
    let t2 = big_sigma0(s[0]).add(V::maj(s[0], s[1], s[2]));
    [t1.add(t2), s[0], s[1], s[2], s[3].add(t1), s[4], s[5], s[6]]
}

/// A round of the last four, whose `a` no later round reads.
#[inline(always)]
fn round_e<V: Word>(s: State<V>, kw: V) -> State<V> {
    let e = s[3].add(t1(&s, kw));
    [s[0], s[0], s[1], s[2], e, s[4], s[5], s[6]]
}

/// Applies a macro to consecutive round numbers, so that every index below is a constant
/// and the schedule stays in registers. The compiler would keep a loop of few rounds as a
/// loop, and rotate the working variables in each round.
macro_rules! rounds {
    ($apply:ident $state:tt, $first:literal and 11 more) => {
        rounds!($apply $state, $first: 0 1 2 3 4 5 6 7 8 9 10 11);
    };
    ($apply:ident $state:tt, $first:literal and 14 more) => {
        rounds!($apply $state, $first: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    };
    ($apply:ident $state:tt, $first:literal and 15 more) => {
        rounds!($apply $state, $first: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    };
    ($apply:ident $state:tt, $first:literal: $($more:literal)*) => {
        $($apply!($state, $first + $more);)*
    };
}

/// A round of state `s` whose message word is in the window `w`.
macro_rules! known {
    (($s:ident, $w:ident), $t:expr) => {
        $s = round($s, $w[$t % 16].add(V::splat(K[$t])));
    };
}

/// Computes the message word of a round, and then the round.
macro_rules! expand {
    (($s:ident, $w:ident), $t:expr) => {
        $w[$t % 16] = next_word(&$w, $t);
        known!(($s, $w), $t);
    };
}

/// Word 7 of the second digest for the header whose nonce word (the nonce
/// byte-swapped, as SHA-256 reads it) is `nonce`.
#[inline(always)]
pub(super) fn last_digest_word<V: Word>(job: &Prepared, nonce: V) -> V {
    align_stack(&nonce);
    second_hash(first_hash(job, nonce))
}

/// Makes the compiler align the stack frame for `V` from the start. It decides on that
/// before it spills registers; where the frame is not aligned for them, it spills across
/// cache lines, which costs some percent.
#[inline(always)]
fn align_stack<V: Word>(value: &V) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: there are no instructions; at most the value could be read.
    unsafe {
        std::arch::asm!("/* {} */", in(reg) value, options(readonly, nostack, preserves_flags));
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = value;
}

/// The first digest: block 2 of the header on the midstate.
#[inline(always)]
fn first_hash<V: Word>(job: &Prepared, nonce: V) -> State<V> {
    let c = V::splat;
    let mut s = after_round3(job, nonce);
    macro_rules! padding {
        ($s:ident, $t:expr) => {
            $s = round($s, c(PADDING_KW[$t - 4]));
        };
    }
    rounds!(padding s, 4 and 11 more);
    let mut w = schedule_head(job, nonce);
    rounds!(known(s, w), 16 and 15 more);
    w[32 % 16] = word_32(job, &w);
    known!((s, w), 32);
    rounds!(expand(s, w), 33 and 14 more);
    rounds!(expand(s, w), 48 and 15 more);
    std::array::from_fn(|i| s[i].add(c(job.midstate[i])))
}

/// State of hash 1 after round 3: everything is done except the nonce word.
#[inline(always)]
fn after_round3<V: Word>(job: &Prepared, nonce: V) -> State<V> {
    let mut s: State<V> = job.round3.map(V::splat);
    s[0] = s[0].add(nonce);
    s[4] = s[4].add(nonce);
    s
}

/// K_t + W_t of hash 1 for rounds 4 to 15, which only read padding: W4 = 2^31, W5 to W14 =
/// 0, W15 = 640.
const PADDING_KW: [u32; 12] = {
    let mut kw = [0; 12];
    let mut t = 4;
    while t < 16 {
        kw[t - 4] = K[t];
        t += 1;
    }
    kw[0] = kw[0].wrapping_add(0x8000_0000);
    kw[11] = kw[11].wrapping_add(640);
    kw
};

/// W16 to W31 of hash 1 without the terms that are zero (W5 to W14), and with the constant
/// ones (W4 = 2^31, W15 = 640) folded.
#[inline(always)]
fn schedule_head<V: Word>(job: &Prepared, nonce: V) -> [V; 16] {
    let c = V::splat;
    let w16 = c(job.w16[0]);
    let w17 = c(job.w16[1]);
    let w18 = c(job.w16[2]).add(small_sigma0(nonce));
    let w19 = c(job.w16[3]).add(nonce);
    let w20 = c(0x8000_0000).add(small_sigma1(w18));
    let w21 = small_sigma1(w19);
    let w22 = c(640).add(small_sigma1(w20));
    let w23 = w16.add(small_sigma1(w21));
    let w24 = w17.add(small_sigma1(w22));
    let w25 = w18.add(small_sigma1(w23));
    let w26 = w19.add(small_sigma1(w24));
    let w27 = w20.add(small_sigma1(w25));
    let w28 = w21.add(small_sigma1(w26));
    let w29 = w22.add(small_sigma1(w27));
    let w30 = c(sigma0_of(640)).add(w23).add(small_sigma1(w28));
    let w31 = c(job.w31).add(w24).add(small_sigma1(w29));
    [
        w16, w17, w18, w19, w20, w21, w22, w23, w24, w25, w26, w27, w28, w29, w30, w31,
    ]
}

/// W32 of hash 1, of which W16 and σ₀(W17) are constant.
#[inline(always)]
fn word_32<V: Word>(job: &Prepared, w: &[V; 16]) -> V {
    V::splat(job.w32)
        .add(w[25 % 16])
        .add(small_sigma1(w[30 % 16]))
}

/// [`last_digest_word`] of every job, for `N` jobs that share their second block. `found`
/// receives each job's index and word.
///
/// The schedule is in memory, not in registers: 48 vectors, each of which a round reads
/// once, as an operand of its addition. This leaves the registers to the working variables
/// of `TOGETHER` jobs, whose rounds of hash 1 alternate: without a schedule to compute, the
/// rounds of a single job wait for each other.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn last_digest_words<V: Word, const N: usize, const TOGETHER: usize>(
    jobs: &[Job; N],
    nonce: V,
    mut found: impl FnMut(usize, V),
) {
    const { assert!(N.is_multiple_of(TOGETHER)) };
    align_stack(&nonce);
    let kw = schedule(&jobs[0].prepared, nonce);
    for first in (0..N).step_by(TOGETHER) {
        let these: [&Prepared; TOGETHER] = std::array::from_fn(|i| &jobs[first + i].prepared);
        let digests = first_hashes(these, nonce, &kw);
        for (i, digest) in digests.into_iter().enumerate() {
            found(first + i, second_hash(digest));
        }
    }
}

/// K_t + W_t of hash 1 for t = 16 to 63.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn schedule<V: Word>(job: &Prepared, nonce: V) -> [V; 48] {
    let mut w = schedule_head(job, nonce);
    let mut kw = [nonce; 48];
    for t in 16..32 {
        kw[t - 16] = w[t - 16].add(V::splat(K[t]));
    }
    macro_rules! store {
        ($w:ident, $t:expr) => {
            $w[$t % 16] = next_word(&$w, $t);
            kw[$t - 16] = $w[$t % 16].add(V::splat(K[$t]));
        };
    }
    w[32 % 16] = word_32(job, &w);
    kw[32 - 16] = w[32 % 16].add(V::splat(K[32]));
    rounds!(store w, 33 and 14 more);
    rounds!(store w, 48 and 15 more);
    kw
}

/// [`first_hash`] of several jobs with their [`schedule`] given, alternating round by
/// round.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn first_hashes<V: Word, const TOGETHER: usize>(
    jobs: [&Prepared; TOGETHER],
    nonce: V,
    kw: &[V; 48],
) -> [State<V>; TOGETHER] {
    let mut s = jobs.map(|job| after_round3(job, nonce));
    macro_rules! padding {
        ($s:ident, $t:expr) => {
            $s = $s.map(|s| round(s, V::splat(PADDING_KW[$t - 4])));
        };
    }
    rounds!(padding s, 4 and 11 more);
    macro_rules! given {
        ($s:ident, $t:expr) => {
            $s = $s.map(|s| round(s, kw[$t - 16]));
        };
    }
    rounds!(given s, 16 and 15 more);
    rounds!(given s, 32 and 15 more);
    rounds!(given s, 48 and 15 more);
    let mut digests = s;
    for (digest, job) in digests.iter_mut().zip(jobs) {
        for (word, midstate) in digest.iter_mut().zip(job.midstate) {
            *word = word.add(V::splat(midstate));
        }
    }
    digests
}

/// State of hash 2 after round 0 with message word 0.
const AFTER_ROUND0: [u32; 8] = sha256::round(IV, K[0]);

/// Word 7 of the hash of the 32-byte digest `d`.
#[inline(always)]
fn second_hash<V: Word>(d: State<V>) -> V {
    let c = V::splat;
    // Round 0 starts from constants, and its message word only enters a and e by addition.
    let mut s: State<V> = AFTER_ROUND0.map(V::splat);
    s[0] = s[0].add(d[0]);
    s[4] = s[4].add(d[0]);
    // A loop: with these rounds unrolled the compiler begins the schedule among them, and
    // spills registers for it with AVX2's 16, which costs 7 %.
    for t in 1..8 {
        s = round(s, d[t].add(c(K[t])));
    }
    // Rounds 8 to 15 only read padding: W8 = 2^31, W9 to W14 = 0, W15 = 256.
    s = round(s, c(K[8].wrapping_add(0x8000_0000)));
    s = round(s, c(K[9]));
    s = round(s, c(K[10]));
    s = round(s, c(K[11]));
    s = round(s, c(K[12]));
    s = round(s, c(K[13]));
    s = round(s, c(K[14]));
    s = round(s, c(K[15].wrapping_add(256)));

    let w16 = d[0].add(small_sigma0(d[1]));
    let w17 = d[1].add(small_sigma0(d[2])).add(c(sigma1_of(256)));
    let w18 = d[2].add(small_sigma0(d[3])).add(small_sigma1(w16));
    let w19 = d[3].add(small_sigma0(d[4])).add(small_sigma1(w17));
    let w20 = d[4].add(small_sigma0(d[5])).add(small_sigma1(w18));
    let w21 = d[5].add(small_sigma0(d[6])).add(small_sigma1(w19));
    let w22 = d[6]
        .add(small_sigma0(d[7]))
        .add(c(256))
        .add(small_sigma1(w20));
    let w23 = d[7]
        .add(c(sigma0_of(0x8000_0000)))
        .add(w16)
        .add(small_sigma1(w21));
    let w24 = c(0x8000_0000).add(w17).add(small_sigma1(w22));
    let w25 = w18.add(small_sigma1(w23));
    let w26 = w19.add(small_sigma1(w24));
    let w27 = w20.add(small_sigma1(w25));
    let w28 = w21.add(small_sigma1(w26));
    let w29 = w22.add(small_sigma1(w27));
    let w30 = c(sigma0_of(256)).add(w23).add(small_sigma1(w28));
    let w31 = c(256)
        .add(small_sigma0(w16))
        .add(w24)
        .add(small_sigma1(w29));
    let mut w = [
        w16, w17, w18, w19, w20, w21, w22, w23, w24, w25, w26, w27, w28, w29, w30, w31,
    ];
    rounds!(known(s, w), 16 and 15 more);
    rounds!(expand(s, w), 32 and 15 more);
    rounds!(expand(s, w), 48: 0 1 2 3 4 5 6 7 8);
    // Word 7 is the h of round 63, which is the e of round 60.
    macro_rules! expand_e {
        (($s:ident, $w:ident), $t:expr) => {
            $w[$t % 16] = next_word(&$w, $t);
            $s = round_e($s, $w[$t % 16].add(c(K[$t])));
        };
    }
    rounds!(expand_e(s, w), 57: 0 1 2 3);
    s[4].add(c(IV[7]))
}

/// W_t from the 16 words before it; `w[i]` holds the latest W with index ≡ i
/// (mod 16).
#[inline(always)]
fn next_word<V: Word>(w: &[V; 16], t: usize) -> V {
    small_sigma1(w[(t - 2) % 16])
        .add(w[(t - 7) % 16])
        .add(small_sigma0(w[(t - 15) % 16]))
        .add(w[t % 16])
}

/// The scans of a vector kernel with the given features, by the `Lanes`, `nonce_words`,
/// `candidates` and constants of the module that calls the macro. The closures take the
/// features of the functions around them, so that this cannot be one function for all
/// kernels.
#[cfg(target_arch = "x86_64")]
macro_rules! vector_scans {
    ($features:literal) => {
        /// Reports every nonce of `range` that passes the early reject.
        #[target_feature(enable = $features)]
        pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
            let mask = Lanes::splat(job.mask);
            walk(range, LANES as u32, on_candidate, |base| {
                candidates(last_digest_word(job, nonce_words(base)), mask)
            });
        }

        /// [`scan`] of [`ROLLS`] jobs that share their second block.
        #[target_feature(enable = $features)]
        pub(super) fn scan_rolled(
            jobs: &[Job],
            range: Range,
            on_candidate: &mut OnRolledCandidate<'_>,
        ) {
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
    };
}
#[cfg(target_arch = "x86_64")]
pub(super) use vector_scans;
