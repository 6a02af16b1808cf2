//! The normal distribution.

use std::f64::consts::PI;

/// Beyond this the series loses digits to cancellation in `1/2 - sum`.
const SERIES_END: f64 = 2.0;

/// `P(Z > z)` for a standard normal `Z`, to a relative error below 1e-13 for `z < 37`
/// (beyond, it underflows to 0). NaN stays NaN.
///
/// The series and the continued fraction are Abramowitz and Stegun 26.2.11 and
/// 26.2.14.
pub(crate) fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    if z < SERIES_END {
        let (mut term, mut sum, mut odd) = (z, z, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        return 0.5 - density * sum;
    }
    // z + 1/(z + 2/(z + 3/(z + …))), from the inside out; 200 levels are enough
    // from the series' end on.
    let fraction = (1..=200)
        .rev()
        .fold(z, |tail, level| z + f64::from(level) / tail);
    density / fraction
}

/// `P(Z <= z)` for a standard normal `Z`.
pub fn normal_cdf(z: f64) -> f64 {
    upper_tail(-z)
}

/// The value that a standard normal variable exceeds with a chance of `1 - p`; infinite at
/// 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    match p.clamp(0.0, 1.0) {
        0.0 => f64::NEG_INFINITY,
        1.0 => f64::INFINITY,
        p => statrs::distribution::ContinuousCDF::inverse_cdf(
            &statrs::distribution::Normal::standard(),
            p,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_match_scipy() {
        // scipy.stats.norm.sf
        for (z, p) in [
            (0.0, 0.5),
            (0.5, 0.308_537_538_725_986_9),
            (1.959_963_984_540_054, 0.025),
            (2.0, 0.022_750_131_948_179_21),
            (3.0, 1.349_898_031_630_094_5e-3),
            (8.0, 6.220_960_574_271_785e-16),
            (30.0, 4.906_713_927_148_187e-198),
        ] {
            assert!(
                (upper_tail(z) / p - 1.0).abs() < 1e-13,
                "{z}: {}",
                upper_tail(z)
            );
            assert!((upper_tail(-z) - (1.0 - p)).abs() < 1e-15, "-{z}");
        }
        assert!(upper_tail(f64::NAN).is_nan());
        assert_eq!(upper_tail(f64::INFINITY), 0.0);
        assert_eq!(upper_tail(f64::NEG_INFINITY), 1.0);
    }

    #[test]
    fn the_two_forms_meet() {
        let (below, above) = (upper_tail(SERIES_END - 1e-12), upper_tail(SERIES_END));
        assert!((below / above - 1.0).abs() < 1e-11);
    }

    #[test]
    fn quantiles_invert_the_distribution() {
        for p in [1e-12, 0.025, 0.3, 0.5, 0.975, 1.0 - 1e-9] {
            let back = normal_cdf(normal_quantile(p));
            assert!((back / p - 1.0).abs() < 1e-9, "{p}: {back}");
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }
}
