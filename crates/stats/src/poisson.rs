//! Agreement of a count of rare events with the number expected.

use crate::normal::upper_tail;
use std::f64::consts::PI;

/// Largest count and expectation whose tails are summed term by term. The sum spans some
/// ten standard deviations, so this bounds the work to about ten million terms.
pub const EXACT_LIMIT: f64 = 1e12;

/// An observed count against an expected mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Agreement {
    /// Events counted.
    pub observed: u64,
    /// Events expected.
    pub expected: f64,
    /// Probability of this count or fewer.
    pub p_low: f64,
    /// Probability of this count or more.
    pub p_high: f64,
    /// Twice the smaller of the two probabilities, at most 1.
    pub two_sided_p: f64,
    /// True if `two_sided_p` is at least `1 - confidence`.
    pub agrees: bool,
}

/// Tests whether `observed` events are a plausible draw from a Poisson
/// distribution of mean `expected`.
///
/// A true expectation is rejected in at most `1 - confidence` of all cases. Both
/// tails are exact sums (relative error below 1e-10) while both numbers are at
/// most [`EXACT_LIMIT`]; above it they are Wilson and Hilferty's cube-root
/// normal, whose error in the standardised deviate is then below 1e-5.
///
/// An expectation that is negative, infinite or NaN, or a confidence not
/// strictly between 0 and 1, agrees with nothing: its probabilities are NaN and
/// `agrees` is false.
pub fn agreement(observed: u64, expected: f64, confidence: f64) -> Agreement {
    let valid = expected >= 0.0 && expected.is_finite() && confidence > 0.0 && confidence < 1.0;
    let (p_low, p_high) = if valid {
        tails(observed, expected)
    } else {
        (f64::NAN, f64::NAN)
    };
    let two_sided_p = if valid {
        (2.0 * p_low.min(p_high)).min(1.0)
    } else {
        f64::NAN
    };
    Agreement {
        observed,
        expected,
        p_low,
        p_high,
        two_sided_p,
        agrees: two_sided_p >= 1.0 - confidence,
    }
}

/// `P(X <= k)` and `P(X >= k)`.
fn tails(k: u64, mean: f64) -> (f64, f64) {
    if mean == 0.0 {
        return (1.0, if k == 0 { 1.0 } else { 0.0 });
    }
    let x = k as f64;
    if x > EXACT_LIMIT || mean > EXACT_LIMIT {
        let high = if k == 0 {
            1.0
        } else {
            upper_tail(-deviate(x, mean))
        };
        return (upper_tail(deviate(x + 1.0, mean)), high);
    }
    // Only the tail that falls away from the mean is summed; every ratio of neighbours in
    // it is below 1. The other tail is large, so subtracting from 1 loses no digits.
    let at = mass(x, mean);
    let (mut term, mut sum) = (1.0, 1.0);
    let mut i = x;
    if x < mean {
        while i > 0.0 && term > sum * 1e-17 {
            term *= i / mean;
            sum += term;
            i -= 1.0;
        }
        let low = (at * sum).min(1.0);
        (low, (1.0 - low + at).min(1.0))
    } else {
        while term > sum * 1e-17 {
            i += 1.0;
            term *= mean / i;
            sum += term;
        }
        let high = (at * sum).min(1.0);
        ((1.0 - high + at).min(1.0), high)
    }
}

/// Wilson and Hilferty's deviate (PNAS 17, 1931) of
/// `P(X < x) = P(chi2 with 2x degrees of freedom > 2 mean)`. The probability is
/// `upper_tail` of it.
fn deviate(x: f64, mean: f64) -> f64 {
    let variance = 1.0 / (9.0 * x);
    ((mean / x).cbrt() - (1.0 - variance)) / variance.sqrt()
}

/// `P(X = x)`, by Loader's saddle-point form (Fast and Accurate Computation of Binomial
/// Probabilities, 2000), which keeps its digits where
/// `x ln(mean) - mean - ln(x!)` loses them all.
fn mass(x: f64, mean: f64) -> f64 {
    if x == 0.0 {
        return (-mean).exp();
    }
    (-stirling_error(x) - deviance(x, mean)).exp() / (2.0 * PI * x).sqrt()
}

/// `ln(n!) - ln(sqrt(2 pi n) (n/e)^n)` for whole `n >= 1`.
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        // 15! is exact in a double.
        let factorial: f64 = (1..=n as u32).map(f64::from).product();
        return factorial.ln() - ((n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln());
    }
    let square = 1.0 / (n * n);
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - square / 1188.0) * square) * square)
            * square)
        / n
}

/// `x ln(x / mean) + mean - x`, without its cancellation near `x = mean`.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    // ln(x/mean) = 2 artanh(v) as a series in v.
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut term = 2.0 * x * v;
    for odd in (3..).step_by(2) {
        term *= v * v;
        let next = sum + term / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nonsense_agrees_with_nothing() {
        for expected in [-1.0, f64::NAN, f64::INFINITY] {
            let result = agreement(5, expected, 0.999);
            assert!(!result.agrees && result.two_sided_p.is_nan());
        }
        for confidence in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(!agreement(5, 5.0, confidence).agrees);
        }
    }

    #[test]
    fn nothing_expected_is_nothing_seen() {
        assert!(agreement(0, 0.0, 0.999).agrees);
        assert!(!agreement(1, 0.0, 0.999).agrees);
        assert_eq!(agreement(1, 0.0, 0.999).two_sided_p, 0.0);
    }

    #[test]
    fn beyond_the_exact_limit_the_normal_takes_over_smoothly() {
        // One standard deviation above, on either side of the limit.
        for mean in [0.99 * EXACT_LIMIT, 1.01 * EXACT_LIMIT, 1e15, 1e18] {
            let result = agreement((mean + mean.sqrt()) as u64, mean, 0.95);
            assert!(
                (result.p_high / 0.158_655_253_931_457 - 1.0).abs() < 1e-5,
                "{result:?}"
            );
            assert!(result.agrees);
        }
        assert!(!agreement(u64::MAX, 1e18, 0.999).agrees);
        assert!(!agreement(0, 1e18, 0.999).agrees);
        assert!(!agreement(u64::MAX, 1.0, 0.999).agrees);
        assert!(!agreement(0, f64::MAX, 0.999).agrees);
    }

    proptest! {
        #[test]
        fn tails_overlap_in_one_mass(k in 0u64..2000, mean in 1e-6..2000.0f64) {
            let (low, high) = tails(k, mean);
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!((low + high - 1.0 - mass(k as f64, mean)).abs() < 1e-11);
        }

        #[test]
        fn more_seen_is_never_less_in_the_lower_tail(k in 0u64..5000, mean in 1e-3..5000.0f64) {
            let (low, high) = tails(k, mean);
            let (next_low, next_high) = tails(k + 1, mean);
            prop_assert!(next_low >= low - 1e-11 && next_high <= high + 1e-11);
        }

        #[test]
        fn the_mean_itself_agrees(mean in 1.0..1e9f64) {
            prop_assert!(agreement(mean as u64, mean, 0.95).agrees);
        }

        #[test]
        fn ten_deviations_never_agree(mean in 100.0..1e9f64) {
            let ten = 10.0 * mean.sqrt();
            prop_assert!(!agreement((mean + ten) as u64, mean, 0.999).agrees);
            prop_assert!(!agreement((mean - ten).max(0.0) as u64, mean, 0.999).agrees || mean < 101.0);
        }

        #[test]
        fn nothing_panics(k: u64, mean: f64, confidence: f64) {
            let result = agreement(k, mean, confidence);
            prop_assert!(result.two_sided_p.is_nan() || (0.0..=1.0).contains(&result.two_sided_p));
        }
    }
}
