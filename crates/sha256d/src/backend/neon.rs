//! Four nonces in the four 32-bit lanes of a NEON register, by the kernel of
//! [`super::vertical`], with rotations in two instructions and bitwise selection in one.

use super::descriptor::{AARCH64, Descriptor, compiled_in, missing};

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "neon",
    description: || "AArch64 NEON, four nonces in four 32-bit lanes".into(),
    arch: Some(AARCH64),
    missing: || missing!(aarch64: "neon"),
    lanes: || LANES,
    scan: compiled_in!(aarch64: kernel::scan, (_, _, _)),
    rolled: None,
};

/// Nonces per step.
const LANES: usize = 4;

#[cfg(target_arch = "aarch64")]
mod kernel {
    use std::arch::aarch64::{
        uint32x4_t, vaddq_u32, vaddvq_u32, vandq_u32, vbslq_u32, vceqzq_u32, vdupq_n_u32,
        veorq_u32, vld1q_u32, vreinterpretq_u8_u32, vreinterpretq_u32_u8, vrev32q_u8, vshrq_n_u32,
        vsliq_n_u32,
    };
    use std::arch::asm;

    use super::LANES;
    use crate::backend::vertical::last_digest_word;
    use crate::backend::walk::{OnCandidate, Range, walk};
    use crate::backend::word::{Word, lanewise};
    use crate::job::Prepared;

    /// Reports every nonce of `range` that passes the early reject.
    #[target_feature(enable = "neon")]
    pub(super) fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
        let lane_numbers = four([0, 1, 2, 3]);
        let lane_bits = four([1, 2, 4, 8]);
        let mask = vdupq_n_u32(job.mask);
        walk(range, LANES as u32, on_candidate, |base| {
            let nonces = vaddq_u32(vdupq_n_u32(base), lane_numbers);
            let nonces = vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(nonces)));
            let Lanes(word) = last_digest_word(job, Lanes(nonces));
            let hit = vceqzq_u32(vandq_u32(word, mask));
            vaddvq_u32(vandq_u32(hit, lane_bits))
        });
    }

    /// Four words, lowest lane first.
    #[target_feature(enable = "neon")]
    fn four(words: [u32; 4]) -> uint32x4_t {
        // SAFETY: the array holds the four words that are read, and no larger alignment is
        // required.
        unsafe { vld1q_u32(words.as_ptr()) }
    }

    /// A NEON register. Created and used only inside [`scan`], whose caller has established
    /// NEON; this makes the intrinsics below sound.
    #[derive(Clone, Copy)]
    struct Lanes(uint32x4_t);

    impl Word for Lanes {
        #[inline(always)]
        fn splat(value: u32) -> Self {
            // SAFETY: NEON is present, see `Lanes`.
            Self(unsafe { vdupq_n_u32(value) })
        }

        lanewise!(add = vaddq_u32, xor = veorq_u32, and = vandq_u32);

        #[inline(always)]
        fn shr<const RIGHT: i32>(self) -> Self {
            // SAFETY: NEON is present, see `Lanes`.
            Self(unsafe { vshrq_n_u32::<RIGHT>(self.0) })
        }

        #[inline(always)]
        fn rotr<const RIGHT: i32, const LEFT: i32>(self) -> Self {
            const { assert!(RIGHT + LEFT == 32) };
            // SAFETY: NEON is present, see `Lanes`.
            Self(unsafe { vsliq_n_u32::<LEFT>(vshrq_n_u32::<RIGHT>(self.0), self.0) })
        }

        /// Selects each bit of y or z by the same bit of x.
        #[inline(always)]
        fn ch(x: Self, y: Self, z: Self) -> Self {
            // SAFETY: NEON is present, see `Lanes`.
            Self(unsafe { vbslq_u32(x.0, y.0, z.0) })
        }

        /// The bit of z where x and y differ, otherwise that of y. In assembly, since the
        /// compiler otherwise turns these two instructions into four.
        #[inline(always)]
        fn maj(x: Self, y: Self, z: Self) -> Self {
            let mut selected = x.xor(y).0;
            // SAFETY: NEON is present, see `Lanes`; the instruction affects only its three
            // registers.
            unsafe {
                asm!(
                    "bsl {0:v}.16b, {1:v}.16b, {2:v}.16b",
                    inout(vreg) selected,
                    in(vreg) z.0,
                    in(vreg) y.0,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
            Self(selected)
        }
    }
}
