//! Where the median of another session would lie: a prediction interval, wider than the
//! confidence interval of this median, since the other one scatters too.
//!
//! All widths are natural logarithms of ratios, at 95 %; samples are logarithms of
//! figures.

use std::f64::consts::{FRAC_PI_2, SQRT_2};

use crate::interval::median_interval;
use crate::student::t_975;
use crate::summary::{deviation, median};

/// Variance of a median over that of a mean, of many normal values. Of few it is less,
/// so that the interval errs on the wide side.
const MEDIAN_OVER_MEAN: f64 = FRAC_PI_2;
/// Coverage of every interval here.
const CONFIDENCE: f64 = 0.95;

/// How far the ends of an interval are from its centre, as logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Widths {
    /// Down.
    pub below_ln: f64,
    /// Up.
    pub above_ln: f64,
}

impl Widths {
    /// Both ends so far from the centre.
    pub fn even(ln: f64) -> Self {
        Self {
            below_ln: ln,
            above_ln: ln,
        }
    }

    /// Of a relative uncertainty: ln(1 + u).
    pub fn of_rel(rel: f64) -> Self {
        Self::even(rel.ln_1p())
    }

    /// Independent errors together: in quadrature, each end for itself.
    pub fn and(self, other: Self) -> Self {
        Self {
            below_ln: self.below_ln.hypot(other.below_ln),
            above_ln: self.above_ln.hypot(other.above_ln),
        }
    }

    /// Those of the reciprocal.
    pub fn turned(self) -> Self {
        Self {
            below_ln: self.above_ln,
            above_ln: self.below_ln,
        }
    }

    /// The ends around a centre.
    pub fn around(self, centre: f64) -> [f64; 2] {
        [
            centre * (-self.below_ln).exp(),
            centre * self.above_ln.exp(),
        ]
    }

    /// The larger of the two.
    pub fn larger(self) -> f64 {
        self.below_ln.max(self.above_ln)
    }

    /// Whether both ends are numbers.
    pub fn is_finite(self) -> bool {
        self.below_ln.is_finite() && self.above_ln.is_finite()
    }
}

/// Re-runs within a session of so many runs. The next median has the same variance as
/// this one, so the half-width is sqrt(2) times that of this median's interval. For the
/// latter the wider of two at each end counts: t(n-1) s sqrt(pi/2 / n), which holds of
/// normal values, and that of order statistics, which holds of values that fall into
/// clusters. `logs` may be a larger pooled sample, which only tells the deviation.
///
/// `None` for fewer than two values or one that is not finite.
pub fn rerun_within(logs: &[f64], runs: usize) -> Option<Widths> {
    let t = t_975(logs.len().checked_sub(1)?)?;
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

/// Half-width for another session around the centre of these, from the median of each of
/// k sessions: the next one scatters as they do and the centre is uncertain, so it is
/// t(k-1) s sqrt(1 + pi/2 / k). With two sessions t is 12.7: two sessions say little.
///
/// `None` for fewer than two medians or one that is not finite.
pub fn rerun_beside(medians: &[f64]) -> Option<f64> {
    let factor = (1.0 + MEDIAN_OVER_MEAN / medians.len() as f64).sqrt();
    Some(t_975(medians.len().checked_sub(1)?)? * deviation(medians)? * factor)
}

/// Half-width for another session around a single one of these, which it differs from as
/// two sessions do: sqrt(2) t(k-1) s.
///
/// `None` as for [`rerun_beside`].
pub fn rerun_apart(medians: &[f64]) -> Option<f64> {
    Some(t_975(medians.len().checked_sub(1)?)? * deviation(medians)? * SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_by_hand() {
        // s = 0.0187083, t(5) = 2.571, sqrt(pi/2/6) = 0.511663: 0.0246105; the order
        // statistics give 0.025, which is wider; times sqrt 2.
        let runs = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05];
        let widths = rerun_within(&runs, 6).unwrap();
        assert!((widths.below_ln - 0.025 * SQRT_2).abs() < 1e-12);
        let pooled = rerun_within(&runs, 3).unwrap();
        assert!((pooled.above_ln - 0.024_610_5 * 2.0).abs() < 1e-6);
        // t(1) s sqrt(1 + pi/4), and sqrt(2) t(1) s, with s = 0.01 / sqrt(2).
        let two = [0.01, 0.02];
        assert!((rerun_beside(&two).unwrap() - 0.120_049_8).abs() < 1e-6);
        assert!((rerun_apart(&two).unwrap() - 0.127_06).abs() < 1e-12);
        assert_eq!(
            (rerun_within(&[1.0], 1), rerun_beside(&[1.0])),
            (None, None)
        );
        assert_eq!(
            (rerun_apart(&[]), rerun_apart(&[1.0, f64::NAN])),
            (None, None)
        );
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
