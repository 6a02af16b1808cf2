//! Ratio of one sample's values to another's, with its confidence interval.

use crate::ranks::{approximate, cumulative, is_exact, smallest_p};

/// Largest number of pairs for which all differences are computed and sorted.
const MATERIALISED: usize = 4096;

/// An interval of the natural logarithm of a ratio.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RatioInterval {
    /// Lower end: the logarithm of one pair's ratio.
    pub ln_low: f64,
    /// Upper end: the logarithm of one pair's ratio.
    pub ln_high: f64,
    /// The confidence achieved, at least the one asked for.
    pub achieved_confidence: f64,
}

/// The reason that there is no interval of a ratio.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Debug)]
pub enum RatioError {
    /// Even the whole range of all pairs does not reach the confidence.
    #[error(
        "{n} against {m} runs cannot give a confidence of {confidence}; {need} on each side can"
    )]
    TooFew {
        /// Values of the first sample.
        n: usize,
        /// Values of the second.
        m: usize,
        /// The confidence asked for.
        confidence: f64,
        /// The smallest number of values on each side that suffices.
        need: usize,
    },
    /// A value has no logarithm.
    #[error("value {index} of sample {side} is {value}; ratios need positive, finite values")]
    NotPositive {
        /// The sample, 1 or 2.
        side: u8,
        /// The position in its sample, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The confidence is not a probability below 1.
    #[error("confidence {value} is not between 0 and 1; give, for example, 0.95")]
    BadConfidence {
        /// The value given.
        value: f64,
    },
}

/// Hodges and Lehmann's estimate of ln(a / b): the median of ln aᵢ - ln bⱼ over all pairs.
/// Swapping the samples changes only its sign.
///
/// `None` for an empty sample or a value that is not positive and finite.
pub fn ratio_ln(a: &[f64], b: &[f64]) -> Option<f64> {
    let pairs = Pairs::of(a, b).ok()?;
    let count = pairs.count();
    if count == 0 {
        return None;
    }
    Some(match count % 2 {
        1 => pairs.nth(count / 2),
        _ => 0.5 * (pairs.nth(count / 2 - 1) + pairs.nth(count / 2)),
    })
}

/// The interval of ln(a / b) with at least this confidence: the ordered differences of all
/// pairs, without as many at each end as the distribution of Mann and Whitney's U allows
/// (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, §4.3). Without ties,
/// it excludes 0 exactly when that test finds a difference at that level. Exact up to
/// [`crate::EXACT_RANKS`] values a side. Swapping the samples exchanges its ends and
/// changes their signs, to the last bit.
///
/// # Errors
/// [`RatioError`]: too few values, one without a logarithm, or a confidence that is
/// not strictly between 0 and 1.
pub fn ratio_interval(a: &[f64], b: &[f64], confidence: f64) -> Result<RatioInterval, RatioError> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(RatioError::BadConfidence { value: confidence });
    }
    let pairs = Pairs::of(a, b)?;
    let (n, m) = (a.len(), b.len());
    let miss = 1.0 - confidence;
    if smallest_p(n, m) > miss {
        let need = (1..).find(|&each| smallest_p(each, each) <= miss);
        return Err(RatioError::TooFew {
            n,
            m,
            confidence,
            need: need.unwrap_or(usize::MAX),
        });
    }
    let (dropped, outside) = dropped(n, m, miss);
    Ok(RatioInterval {
        ln_low: pairs.nth(dropped),
        ln_high: pairs.nth(pairs.count() - 1 - dropped),
        achieved_confidence: 1.0 - outside,
    })
}

/// The number of differences that can be dropped from each end so that the probability
/// outside is at most `miss`, and that probability.
fn dropped(n: usize, m: usize, miss: f64) -> (usize, f64) {
    let half = (n * m).div_ceil(2);
    let outside: Box<dyn Fn(usize) -> f64> = if is_exact(n, m) {
        let cumulative = cumulative(n, m);
        Box::new(move |u| 2.0 * cumulative[u])
    } else {
        Box::new(move |u| approximate(n, m, u as f64, 0.0))
    };
    // Bisects for the largest u whose P is at most `miss`; P rises with u.
    let (mut fits, mut fails) = (0, half);
    while fails - fits > 1 {
        let middle = fits + (fails - fits) / 2;
        if outside(middle) <= miss {
            fits = middle;
        } else {
            fails = middle;
        }
    }
    let exact_end = smallest_p(n, m);
    match fits {
        0 => (0, exact_end),
        u => (u, outside(u)),
    }
}

/// The ordered differences of the logarithms of two samples. Above `MATERIALISED` pairs
/// they are not all computed.
struct Pairs {
    a: Vec<f64>,
    b: Vec<f64>,
    sorted: Option<Vec<f64>>,
}

impl Pairs {
    fn of(a: &[f64], b: &[f64]) -> Result<Self, RatioError> {
        let (a, b) = (logarithms(a, 1)?, logarithms(b, 2)?);
        let sorted = (a.len() * b.len() <= MATERIALISED).then(|| differences(&a, &b));
        Ok(Self { a, b, sorted })
    }

    fn count(&self) -> usize {
        self.a.len() * self.b.len()
    }

    /// The difference at rank `place`, from 0.
    fn nth(&self, place: usize) -> f64 {
        match &self.sorted {
            Some(sorted) => sorted[place],
            None => self.select(place),
        }
    }

    /// Finds the difference by bisection over all doubles: it is the smallest double that
    /// has more than `place` differences at or below it.
    fn select(&self, place: usize) -> f64 {
        let largest = self.a[self.a.len() - 1] - self.b[0];
        let smallest = self.a[0] - self.b[self.b.len() - 1];
        let (mut low, mut high) = (ordinal(smallest), ordinal(largest));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at_most(from_ordinal(middle)) > place {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        from_ordinal(low)
    }

    /// The number of differences that are at most `limit`.
    fn at_most(&self, limit: f64) -> usize {
        // A larger a needs a larger b to stay within the limit, and rounding keeps that
        // order.
        let mut first = 0;
        let mut count = 0;
        for x in &self.a {
            while first < self.b.len() && x - self.b[first] > limit {
                first += 1;
            }
            count += self.b.len() - first;
        }
        count
    }
}

/// All differences, in ascending order.
fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    let all = a.iter().flat_map(|x| b.iter().map(move |y| x - y));
    let mut all: Vec<f64> = all.collect();
    all.sort_unstable_by(f64::total_cmp);
    all
}

fn logarithms(values: &[f64], side: u8) -> Result<Vec<f64>, RatioError> {
    let bad = values.iter().position(|v| !(v.is_finite() && *v > 0.0));
    if let Some(index) = bad {
        return Err(RatioError::NotPositive {
            side,
            index,
            value: values[index],
        });
    }
    let mut logarithms: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    logarithms.sort_unstable_by(f64::total_cmp);
    Ok(logarithms)
}

/// Maps doubles to integers in the same order.
fn ordinal(x: f64) -> u64 {
    let bits = x.to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    }
}

fn from_ordinal(ordinal: u64) -> f64 {
    f64::from_bits(match ordinal >> 63 {
        1 => ordinal & !(1 << 63),
        _ => !ordinal,
    })
}

/// Estimate of the number of runs that would make an interval as narrow as needed, by the
/// square-root law: `runs (half_width / needed)²`, at least one more than there are. The
/// next runs may scatter differently.
///
/// `None` where no number of runs helps (`needed` not positive) or more than a
/// million would be needed.
pub fn runs_to_settle(runs: usize, half_width: f64, needed: f64) -> Option<usize> {
    const MOST: f64 = 1e6;
    if !(needed > 0.0 && half_width.is_finite()) {
        return None;
    }
    let settled = (runs as f64 * (half_width / needed).powi(2)).ceil();
    (settled <= MOST).then(|| (settled as usize).max(runs + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mann_whitney;
    use proptest::prelude::*;

    #[test]
    fn known_choices_at_95_percent() {
        for (n, place, confidence) in [
            (4, 0, 0.9714),
            (5, 2, 0.9683),
            (6, 5, 0.9589),
            (8, 13, 0.9502),
            (10, 23, 0.9567),
            (20, 127, 0.9511),
        ] {
            let (dropped, outside) = dropped(n, n, 0.05);
            assert_eq!(dropped, place, "{n}");
            assert!((1.0 - outside - confidence).abs() < 6e-4, "{n} {outside}");
        }
    }

    #[test]
    fn too_few_and_bad_values_say_so() {
        let three = [1.0, 2.0, 3.0];
        for (other, said) in [
            (
                &three[..],
                "3 against 3 runs cannot give a confidence of 0.95; 4 on each side can",
            ),
            (
                &[1.0, 0.0],
                "value 1 of sample 2 is 0; ratios need positive, finite values",
            ),
        ] {
            let error = ratio_interval(&three, other, 0.95).unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        assert!(ratio_interval(&three, &three, 1.0).is_err());
        assert_eq!(ratio_ln(&three, &[-1.0]), None);
        assert_eq!(ratio_ln(&[], &three), None);
    }

    #[test]
    fn selection_finds_what_sorting_finds() {
        let a = (0..90).map(|i| 1.0 + f64::from(i * 37 % 90) * 0.01);
        let b = (0..80).map(|i| 1.3 + f64::from(i * 29 % 80) * 0.02);
        let pairs = Pairs::of(&a.collect::<Vec<_>>(), &b.collect::<Vec<_>>()).unwrap();
        assert!(pairs.sorted.is_none());
        let all = differences(&pairs.a, &pairs.b);
        for place in [0, 1, 17, 3599, 3600, 7198, 7199] {
            assert_eq!(pairs.nth(place), all[place], "{place}");
        }
    }

    #[test]
    fn ten_thousand_runs_a_side_are_compared() {
        let a = (0..10_000).map(|i| 100.0 + f64::from(i % 997) * 0.001);
        let a: Vec<f64> = a.collect();
        let b: Vec<f64> = a.iter().map(|v| v * 1.05).collect();
        let interval = ratio_interval(&a, &b, 0.95).unwrap();
        let truth = -(1.05_f64.ln());
        assert!(interval.ln_low <= truth && truth <= interval.ln_high);
        assert!(interval.ln_high - interval.ln_low < 1e-3);
    }

    #[test]
    fn runs_to_settle_follow_the_square_root() {
        assert_eq!(runs_to_settle(10, 0.02, 0.01), Some(40));
        assert_eq!(runs_to_settle(10, 0.01, 0.01), Some(11));
        assert_eq!(runs_to_settle(10, 0.01, 0.0), None);
        assert_eq!(runs_to_settle(10, 0.01, 1e-9), None);
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(0.5..2.0_f64, 4..20)
    }

    proptest! {
        #[test]
        fn swapping_turns_everything_over(a in sample(), b in sample()) {
            prop_assert_eq!(ratio_ln(&a, &b).unwrap(), -ratio_ln(&b, &a).unwrap());
            let (ab, ba) = (ratio_interval(&a, &b, 0.95).unwrap(), ratio_interval(&b, &a, 0.95).unwrap());
            prop_assert_eq!(ab.ln_low, -ba.ln_high);
            prop_assert_eq!(ab.ln_high, -ba.ln_low);
            prop_assert_eq!(ab.achieved_confidence, ba.achieved_confidence);
        }

        #[test]
        fn scaling_both_changes_nothing(a in sample(), b in sample(), factor in 1e-9..1e9_f64) {
            let scaled = |v: &[f64]| -> Vec<f64> { v.iter().map(|v| v * factor).collect() };
            let before = ratio_interval(&a, &b, 0.9).unwrap();
            let after = ratio_interval(&scaled(&a), &scaled(&b), 0.9).unwrap();
            prop_assert!((before.ln_low - after.ln_low).abs() < 1e-12);
            prop_assert!((before.ln_high - after.ln_high).abs() < 1e-12);
        }

        #[test]
        fn order_changes_nothing(a in sample(), b in sample()) {
            let turned: Vec<f64> = a.iter().rev().copied().collect();
            prop_assert_eq!(ratio_interval(&a, &b, 0.9), ratio_interval(&turned, &b, 0.9));
            prop_assert_eq!(ratio_ln(&a, &b), ratio_ln(&turned, &b));
            prop_assert_eq!(mann_whitney(&a, &b), mann_whitney(&turned, &b));
        }

        #[test]
        fn the_interval_leaves_0_out_exactly_when_the_test_finds_a_difference(a in sample(), b in sample()) {
            let interval = ratio_interval(&a, &b, 0.95).unwrap();
            let test = mann_whitney(&a, &b).unwrap();
            let outside = interval.ln_low > 0.0 || interval.ln_high < 0.0;
            prop_assert_eq!(outside, test.p_value <= 1.0 - interval.achieved_confidence + 1e-12);
            let estimate = ratio_ln(&a, &b).unwrap();
            prop_assert!(interval.ln_low <= estimate && estimate <= interval.ln_high);
        }

        #[test]
        fn nothing_panics(a: Vec<f64>, b: Vec<f64>, confidence: f64) {
            let interval = ratio_interval(&a, &b, confidence);
            prop_assert!(interval.is_err() || ratio_ln(&a, &b).is_some());
        }
    }
}
