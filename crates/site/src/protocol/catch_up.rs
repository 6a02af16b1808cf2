//! The chance that an attacker overtakes a payment, by section 11 of Nakamoto's paper.
//!
//! With a share q of the hash rate, p = 1 − q and λ = z q/p, the paper has
//! `P = 1 − Σ_{k≤z} e^-λ λ^k / k! · (1 − (q/p)^(z−k))`. Nearly all of it cancels where P
//! is small, and λ^k overflows where z is large. With r = q/p the same sum is
//!
//! `P = Pr(X_λ > z) + (r e^(1−r))^z · Pr(X_z ≤ z)`, with X_m Poisson of mean m,
//!
//! since `e^-zr (zr)^k / k! · r^(z−k) = (r e^(1−r))^z · e^-z z^k / k!`: two terms above
//! zero, each a tail that `perwatt-stats` sums exactly.
//!
//! The paper lets the honest chain take exactly its expected time, so P is an
//! approximation; and it counts only hashes, not their cost.

use super::input::{InputError, share};
use perwatt_stats::agreement;

/// The probability that an attacker with `attacker_share` of the whole hash rate overtakes
/// the others from `confirmations` blocks behind. 1 for a share of one half or more, and
/// for zero confirmations. Relative error below 1e-9 up to some 1e6 confirmations.
///
/// # Errors
/// [`InputError::NotShare`].
pub fn probability(attacker_share: f64, confirmations: u64) -> Result<f64, InputError> {
    let q = share("the attacker's share", attacker_share)?;
    if confirmations == 0 || q >= 0.5 {
        return Ok(1.0);
    }
    if q == 0.0 {
        return Ok(0.0);
    }
    let z = confirmations as f64;
    let ratio = q / (1.0 - q);
    // The tails do not depend on the level of confidence.
    let ahead = agreement(confirmations.saturating_add(1), z * ratio, 0.5).p_high;
    let behind = agreement(confirmations, z, 0.5).p_low;
    // r − 1 to its last digit; ln r + 1 − r, computed from r, would cancel as r nears 1.
    let less = (2.0 * q - 1.0) / (1.0 - q);
    let gap = (z * (less.ln_1p() - less)).exp();
    Ok((ahead + gap * behind).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sum of the paper, as its program in C has it.
    fn as_printed(q: f64, z: u32) -> f64 {
        let p = 1.0 - q;
        let lambda = f64::from(z) * (q / p);
        let mut sum = 1.0;
        for k in 0..=z {
            let mut poisson = (-lambda).exp();
            for i in 1..=k {
                poisson *= lambda / f64::from(i);
            }
            sum -= poisson * (1.0 - (q / p).powi((z - k) as i32));
        }
        sum
    }

    #[test]
    fn the_tables_of_the_paper() {
        for (q, z, wanted) in [
            (0.1, 0, "1.0000000"),
            (0.1, 1, "0.2045873"),
            (0.1, 2, "0.0509779"),
            (0.1, 3, "0.0131722"),
            (0.1, 4, "0.0034552"),
            (0.1, 5, "0.0009137"),
            (0.1, 6, "0.0002428"),
            (0.1, 7, "0.0000647"),
            (0.1, 8, "0.0000173"),
            (0.1, 9, "0.0000046"),
            (0.1, 10, "0.0000012"),
            (0.3, 5, "0.1773523"),
            (0.3, 10, "0.0416605"),
            (0.3, 15, "0.0101008"),
            (0.3, 20, "0.0024804"),
            (0.3, 25, "0.0006132"),
            (0.3, 30, "0.0001522"),
            (0.3, 35, "0.0000379"),
            (0.3, 40, "0.0000095"),
            (0.3, 45, "0.0000024"),
            (0.3, 50, "0.0000006"),
        ] {
            assert_eq!(
                format!("{:.7}", probability(q, z).unwrap()),
                wanted,
                "{q} {z}"
            );
        }
    }

    #[test]
    fn thousands_of_confirmations_neither_overflow_nor_vanish_too_soon() {
        // (r e^(1−r))^z by itself is a lower bound, up to a factor of about a half.
        let far = probability(0.45, 5000).unwrap();
        assert!(far > 0.0 && far < 1e-40, "{far:e}");
        assert!(probability(0.499, 100_000).unwrap() > 0.1);
        assert_eq!(probability(0.1, u64::MAX), Ok(0.0));
    }

    #[test]
    fn halves_wholes_and_nonsense() {
        for q in [0.5, 0.51, 1.0] {
            assert_eq!(probability(q, 1_000_000), Ok(1.0));
        }
        for bad in [-0.1, 1.5, f64::NAN] {
            assert!(probability(bad, 6).is_err());
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_sum_of_the_paper(q in 0.0..0.4999f64, z in 0u32..60) {
            let difference = probability(q, u64::from(z)).unwrap() - as_printed(q, z);
            prop_assert!(difference.abs() < 1e-10, "{difference:e}");
        }

        #[test]
        fn falls_with_confirmations_and_rises_with_the_share(q in 0.001..0.49f64, z in 0u64..3000) {
            let here = probability(q, z).unwrap();
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(probability(q, z + 1).unwrap() <= here * (1.0 + 1e-9));
            prop_assert!(probability(q + 0.005, z).unwrap() >= here * (1.0 - 1e-9));
        }
    }
}
