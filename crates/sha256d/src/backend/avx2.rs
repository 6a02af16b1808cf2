//! Eight nonces in the eight 32-bit lanes of a ymm register, by the kernel of
//! [`super::vertical`].

use super::descriptor::{Descriptor, Rolled, X86_64, compiled_in, missing};

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "avx2",
    description: || "x86 AVX2, eight nonces in eight 32-bit lanes".into(),
    arch: Some(X86_64),
    missing: || missing!(x86_64: "avx2"),
    lanes: || LANES,
    scan: compiled_in!(x86_64: kernel::scan, (_, _, _)),
    rolled: None,
};

/// [`BACKEND`] on several versions of a header at once.
pub(super) const ROLLED: Descriptor = Descriptor {
    name: "avx2-rolled",
    description: || {
        "x86 AVX2, eight nonces in eight 32-bit lanes, eight versions on one message schedule"
            .into()
    },
    rolled: Some(Rolled {
        width: ROLLS,
        scan: compiled_in!(x86_64: kernel::scan_rolled, (_, _, _)),
    }),
    ..BACKEND
};

/// Nonces per step.
const LANES: usize = 8;
/// Jobs that share one message schedule.
const ROLLS: usize = 8;

#[cfg(target_arch = "x86_64")]
mod kernel {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_ps, _mm256_cmpeq_epi32,
        _mm256_movemask_ps, _mm256_or_si256, _mm256_set_epi8, _mm256_set1_epi32, _mm256_setr_epi32,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi32,
        _mm256_xor_si256,
    };

    use super::{LANES, ROLLS};
    use crate::backend::vertical::{last_digest_word, last_digest_words, vector_scans};
    use crate::backend::walk::{OnCandidate, OnRolledCandidate, Range, exactly, walk, walk_rolled};
    use crate::backend::word::{Word, lanewise};
    use crate::job::{Job, Prepared};

    /// Jobs whose first hashes are interleaved: the state of one fills half of the 16
    /// registers.
    const TOGETHER: usize = 1;

    vector_scans!("avx2");

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

    /// A ymm register. Created and used only inside the scans, whose caller has established
    /// AVX2; this makes the intrinsics below sound.
    #[derive(Clone, Copy)]
    struct Lanes(__m256i);

    impl Word for Lanes {
        #[inline(always)]
        fn splat(value: u32) -> Self {
            // SAFETY: AVX2 is present, see `Lanes`.
            Self(unsafe { _mm256_set1_epi32(value.cast_signed()) })
        }

        lanewise!(
            add = _mm256_add_epi32,
            xor = _mm256_xor_si256,
            and = _mm256_and_si256
        );

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
}
