//! The next difficulty, as Bitcoin Core's `CalculateNextWorkRequired` computes it.
//!
//! Every 2016 blocks the target is scaled by the time the last 2016 took, over two weeks.
//! The time runs from the period's first block to its last, so it spans 2015 intervals,
//! not 2016: a network of constant rate therefore settles at 600.3 s a block.

use perwatt_sha256d::{Target, TargetError, U256};
use thiserror::Error;

/// Blocks from one retarget to the next.
pub const PERIOD_BLOCKS: u64 = 2016;
/// The intended length of a period, in seconds: two weeks.
pub const PERIOD_S: i64 = 1_209_600;
/// A period counts as at most this many times two weeks, and at least this fraction of
/// them.
pub const CLAMP: i64 = 4;
/// `nBits` of the easiest target there is on the main network.
pub const LIMIT_BITS: u32 = 0x1d00_ffff;

/// The reason that there is no next target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RetargetError {
    /// `nBits` that encode no target.
    #[error(transparent)]
    Bits(TargetError),
    /// The target is easier than the network allows.
    #[error(
        "nBits {bits:08x} is easier than the limit 1d00ffff; take nBits from a header of the main network"
    )]
    AboveLimit {
        /// The `nBits` given.
        bits: u32,
    },
}

/// True if the block at `height` is the first of a period, with a difficulty of its own.
pub fn is_retarget(height: u64) -> bool {
    height.is_multiple_of(PERIOD_BLOCKS)
}

/// Blocks already found, with the one at `height`, of the period that the next block
/// belongs to: 0 to 2015.
pub fn blocks_done(height: u64) -> u64 {
    (height % PERIOD_BLOCKS + 1) % PERIOD_BLOCKS
}

/// The length of a period as it counts, in seconds: `last − first`, at least a quarter of
/// two weeks and at most four times two weeks. `first` and `last` are the times in the
/// headers of the period's first block (n − 2016 for a retarget at height n) and of its
/// last (n − 1); the last may be earlier than the first, and then counts as the least.
pub fn timespan_s(first: u32, last: u32) -> i64 {
    (i64::from(last) - i64::from(first)).clamp(PERIOD_S / CLAMP, PERIOD_S * CLAMP)
}

/// `nBits` of the period that follows one of `bits` which began at `first` and ended at
/// `last` (both as [`timespan_s`] takes them): target × timespan / two weeks, multiplied
/// before it is divided, capped at the limit, and rounded down to `nBits`.
///
/// # Errors
/// [`RetargetError`]: `bits` does not encode a target, or is above the main network's
/// limit.
pub fn next_bits(bits: u32, first: u32, last: u32) -> Result<u32, RetargetError> {
    let old = Target::from_compact(bits).map_err(RetargetError::Bits)?;
    let above = RetargetError::AboveLimit { bits };
    let limit = limit();
    if old.value() > limit {
        return Err(above);
    }
    // Below 2^224 times below 2^23: never more than 256 bits.
    let product = old
        .value()
        .checked_mul_u64(timespan_s(first, last).unsigned_abs())
        .ok_or(above)?;
    let (next, _) = product
        .checked_div_rem(U256::from(PERIOD_S.unsigned_abs()))
        .ok_or(above)?;
    let next = Target::from_value(next.min(limit)).map_err(RetargetError::Bits)?;
    Ok(next.to_compact())
}

/// Bitcoin Core's `powLimit`, 2^224 − 1. Its compact form is [`LIMIT_BITS`].
fn limit() -> U256 {
    U256::MAX >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bitcoin Core, src/test/pow_tests.cpp: `get_next_work`, `get_next_work_pow_limit`,
    /// `get_next_work_lower_limit_actual`, `get_next_work_upper_limit_actual`.
    #[test]
    fn bitcoin_cores_vectors() {
        for (first, last, bits, next) in [
            (1_261_130_161, 1_262_152_739, 0x1d00_ffff, 0x1d00_d86a),
            (1_231_006_505, 1_233_061_996, 0x1d00_ffff, 0x1d00_ffff),
            (1_279_008_237, 1_279_297_671, 0x1c05_a3f4, 0x1c01_68fd),
            (1_263_163_443, 1_269_211_443, 0x1c38_7f6f, 0x1d00_e1fd),
        ] {
            assert_eq!(next_bits(bits, first, last), Ok(next), "{first}");
        }
    }

    #[test]
    fn the_timespan_is_clamped_on_both_sides() {
        assert_eq!(timespan_s(0, 1_209_600), 1_209_600);
        assert_eq!(timespan_s(0, 302_399), 302_400);
        assert_eq!(timespan_s(0, 302_401), 302_401);
        assert_eq!(timespan_s(0, 4_838_401), 4_838_400);
        assert_eq!(timespan_s(u32::MAX, 0), 302_400);
        assert_eq!(timespan_s(0, u32::MAX), 4_838_400);
    }

    #[test]
    fn on_time_changes_nothing_and_the_limit_holds() {
        assert_eq!(next_bits(0x1703_4219, 0, 1_209_600), Ok(0x1703_4219));
        assert_eq!(next_bits(LIMIT_BITS, 0, u32::MAX), Ok(LIMIT_BITS));
        assert_eq!(limit().leading_zeros(), 32);
        assert_eq!(
            Target::from_value(limit()).map(Target::to_compact),
            Ok(LIMIT_BITS)
        );
        // 2015 intervals of 600 s: one part in 2016 too fast, so the target shrinks.
        let next = next_bits(0x1703_4219, 0, 2015 * 600).unwrap();
        let ratio = Target::from_compact(0x1703_4219).unwrap().difficulty()
            / Target::from_compact(next).unwrap().difficulty();
        assert!((ratio - 2015.0 / 2016.0).abs() < 1e-5, "{ratio}");
    }

    #[test]
    fn periods_begin_at_multiples_of_2016() {
        assert!(is_retarget(0) && is_retarget(32_256) && !is_retarget(32_255));
        assert_eq!((blocks_done(32_254), blocks_done(32_255)), (2015, 0));
        assert_eq!((blocks_done(32_256), blocks_done(u64::MAX)), (1, 1024));
    }

    #[test]
    fn easier_than_the_limit_is_refused() {
        for bits in [0x1d01_0000, 0x207f_ffff] {
            let error = next_bits(bits, 0, 1_209_600).unwrap_err();
            assert_eq!(error, RetargetError::AboveLimit { bits });
            assert!(error.to_string().contains(&format!("{bits:08x}")));
        }
        assert!(matches!(next_bits(0, 0, 1), Err(RetargetError::Bits(_))));
    }

    proptest! {
        #[test]
        fn the_target_moves_by_the_clamped_timespan(
            mantissa in 0x8000u32..0x80_0000,
            size in 5u32..=28,
            first: u32,
            last: u32,
        ) {
            let bits = size << 24 | mantissa;
            let old = Target::from_compact(bits).unwrap();
            let next = Target::from_compact(next_bits(bits, first, last).unwrap()).unwrap();
            prop_assert!(next.value() <= limit());
            let wanted = old.value().to_f64() * timespan_s(first, last) as f64 / PERIOD_S as f64;
            let wanted = wanted.min(limit().to_f64());
            // Compact form keeps 15 bits or more, rounding down.
            let ratio = next.value().to_f64() / wanted;
            prop_assert!(ratio <= 1.0 + 1e-15 && ratio > 1.0 - 2f64.powi(-15), "{ratio}");
        }

        #[test]
        fn nothing_panics(bits: u32, first: u32, last: u32) {
            if let Ok(next) = next_bits(bits, first, last) {
                prop_assert!(Target::from_compact(next).is_ok());
            }
        }
    }
}
