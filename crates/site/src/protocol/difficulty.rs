//! Difficulty, the work behind it, and the network's hash rate.
//!
//! Difficulty is `(2^224 - 2^208) / target`, the figure that Bitcoin Core prints, also
//! called `bdiff`. Pools' `pdiff` has a numerator of 2^224 - 1 and is 15.259 ppm larger. At
//! difficulty D a block takes `D · 2^48 / 65535` hashes on average; the usual `D · 2^32` is
//! low by the same 15.259 ppm. (bitcoin.stackexchange.com 79774.)

use perwatt_sha256d::{Target, TargetError, U256};
use thiserror::Error;

use super::input::{InputError, positive};

/// The time between blocks that the rules aim at, in seconds.
pub const BLOCK_INTERVAL_S: f64 = 600.0;
/// Hashes that a block of difficulty 1 takes on average, less one part in 2^224:
/// 2^48 / 65535.
pub const HASHES_PER_DIFFICULTY: f64 = 281_474_976_710_656.0 / 65_535.0;

/// The reason that there is no target of a difficulty, or no difficulty of a target.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DifficultyError {
    /// The number cannot be a difficulty.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No hash would be low enough for the target.
    #[error(
        "a difficulty of {difficulty:e} needs a target below 1, which no hash meets; the largest is 2.695e67"
    )]
    TooHigh {
        /// The difficulty given.
        difficulty: f64,
    },
    /// The target would need more than 256 bits.
    #[error(
        "a difficulty of {difficulty:e} needs a target of 2^256 or more; the smallest is 2.329e-10, which every hash meets"
    )]
    TooLow {
        /// The difficulty given.
        difficulty: f64,
    },
    /// `nBits` that encode no target.
    #[error(transparent)]
    Bits(TargetError),
}

/// Difficulty as Bitcoin Core prints it (bdiff) of `nBits`.
///
/// # Errors
/// [`DifficultyError::Bits`]: `nBits` that encode no target.
pub fn of_bits(bits: u32) -> Result<f64, DifficultyError> {
    Ok(target_of_bits(bits)?.difficulty())
}

/// The target of `nBits`.
///
/// # Errors
/// [`DifficultyError::Bits`]: `nBits` that encode no target.
pub fn target_of_bits(bits: u32) -> Result<Target, DifficultyError> {
    Target::from_compact(bits).map_err(DifficultyError::Bits)
}

/// Pools' difficulty (pdiff) of a target: `(2^224 - 1) / target`.
pub fn pdiff(target: Target) -> f64 {
    (U256::MAX >> 32).to_f64() / target.value().to_f64()
}

/// The target of a difficulty (bdiff), rounded down, from every bit of the `f64`.
/// [`Target::to_compact`] rounds it down once more to `nBits`.
///
/// # Errors
/// [`DifficultyError::Input`] for a difficulty that is not above 0,
/// [`DifficultyError::TooHigh`] and [`DifficultyError::TooLow`] if there is no target for
/// it.
pub fn to_target(difficulty: f64) -> Result<Target, DifficultyError> {
    positive("the difficulty", difficulty)?;
    let too_high = DifficultyError::TooHigh { difficulty };
    let too_low = DifficultyError::TooLow { difficulty };
    let (mantissa, exponent) = odd_mantissa(difficulty);
    let numerator = U256::from(0xffff) << 208;
    let divisor = U256::from(mantissa);
    // The mantissa is not zero, since the difficulty is not.
    let (quotient, remainder) = numerator.checked_div_rem(divisor).ok_or(too_high)?;
    let value = if exponent >= 0 {
        quotient >> exponent.unsigned_abs()
    } else {
        // quotient·2^up + ⌊remainder·2^up / mantissa⌋. A quotient that the shift pushes
        // out of 256 bits is too large; one that it does not keeps `up` small enough for
        // the remainder, which is below 2^53, unless the quotient is zero: it never is.
        let up = exponent.unsigned_abs();
        if quotient.bits() + up > 256 {
            return Err(too_low);
        }
        let (low, _) = (remainder << up).checked_div_rem(divisor).ok_or(too_low)?;
        (quotient << up).checked_add(low).ok_or(too_low)?
    };
    Target::from_value(value).map_err(|_| too_high)
}

/// `value` as an odd integer times a power of two, for a finite `value` above 0.
fn odd_mantissa(value: f64) -> (u64, i32) {
    const FRACTION_BITS: u32 = 52;
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    // Subnormal numbers have exponent field 0, the scale of field 1, and no hidden bit.
    let (mantissa, field) = match (bits >> FRACTION_BITS) as i32 {
        0 => (fraction, 1),
        field => (fraction | 1 << FRACTION_BITS, field),
    };
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, field - 1075 + zeros as i32)
}

/// Hashes a block takes on average: exactly ⌊2^256 / (target + 1)⌋, which is also what the
/// block adds to Bitcoin Core's chain work.
pub fn expected_work(target: Target) -> U256 {
    target.expected_work()
}

/// Hashes a block takes on average at a difficulty, `D · 2^48 / 65535`.
///
/// # Errors
/// [`InputError::NotPositive`].
pub fn expected_hashes(difficulty: f64) -> Result<f64, InputError> {
    Ok(positive("the difficulty", difficulty)? * HASHES_PER_DIFFICULTY)
}

/// The network's hash rate in H/s at a difficulty and a mean interval between blocks in
/// seconds: [`BLOCK_INTERVAL_S`], or the interval observed.
///
/// # Errors
/// [`InputError::NotPositive`].
pub fn network_rate_h_per_s(difficulty: f64, interval_s: f64) -> Result<f64, InputError> {
    Ok(expected_hashes(difficulty)? / positive("the interval between blocks in s", interval_s)?)
}

/// The network's hash rate in H/s from `nBits`, by the exact work.
///
/// # Errors
/// [`DifficultyError::Bits`] and [`DifficultyError::Input`].
pub fn network_rate_of_bits_h_per_s(bits: u32, interval_s: f64) -> Result<f64, DifficultyError> {
    let work = expected_work(target_of_bits(bits)?).to_f64();
    Ok(work / positive("the interval between blocks in s", interval_s)?)
}

/// The difficulty at which a hash rate finds blocks at a mean interval.
///
/// # Errors
/// [`InputError::NotPositive`].
pub fn of_network_rate(rate_h_per_s: f64, interval_s: f64) -> Result<f64, InputError> {
    let rate = positive("the hash rate in H/s", rate_h_per_s)?;
    Ok(rate * positive("the interval between blocks in s", interval_s)? / HASHES_PER_DIFFICULTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_scales_differ_by_15_259_ppm() {
        let one = target_of_bits(0x1d00_ffff).unwrap();
        assert_eq!(one.difficulty(), 1.0);
        assert!(
            (pdiff(one) - 1.000_015_259_0).abs() < 1e-10,
            "{}",
            pdiff(one)
        );
        assert_eq!(format!("{HASHES_PER_DIFFICULTY:.6}"), "4295032833.000015");
        let usual = 2f64.powi(32) / HASHES_PER_DIFFICULTY;
        assert!(((1.0 - usual) * 1e6 - 15.259).abs() < 1e-3);
        assert_eq!(expected_work(one), U256::from(4_295_032_833));
    }

    /// Height 951,658: Core prints 138955357012247.3, and only one `nBits` does.
    #[test]
    fn cores_difficulty_comes_back_from_its_bits() {
        let printed = 138_955_357_012_247.3;
        let bits = to_target(printed).unwrap().to_compact();
        let near = [bits - 1, bits, bits + 1].map(|bits| of_bits(bits).unwrap());
        let same = near
            .iter()
            .filter(|near| format!("{near:.1}") == "138955357012247.3");
        assert_eq!(same.count(), 1, "{near:?}");
        let rate = network_rate_h_per_s(printed, BLOCK_INTERVAL_S).unwrap();
        assert_eq!(format!("{:.2}", rate / 1e18), "994.70");
    }

    #[test]
    fn rates_from_difficulty_and_from_bits_agree() {
        let bits = 0x1703_4219; // height 840,000
        let exact = network_rate_of_bits_h_per_s(bits, 600.0).unwrap();
        let close = network_rate_h_per_s(of_bits(bits).unwrap(), 600.0).unwrap();
        assert!((exact / close - 1.0).abs() < 1e-15, "{exact} {close}");
        let back = of_network_rate(exact, 600.0).unwrap();
        assert!((back / of_bits(bits).unwrap() - 1.0).abs() < 1e-15);
        // Twice as slow blocks are half the rate.
        assert_eq!(
            network_rate_of_bits_h_per_s(bits, 1200.0).unwrap(),
            exact / 2.0
        );
    }

    #[test]
    fn targets_at_the_ends() {
        assert_eq!(to_target(1.0).unwrap().to_compact(), 0x1d00_ffff);
        // Every bit of 256 set, nearly: 0xffff·2^208 / D just below 2^256.
        let least = 65_535.0 * 2f64.powi(208 - 256) * (1.0 + f64::EPSILON);
        assert_eq!(to_target(least).unwrap().leading_zeros(), 0);
        let below = least * (1.0 - 2.0 * f64::EPSILON);
        assert_eq!(
            to_target(below),
            Err(DifficultyError::TooLow { difficulty: below })
        );
        let most = 65_535.0 * 2f64.powi(208);
        assert_eq!(to_target(most).unwrap().value(), U256::ONE);
        let above = most * (1.0 + f64::EPSILON);
        assert_eq!(
            to_target(above),
            Err(DifficultyError::TooHigh { difficulty: above })
        );
        for difficulty in [f64::MAX, 2f64.powi(1000)] {
            assert_eq!(
                to_target(difficulty),
                Err(DifficultyError::TooHigh { difficulty })
            );
        }
        for difficulty in [f64::MIN_POSITIVE, 5e-324] {
            assert_eq!(
                to_target(difficulty),
                Err(DifficultyError::TooLow { difficulty })
            );
        }
        // The two ends that the messages name.
        assert!(to_target(2.695e67).is_ok() && to_target(2.696e67).is_err());
        assert!(to_target(2.329e-10).is_ok() && to_target(2.328e-10).is_err());
    }

    #[test]
    fn nonsense_is_refused_with_its_value() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(to_target(bad), Err(DifficultyError::Input(_))));
            assert!(network_rate_h_per_s(bad, 600.0).is_err());
            assert!(network_rate_h_per_s(1.0, bad).is_err());
            assert!(network_rate_of_bits_h_per_s(0x1d00_ffff, bad).is_err());
            assert!(of_network_rate(bad, 600.0).is_err());
        }
        let text = of_bits(0).unwrap_err().to_string();
        assert!(text.contains("nBits 00000000"), "{text}");
    }

    proptest! {
        #[test]
        fn a_target_is_the_largest_of_at_least_the_difficulty(difficulty in 1.0..1e60f64) {
            let target = to_target(difficulty).unwrap();
            // target·m·2^e ≤ 0xffff·2^208 < (target + 1)·m·2^e, in integers where they fit.
            let (mantissa, exponent) = odd_mantissa(difficulty);
            let numerator = U256::from(0xffff) << 208;
            let times = |value: U256| {
                let product = value.checked_mul_u64(mantissa)?;
                if exponent >= 0 { Some(product << exponent as u32) } else { None }
            };
            if let Some(product) = times(target.value()) {
                prop_assert!(product <= numerator);
            }
            if let Some(above) = target.value().checked_add(U256::ONE).and_then(times) {
                prop_assert!(above > numerator);
            }
            // One in 2^53 is the difficulty's own step; one in the target is its rounding.
            let step = 2f64.powi(-52) + 1.0 / target.value().to_f64();
            let back = target.difficulty() / difficulty - 1.0;
            prop_assert!((-2f64.powi(-52)..=step * 1.01).contains(&back), "{back} {step}");
        }

        #[test]
        fn a_mantissa_and_its_exponent_are_the_number(value in proptest::num::f64::POSITIVE) {
            let (mantissa, exponent) = odd_mantissa(value);
            prop_assert_eq!(mantissa % 2, 1);
            // In two factors, so that neither leaves the range of f64.
            let half = exponent / 2;
            let back = mantissa as f64 * 2f64.powi(half) * 2f64.powi(exponent - half);
            prop_assert_eq!(back, value);
        }

        #[test]
        fn no_difficulty_panics(difficulty: f64) {
            if let Ok(target) = to_target(difficulty) {
                prop_assert!(target.difficulty() > 0.0);
            }
        }
    }
}
