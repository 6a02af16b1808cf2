//! Prediction intervals for the median of another session. They are wider than the
//! confidence interval of this session's median, because the other median scatters too.
//!
//! All widths are natural logarithms of ratios, at 95 %; samples are logarithms of
//! figures.

use std::f64::consts::{FRAC_PI_2, SQRT_2};

use crate::interval::median_interval;
use crate::student::t_factor;
use crate::summary::{deviation, median};

/// Ratio of the variance of a median to that of a mean, for large normal samples. For small
/// samples it is smaller, so the interval errs on the wide side.
const MEDIAN_OVER_MEAN: f64 = FRAC_PI_2;
/// Confidence level of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// Distances of the ends of an interval from its centre, as natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Widths {
    /// Distance of the lower end.
    pub below_ln: f64,
    /// Distance of the upper end.
    pub above_ln: f64,
}

impl Widths {
    /// Both ends at the distance `ln` from the centre.
    pub fn even(ln: f64) -> Self {
        Self {
            below_ln: ln,
            above_ln: ln,
        }
    }

    /// The widths of a relative uncertainty u: ln(1 + u) on both sides.
    pub fn of_rel(rel: f64) -> Self {
        Self::even(rel.ln_1p())
    }

    /// Combines independent errors in quadrature, each end separately.
    pub fn and(self, other: Self) -> Self {
        Self {
            below_ln: self.below_ln.hypot(other.below_ln),
            above_ln: self.above_ln.hypot(other.above_ln),
        }
    }

    /// The widths of the reciprocal: both ends exchanged.
    pub fn turned(self) -> Self {
        Self {
            below_ln: self.above_ln,
            above_ln: self.below_ln,
        }
    }

    /// Returns both ends of the interval around `centre`, which is not a logarithm, the
    /// lower end first.
    pub fn around(self, centre: f64) -> [f64; 2] {
        [
            centre * (-self.below_ln).exp(),
            centre * self.above_ln.exp(),
        ]
    }

    /// The larger of the two distances.
    pub fn larger(self) -> f64 {
        self.below_ln.max(self.above_ln)
    }

    /// True if both distances are finite.
    pub fn is_finite(self) -> bool {
        self.below_ln.is_finite() && self.above_ln.is_finite()
    }
}

/// Prediction interval for the median of another `runs` runs within the same session. The
/// next median has the same variance as this one, so the half-widths are sqrt(2) times
/// those of this median's confidence interval. For that interval the wider of two is used
/// at each end: t(n-1) s sqrt(pi/2 / n), which holds for normal values, and the interval of
/// order statistics, which holds for values that fall into clusters. `logs` may be a larger
/// pooled sample; then only the first is used, with the deviation of the pooled sample.
///
/// `None` for fewer than two values or one that is not finite.
pub fn rerun_within(logs: &[f64], runs: usize) -> Option<Widths> {
    let t = t_factor(CONFIDENCE, logs.len() as f64 - 1.0)?;
    let normal = t * deviation(logs)? * (MEDIAN_OVER_MEAN / runs as f64).sqrt();
    let centre = median(logs)?;
    let order = match median_interval(logs, CONFIDENCE) {
        Ok(found) if logs.len() == runs => Widths {
            below_ln: centre - found.low,
            above_ln: found.high - centre,
        },
        _ => Widths::default(),
    };
    Some(Widths {
        below_ln: order.below_ln.max(normal) * SQRT_2,
        above_ln: order.above_ln.max(normal) * SQRT_2,
    })
}

/// Factors of [`rerun_beside`] for 2 to 12 sessions, then of [`rerun_apart`]: the 0.95
/// quantile of the distance of another session, in units of [`pair_distance`], over 400,000
/// draws of normal sessions for each number.
const BESIDE: [f64; 11] = [
    11.08, 3.69, 3.04, 3.09, 2.75, 2.65, 2.55, 2.47, 2.42, 2.38, 2.34,
];
const APART: [f64; 11] = [
    11.11, 3.82, 3.28, 3.46, 3.19, 3.12, 3.06, 3.02, 3.00, 2.98, 2.97,
];
/// The 0.975 quantile of the normal distribution over the median distance of two draws
/// from it, 0.9539 standard deviations.
const WITHOUT_END: f64 = 2.0547;

/// The median distance of two values, over all pairs (Shamos 1976): a scale that one
/// outlier among five or more values hardly moves, at 86 % of the efficiency of the
/// standard deviation. `None` for fewer than two values or one that is not finite.
fn pair_distance(values: &[f64]) -> Option<f64> {
    let rest = |i: usize| {
        values[i + 1..]
            .iter()
            .map(move |other| (values[i] - other).abs())
    };
    median(&(0..values.len()).flat_map(rest).collect::<Vec<f64>>())
}

/// Half-width of the prediction interval for another session's median around the median of
/// `medians`, those of k sessions. The next median scatters as these do, and their centre
/// is itself uncertain. With two sessions the factor is 11, so two sessions say little.
///
/// `None` for fewer than two medians or one that is not finite.
pub fn rerun_beside(medians: &[f64]) -> Option<f64> {
    let k = medians.len();
    let many = WITHOUT_END * (1.0 + 1.7 / k as f64);
    let factor = BESIDE.get(k.checked_sub(2)?).copied().unwrap_or(many);
    Some(factor * pair_distance(medians)?)
}

/// Half-width of the prediction interval for another session's median around a single one
/// of `medians`, from which it differs as any two sessions do.
///
/// `None` as for [`rerun_beside`].
pub fn rerun_apart(medians: &[f64]) -> Option<f64> {
    let k = medians.len();
    let many = WITHOUT_END * SQRT_2 * (1.0 + 0.2 / k as f64);
    let factor = APART.get(k.checked_sub(2)?).copied().unwrap_or(many);
    Some(factor * pair_distance(medians)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_by_hand() {
        // s = 0.0187083, t(5) = 2.5706, sqrt(pi/2/6) = 0.511663: 0.0246105; the order
        // statistics give 0.025, which is wider; times sqrt 2.
        let runs = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05];
        let widths = rerun_within(&runs, 6).unwrap();
        assert!((widths.below_ln - 0.025 * SQRT_2).abs() < 1e-12);
        let pooled = rerun_within(&runs, 3).unwrap();
        assert!((pooled.above_ln - 0.024_610_5 * 2.0).abs() < 1e-5);
        let two = [0.01, 0.02];
        assert!((rerun_beside(&two).unwrap() - 0.1108).abs() < 1e-9);
        assert!((rerun_apart(&two).unwrap() - 0.1111).abs() < 1e-9);
        // Distances 1, 2, 3, 4, 6, 7 of four sessions: 3.5 times the factor.
        let four = [0.0, 1.0, 3.0, 7.0];
        assert!((rerun_beside(&four).unwrap() - 3.5 * 3.04).abs() < 1e-9);
        assert_eq!(
            (rerun_within(&[1.0], 1), rerun_beside(&[1.0])),
            (None, None)
        );
        assert_eq!([rerun_apart(&[]), rerun_apart(&[1.0, f64::NAN])], [None; 2]);
    }

    #[test]
    fn more_sessions_narrow_the_interval_and_one_outlier_hardly_widens_it() {
        // Normal quantiles, as evenly spread as sessions can be.
        let sessions = |k: usize| -> Vec<f64> {
            let at = |i: usize| (i as f64 + 0.5) / k as f64;
            (0..k)
                .map(|i| 0.01 * (at(i) / (1.0 - at(i))).ln())
                .collect()
        };
        let widths: Vec<f64> = [2, 3, 6, 12, 13, 40, 1000]
            .map(|k| rerun_beside(&sessions(k)).unwrap())
            .into();
        for pair in widths.windows(2) {
            assert!(pair[1] < 1.12 * pair[0], "{widths:?}");
        }
        for k in [5, 8, 11] {
            let clean = sessions(k);
            let with_outlier = [clean.clone(), vec![0.5]].concat();
            let widened = rerun_beside(&with_outlier).unwrap() / rerun_beside(&clean).unwrap();
            assert!(widened < 1.5, "{k}: {widened}");
        }
    }

    proptest! {
        #[test]
        fn widths_do_not_depend_on_the_unit(
            logs in prop::collection::vec(-1.0..1.0_f64, 2..12),
            shift in -5.0..5.0_f64,
        ) {
            let shifted: Vec<f64> = logs.iter().map(|value| value + shift).collect();
            let n = logs.len();
            let (a, b) = (rerun_within(&logs, n).unwrap(), rerun_within(&shifted, n).unwrap());
            prop_assert!((a.below_ln - b.below_ln).abs() < 1e-9 && a.below_ln >= 0.0);
            prop_assert!((a.above_ln - b.above_ln).abs() < 1e-9 && a.above_ln >= 0.0);
            prop_assert!((rerun_beside(&logs).unwrap() - rerun_beside(&shifted).unwrap()).abs() < 1e-9);
        }
    }
}
