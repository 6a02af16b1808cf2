//! The data that the kernels read and write, in the memory layout of the assembly.
//!
//! The SHA instructions keep the state in two registers, named here with lane 3 first:
//! `abef` and `cdgh`. Four message words share a register, lowest lane first.

use std::mem::{MaybeUninit, offset_of, size_of};

use super::offsets;
use crate::job::Prepared;
use crate::sha256::{IV, K, round, small_sigma0};

/// Four 32-bit lanes, lowest first.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Words(pub [u32; 4]);

/// The values that all nonces of a job share.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Constants {
    /// State of hash 1 after round 3 with nonce word 0. The nonce word is added to its a
    /// and e.
    pub round3_abef: Words,
    pub round3_cdgh: Words,
    /// The value that is added to the last a of hash 1, in the lanes of a and e, to make
    /// `abef` of hash 2 after round 0: that round without its message word, and the
    /// midstate.
    pub second_abef: Words,
    /// The midstate's b to e, which are added to make W1 to W4 of hash 2.
    pub midstate_b: Words,
    /// The midstate's f to h, then W8 of hash 2.
    pub midstate_f: Words,
    /// W13 to W15 of hash 2, then the midstate's a.
    pub w13: Words,
    /// K_t + W_t of hash 1 for t = 16 and 17, in the low lanes.
    pub kw16: Words,
    /// W16 and W17 of hash 1, in the low lanes.
    pub w16: Words,
    /// W18 and W19 of hash 1 for nonce word 0, in the low lanes. σ₀ of the nonce word is
    /// added to W18, the nonce word to W19.
    pub w18: Words,
    /// The constant terms of W20 to W23 of hash 1.
    pub w20: Words,
    /// The constant terms of W28 to W31 of hash 1.
    pub w28: Words,
}

impl Constants {
    pub fn new(job: &Prepared) -> Self {
        let [w16, w17, w18, w19] = job.w16;
        let m = job.midstate;
        let mut second = round(IV, K[0]);
        second[0] = second[0].wrapping_add(m[0]);
        second[4] = second[4].wrapping_add(m[0]);
        Self {
            round3_abef: abef(&job.round3),
            round3_cdgh: cdgh(&job.round3),
            second_abef: abef(&second),
            midstate_b: Words([m[1], m[2], m[3], m[4]]),
            midstate_f: Words([m[5], m[6], m[7], 0x8000_0000]),
            w13: Words([0, 0, 256, m[0]]),
            kw16: Words([K[16].wrapping_add(w16), K[17].wrapping_add(w17), 0, 0]),
            w16: Words([w16, w17, 0, 0]),
            w18: Words([w18, w19, 0, 0]),
            w20: Words([0x8000_0000, 0, 640, w16]),
            w28: Words([0, 0, small_sigma0(640), job.w31]),
        }
    }
}

/// The constants that all jobs share.
#[repr(C)]
pub struct Table {
    /// For each four rounds of hash 1 from round 4 on, the term that is added to their
    /// message words to give K_t + W_t: K_t, and for rounds 4 to 15 also the words, which
    /// are padding. The fourth is only for rounds 18 and 19.
    pub first: [Words; 15],
    /// The same for hash 2 from round 1 to 60. K60 includes IV7, which is added
    /// to the e of that round.
    pub second: [Words; 15],
    /// `cdgh` of hash 2 after round 0.
    pub second_cdgh: Words,
    /// A mask of all bits of lane 3.
    pub lane3: Words,
    pub zero: Words,
}

pub static TABLE: Table = Table {
    first: {
        let mut kw = K;
        kw[4] = kw[4].wrapping_add(0x8000_0000);
        kw[15] = kw[15].wrapping_add(640);
        let mut quads = quads(&kw, 4);
        quads[3] = Words([K[18], K[19], 0, 0]);
        quads
    },
    second: {
        let mut kw = K;
        kw[60] = kw[60].wrapping_add(IV[7]);
        quads(&kw, 1)
    },
    second_cdgh: cdgh(&round(IV, K[0])),
    lane3: Words([0, 0, 0, u32::MAX]),
    zero: Words([0; 4]),
};

/// Memory of one stream: its nonce, and room for the message words that do not
/// fit the registers.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Stream {
    /// The nonce word in the upper half, at the position of e and a in `abef`.
    nonce: u64,
    /// σ₀ of the nonce word, then the nonce word, at the positions of W18 and W19.
    sigma: u64,
    quads: [MaybeUninit<Words>; 4],
}

impl Stream {
    pub const EMPTY: Self = Self {
        nonce: 0,
        sigma: 0,
        quads: [MaybeUninit::uninit(); 4],
    };

    /// The values that [`set`](Self::set) stored for a step.
    #[cfg(any(miri, test))]
    pub fn inputs(&self) -> (u64, u64) {
        (self.nonce, self.sigma)
    }

    /// Sets the nonce.
    #[inline(always)]
    pub fn set(&mut self, nonce: u32) {
        let word = nonce.swap_bytes();
        self.nonce = u64::from(word) << 32;
        self.sigma = self.nonce | u64::from(small_sigma0(word));
    }
}

pub const fn abef(s: &[u32; 8]) -> Words {
    Words([s[5], s[4], s[1], s[0]])
}

pub const fn cdgh(s: &[u32; 8]) -> Words {
    Words([s[7], s[6], s[3], s[2]])
}

/// Fifteen times four items from `first` on.
const fn quads(of: &[u32; 64], first: usize) -> [Words; 15] {
    let mut quads = [Words([0; 4]); 15];
    let mut i = 0;
    while i < 60 {
        quads[i / 4].0[i % 4] = of[first + i];
        i += 1;
    }
    quads
}

macro_rules! assert_offsets {
    ($($type:ident . $field:ident = $offset:expr),* $(,)?) => {
        $(const _: () = assert!(offset_of!($type, $field) == $offset);)*
    };
}

assert_offsets! {
    Constants.round3_abef = offsets::job::ROUND3_ABEF,
    Constants.round3_cdgh = offsets::job::ROUND3_CDGH,
    Constants.second_abef = offsets::job::SECOND_ABEF,
    Constants.midstate_b = offsets::job::MIDSTATE_B,
    Constants.midstate_f = offsets::job::MIDSTATE_F,
    Constants.w13 = offsets::job::W13,
    Constants.kw16 = offsets::job::KW16,
    Constants.w16 = offsets::job::W16,
    Constants.w18 = offsets::job::W18,
    Constants.w20 = offsets::job::W20,
    Constants.w28 = offsets::job::W28,
    Table.first = offsets::table::FIRST,
    Table.second = offsets::table::SECOND,
    Table.second_cdgh = offsets::table::SECOND_CDGH,
    Table.lane3 = offsets::table::LANE3,
    Table.zero = offsets::table::ZERO,
    Stream.nonce = offsets::stream::NONCE,
    Stream.sigma = offsets::stream::SIGMA,
    Stream.quads = offsets::stream::QUADS,
}
const _: () = assert!(offsets::table::K18 == offsets::table::FIRST + 3 * size_of::<Words>());
const _: () = assert!(size_of::<Constants>() == offsets::job::SIZE);
const _: () = assert!(size_of::<Stream>() == offsets::stream::SIZE);
