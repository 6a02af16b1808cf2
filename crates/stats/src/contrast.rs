//! Difference between the means of two sides, each a few sessions, by Student's t.
//!
//! Values are natural logarithms of the sessions' medians. A session is the replicate:
//! boot, temperature and memory layout are drawn once for each, so that the runs within one
//! say nothing about the next.

use crate::student::{t_factor, t_p_value};
use crate::summary::{deviation, mean};

/// Largest chance at which sessions that settle on one of two clocks may look like a
/// difference between the sides, see [`two_clock_chance`].
pub const MAX_TWO_CLOCK_CHANCE: f64 = 0.05;

/// Groups of values that share a mean: their scatter is that within each group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Groups(pub Vec<Vec<f64>>);

impl Groups {
    /// Degrees of freedom: the values beyond the first of each group.
    pub fn degrees(&self) -> usize {
        self.0
            .iter()
            .map(|group| group.len().saturating_sub(1))
            .sum()
    }

    /// Variance within the groups, pooled; `None` without degrees of freedom or with a
    /// value that is not finite.
    fn variance(&self) -> Option<f64> {
        let squares = |group: &Vec<f64>| -> Option<f64> {
            let centre = mean(group)?;
            Some(group.iter().map(|value| (value - centre).powi(2)).sum())
        };
        let sum: f64 = self.0.iter().map(squares).sum::<Option<f64>>()?;
        (self.degrees() > 0).then(|| sum / self.degrees() as f64)
    }
}

/// A difference with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Mean of the first side less that of the second.
    pub difference: f64,
    /// Standard error of the difference.
    pub error: f64,
    /// Degrees of freedom of the standard error.
    pub degrees: f64,
}

impl Contrast {
    /// Welch's comparison of two sides whose variances may differ. Each side is its values
    /// and the groups that show its scatter, which may include the values.
    ///
    /// `None` if a side is empty or its groups have no degrees of freedom.
    pub fn welch(a: (&[f64], &Groups), b: (&[f64], &Groups)) -> Option<Self> {
        let part = |(values, groups): (&[f64], &Groups)| {
            Some((
                mean(values)?,
                groups.variance()? / values.len() as f64,
                groups.degrees() as f64,
            ))
        };
        let ((mean_a, of_a, degrees_a), (mean_b, of_b, degrees_b)) = (part(a)?, part(b)?);
        let sum = of_a + of_b;
        // Welch and Satterthwaite; without any scatter the smaller number of degrees.
        let degrees = match sum > 0.0 {
            true => sum * sum / (of_a * of_a / degrees_a + of_b * of_b / degrees_b),
            false => degrees_a.min(degrees_b),
        };
        Some(Self {
            difference: mean_a - mean_b,
            error: sum.sqrt(),
            degrees,
        })
    }

    /// Student's comparison of two sides that scatter alike, as `groups` show. `None` if a
    /// side is empty or the groups have no degrees of freedom.
    pub fn pooled(a: &[f64], b: &[f64], groups: &Groups) -> Option<Self> {
        let parts = 1.0 / a.len() as f64 + 1.0 / b.len() as f64;
        Some(Self {
            difference: mean(a)? - mean(b)?,
            error: (groups.variance()? * parts).sqrt(),
            degrees: groups.degrees() as f64,
        })
    }

    /// Student's comparison of pairs. `None` for fewer than two pairs or sides of different
    /// sizes.
    pub fn paired(a: &[f64], b: &[f64]) -> Option<Self> {
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let error = deviation(&differences)? / (differences.len() as f64).sqrt();
        (a.len() == b.len()).then_some(Self {
            difference: mean(&differences)?,
            error,
            degrees: differences.len() as f64 - 1.0,
        })
    }

    /// Half-width of the interval of the difference; `None` for a confidence that is not
    /// strictly between 0 and 1.
    pub fn half_width(&self, confidence: f64) -> Option<f64> {
        Some(t_factor(confidence, self.degrees)? * self.error)
    }

    /// The chance of so large a difference between equal means.
    pub fn p_value(&self) -> f64 {
        match self.error > 0.0 {
            true => t_p_value(self.difference / self.error, self.degrees).unwrap_or(1.0),
            false if self.difference == 0.0 => 1.0,
            false => 0.0,
        }
    }
}

/// The chance that sessions which each settle on one of two clocks look as if the sides
/// differed: all `n` of one side on one clock, all `m` of the other on the other, and every
/// group of `groups` on one clock. The share of the clocks is the one for which this is
/// most likely. Student's t knows nothing of such clocks: without scatter within the sides
/// it finds any difference, so fewer sessions than [`MAX_TWO_CLOCK_CHANCE`] asks for decide nothing.
pub fn two_clock_chance(n: usize, m: usize, groups: &[usize]) -> f64 {
    let all_on_one = |p: f64, count: usize| p.powi(count as i32);
    (1..=50)
        .map(|percent| {
            let (p, q) = (f64::from(percent) / 100.0, 1.0 - f64::from(percent) / 100.0);
            let apart = all_on_one(p, n) * all_on_one(q, m) + all_on_one(q, n) * all_on_one(p, m);
            let within = |&count: &usize| all_on_one(p, count) + all_on_one(q, count);
            apart * groups.iter().map(within).product::<f64>()
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn own(values: &[f64]) -> Groups {
        Groups(vec![values.to_vec()])
    }

    #[test]
    fn comparisons_by_hand() {
        // Means 2 and 6, variances 1 and 4: error sqrt(1/3 + 4/3), and by Welch and
        // Satterthwaite (5/3)² / ((1/3)² / 2 + (4/3)² / 2) degrees.
        let (a, b) = ([1.0, 2.0, 3.0], [4.0, 6.0, 8.0]);
        let found = Contrast::welch((&a, &own(&a)), (&b, &own(&b))).unwrap();
        assert_eq!(found.difference, -4.0);
        assert!((found.error - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((found.degrees - 50.0 / 17.0).abs() < 1e-12);
        // Between t(2) = 4.303 and t(3) = 3.182.
        let factor = found.half_width(0.95).unwrap() / found.error;
        assert!((factor - 3.219).abs() < 1e-3, "{factor}");
        // Differences -3, -4, -5: mean -4, error 1 / sqrt 3.
        let found = Contrast::paired(&a, &b).unwrap();
        assert_eq!((found.difference, found.degrees), (-4.0, 2.0));
        assert!((found.error - 1.0 / 3.0_f64.sqrt()).abs() < 1e-12);
        // One value a side, and a scatter of 1 that three groups of two show.
        let pair = vec![0.0, 2.0_f64.sqrt()];
        let groups = Groups(vec![pair.clone(), pair.clone(), pair]);
        let found = Contrast::pooled(&[5.0], &[1.0], &groups).unwrap();
        assert!((found.error - 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!((found.difference, found.degrees), (4.0, 3.0));
        // t = 2.8284 with 3 degrees: p = 0.0663.
        assert!((found.p_value() - 0.0663).abs() < 1e-4);
    }

    #[test]
    fn without_scatter_there_is_no_interval_and_equal_values_are_equal() {
        let lone = own(&[1.0]);
        assert_eq!(Contrast::welch((&[1.0], &lone), (&[1.0], &lone)), None);
        assert_eq!(Contrast::pooled(&[1.0], &[2.0], &Groups::default()), None);
        assert_eq!(Contrast::paired(&[1.0], &[2.0]), None);
        assert_eq!(Contrast::paired(&[1.0, 2.0], &[2.0, 3.0, 4.0]), None);
        let same = [2.0; 3];
        let found = Contrast::welch((&same, &own(&same)), (&same, &own(&same))).unwrap();
        assert_eq!((found.p_value(), found.half_width(0.95)), (1.0, Some(0.0)));
        assert_eq!(found.degrees, 2.0);
    }

    #[test]
    fn two_clocks_mislead_few_sessions() {
        // Half and half is the worst share for equal sides: 2 / 2^6, 2 / 2^4.
        assert!((two_clock_chance(3, 3, &[]) - 2.0 / 64.0).abs() < 1e-12);
        assert!((two_clock_chance(2, 2, &[]) - 2.0 / 16.0).abs() < 1e-12);
        // One session against m: the other clock is drawn once in m + 1.
        assert!((two_clock_chance(1, 4, &[]) - 0.2 * 0.8_f64.powi(4)).abs() < 2e-3);
        assert!(
            two_clock_chance(1, 6, &[]) > MAX_TWO_CLOCK_CHANCE
                && two_clock_chance(1, 7, &[]) <= MAX_TWO_CLOCK_CHANCE
        );
        assert!(
            two_clock_chance(2, 2, &[2]) > MAX_TWO_CLOCK_CHANCE
                && two_clock_chance(2, 2, &[3]) <= MAX_TWO_CLOCK_CHANCE
        );
    }

    proptest! {
        #[test]
        fn swapping_the_sides_turns_the_sign(
            a in prop::collection::vec(-1.0..1.0_f64, 2..8),
            b in prop::collection::vec(-1.0..1.0_f64, 2..8),
        ) {
            let (of_a, of_b) = (own(&a), own(&b));
            let ab = Contrast::welch((&a, &of_a), (&b, &of_b)).unwrap();
            let ba = Contrast::welch((&b, &of_b), (&a, &of_a)).unwrap();
            prop_assert_eq!(ab.difference, -ba.difference);
            prop_assert_eq!((ab.error, ab.p_value()), (ba.error, ba.p_value()));
            // Welch's degrees lie between the smaller side's and both together.
            let (n, m) = (a.len() as f64 - 1.0, b.len() as f64 - 1.0);
            prop_assert!(ab.degrees >= n.min(m) - 1e-9 && ab.degrees <= n + m + 1e-9);
        }
    }
}
