//! Sixteen nonces in the sixteen 32-bit lanes of a zmm register, by the kernel of
//! [`super::vertical`] with rotations and three-input logic as single instructions.

use super::descriptor::{Descriptor, Rolled, X86_64, compiled_in, missing};

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "avx512",
    description: || "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes".into(),
    arch: Some(X86_64),
    missing: || missing!(x86_64: "avx512f", "avx512bw"),
    lanes: || LANES,
    scan: compiled_in!(x86_64: kernel::scan, (_, _, _)),
    rolled: None,
};

/// [`BACKEND`] on several versions of a header at once.
pub(super) const ROLLED: Descriptor = Descriptor {
    name: "avx512-rolled",
    description: || {
        "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes, eight versions on one message schedule".into()
    },
    rolled: Some(Rolled {
        width: ROLLS,
        scan: compiled_in!(x86_64: kernel::scan_rolled, (_, _, _)),
    }),
    ..BACKEND
};

/// Nonces per step.
const LANES: usize = 16;
/// Jobs that share one message schedule.
const ROLLS: usize = 8;

#[cfg(target_arch = "x86_64")]
mod kernel {
    use std::arch::x86_64::{
        __m512i, _mm_set_epi8, _mm512_add_epi32, _mm512_and_si512, _mm512_broadcast_i32x4,
        _mm512_ror_epi32, _mm512_set1_epi32, _mm512_setr_epi32, _mm512_shuffle_epi8,
        _mm512_srli_epi32, _mm512_ternarylogic_epi32, _mm512_testn_epi32_mask, _mm512_xor_si512,
    };

    use super::{LANES, ROLLS};
    use crate::backend::vertical::{last_digest_word, last_digest_words, vector_scans};
    use crate::backend::walk::{OnCandidate, OnRolledCandidate, Range, exactly, walk, walk_rolled};
    use crate::backend::word::{Word, lanewise};
    use crate::job::{Job, Prepared};

    /// Jobs whose first hashes are interleaved: the state of two leaves half of the 32
    /// registers for the rounds.
    const TOGETHER: usize = 2;

    vector_scans!("avx512f,avx512bw");

    /// The nonces from `base` on as SHA-256 reads them: byte-swapped.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn nonce_words(base: u32) -> Lanes {
        let lane_numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let swap_bytes = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
        let nonces = _mm512_add_epi32(_mm512_set1_epi32(base.cast_signed()), lane_numbers);
        Lanes(_mm512_shuffle_epi8(
            nonces,
            _mm512_broadcast_i32x4(swap_bytes),
        ))
    }

    /// The lanes whose bits under `mask` are all zero.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn candidates(word: Lanes, mask: Lanes) -> u32 {
        u32::from(_mm512_testn_epi32_mask(word.0, mask.0))
    }

    /// A zmm register. Created and used only inside the scans, whose caller has established
    /// AVX-512; this makes the intrinsics below sound.
    #[derive(Clone, Copy)]
    struct Lanes(__m512i);

    impl Word for Lanes {
        #[inline(always)]
        fn splat(value: u32) -> Self {
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe { _mm512_set1_epi32(value.cast_signed()) })
        }

        lanewise!(
            add = _mm512_add_epi32,
            xor = _mm512_xor_si512,
            and = _mm512_and_si512
        );

        #[inline(always)]
        fn shr<const RIGHT: i32>(self) -> Self {
            // The intrinsic's amount has another type than `RIGHT`, and no constant
            // expression converts it; SHA-256 shifts only by these two amounts.
            const { assert!(RIGHT == 3 || RIGHT == 10) };
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe {
                match RIGHT {
                    3 => _mm512_srli_epi32::<3>(self.0),
                    _ => _mm512_srli_epi32::<10>(self.0),
                }
            })
        }

        #[inline(always)]
        fn rotr<const RIGHT: i32, const LEFT: i32>(self) -> Self {
            const { assert!(RIGHT + LEFT == 32) };
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe { _mm512_ror_epi32::<RIGHT>(self.0) })
        }

        // Each constant below is the function's truth table, where x is the high bit of the
        // index.

        #[inline(always)]
        fn xor3(x: Self, y: Self, z: Self) -> Self {
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe { _mm512_ternarylogic_epi32::<0b1001_0110>(x.0, y.0, z.0) })
        }

        #[inline(always)]
        fn ch(x: Self, y: Self, z: Self) -> Self {
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe { _mm512_ternarylogic_epi32::<0b1100_1010>(x.0, y.0, z.0) })
        }

        #[inline(always)]
        fn maj(x: Self, y: Self, z: Self) -> Self {
            // SAFETY: AVX-512 is present, see `Lanes`.
            Self(unsafe { _mm512_ternarylogic_epi32::<0b1110_1000>(x.0, y.0, z.0) })
        }
    }
}
