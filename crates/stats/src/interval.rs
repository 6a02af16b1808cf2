//! A confidence interval for the median that assumes no distribution.

use crate::summary::sorted;

/// An interval between two order statistics of the sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MedianInterval {
    /// Lower end: one of the sample's values.
    pub low: f64,
    /// Upper end: one of the sample's values.
    pub high: f64,
    /// The exact confidence achieved, at least the one asked for.
    pub achieved_confidence: f64,
}

/// The reason that there is no interval of a median.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Debug)]
pub enum IntervalError {
    /// Even the whole range of so few values does not reach the confidence.
    #[error("{n} runs cannot give the confidence asked for; it needs at least {need}")]
    TooFew {
        /// The number of values given.
        n: usize,
        /// The number of values needed.
        need: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} of the sample is {value}; an interval needs finite values")]
    NotFinite {
        /// The position in the sample, from 0.
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

/// The narrowest interval `[x(k), x(n+1-k)]` between symmetric order statistics
/// that contains the population's median with probability at least
/// `confidence`.
///
/// Its coverage is `1 - 2 P(B < k)` with `B` binomial of `n` trials at 1/2:
/// exact for every continuous distribution, and no less for others (David and
/// Nagaraja, Order Statistics, §7.1). Takes time linear in `n` after sorting.
///
/// # Errors
/// [`IntervalError`]: too few values, one that is not finite, or a confidence
/// that is not strictly between 0 and 1.
pub fn median_interval(values: &[f64], confidence: f64) -> Result<MedianInterval, IntervalError> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(IntervalError::BadConfidence { value: confidence });
    }
    let n = values.len();
    if let Some(index) = values.iter().position(|v| !v.is_finite()) {
        return Err(IntervalError::NotFinite {
            index,
            value: values[index],
        });
    }
    let need = smallest_sample(confidence);
    let (Some(sorted), true) = (sorted(values), n >= need) else {
        return Err(IntervalError::TooFew { n, need });
    };

    // Walks inward while the probability outside stays within `1 - confidence`. The walk
    // uses logarithms because 2^-n underflows to 0 beyond a thousand runs.
    let mut ln_mass = -(n as f64) * std::f64::consts::LN_2;
    let mut outside = 0.0;
    let mut best = (0, 1.0);
    for k in 0..n.div_ceil(2) {
        outside += 2.0 * ln_mass.exp();
        if 1.0 - outside < confidence {
            break;
        }
        best = (k, 1.0 - outside);
        ln_mass += ((n - k) as f64 / (k + 1) as f64).ln();
    }
    let (k, achieved_confidence) = best;
    Ok(MedianInterval {
        low: sorted[k],
        high: sorted[n - 1 - k],
        achieved_confidence,
    })
}

/// The smallest sample whose whole range reaches this confidence, `1 - 2^(1-n)`.
fn smallest_sample(confidence: f64) -> usize {
    // Below 1 a double is at most 1 - 2^-53, so the search ends.
    (2..60)
        .find(|&n| 1.0 - 0.5f64.powi(n - 1) >= confidence)
        .map_or(60, |n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_to(n: usize) -> Vec<f64> {
        (1..=n).map(|i| i as f64).collect()
    }

    #[test]
    fn known_intervals_at_95_percent() {
        // benchstat and moremath choose the same.
        for (n, low, high, confidence) in [
            (6, 1.0, 6.0, 0.968_75),
            (10, 2.0, 9.0, 0.978_515_625),
            (12, 3.0, 10.0, 0.961_425_781_25),
            (20, 6.0, 15.0, 0.958_610_534_667_968_8),
        ] {
            let interval = median_interval(&one_to(n), 0.95).unwrap();
            assert_eq!((interval.low, interval.high), (low, high), "n={n}");
            let error = interval.achieved_confidence - confidence;
            assert!(error.abs() < 1e-12, "n={n}");
        }
    }

    #[test]
    fn five_runs_are_too_few_for_95_percent() {
        let few = median_interval(&one_to(5), 0.95);
        assert_eq!(few, Err(IntervalError::TooFew { n: 5, need: 6 }));
        let interval = median_interval(&one_to(5), 0.9375).unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 5.0));
        assert_eq!(interval.achieved_confidence, 0.9375);
        let none = median_interval(&[], 0.5);
        assert_eq!(none, Err(IntervalError::TooFew { n: 0, need: 2 }));
    }

    #[test]
    fn nonsense_is_refused() {
        for value in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            let refused = median_interval(&one_to(10), value);
            assert!(matches!(refused, Err(IntervalError::BadConfidence { .. })));
        }
        let nan = median_interval(&[1.0, f64::NAN, 2.0], 0.5);
        assert!(matches!(
            nan,
            Err(IntervalError::NotFinite { index: 1, .. })
        ));
        let few = median_interval(&one_to(20), 1.0 - f64::EPSILON / 2.0);
        assert_eq!(few, Err(IntervalError::TooFew { n: 20, need: 54 }));
    }

    #[test]
    fn a_hundred_thousand_runs_are_near_the_normal_limit() {
        let n = 100_000;
        let interval = median_interval(&one_to(n), 0.95).unwrap();
        let half = (interval.high - interval.low) / 2.0;
        let wanted = 1.96 * (n as f64).sqrt() / 2.0;
        assert!((half - wanted).abs() < 1.0, "{half}");
        assert!((0.95..0.952).contains(&interval.achieved_confidence));
    }

    proptest! {
        #[test]
        fn coverage_is_the_binomials(n in 2usize..60, confidence in 0.01..0.999f64) {
            // Pascal's triangle in integers: exact up to 2^60.
            let mut row = vec![1u64];
            for _ in 0..n {
                let mut next = vec![1u64];
                next.extend(row.windows(2).map(|w| w[0] + w[1]));
                next.push(1);
                row = next;
            }
            let coverage = |k: usize| {
                let outside: u64 = row[..=k].iter().sum();
                1.0 - 2.0 * outside as f64 / 2f64.powi(n as i32)
            };
            match median_interval(&one_to(n), confidence) {
                Ok(i) => {
                    let k = i.low as usize - 1;
                    prop_assert_eq!(i.high as usize, n - k);
                    prop_assert!((i.achieved_confidence - coverage(k)).abs() < 1e-12);
                    prop_assert!(i.achieved_confidence >= confidence);
                    // One step further in would be too narrow.
                    if 2 * (k + 1) < n {
                        prop_assert!(coverage(k + 1) < confidence + 1e-12);
                    }
                }
                Err(e) => {
                    let too_few = matches!(e, IntervalError::TooFew { .. });
                    prop_assert!(too_few);
                    prop_assert!(coverage(0) < confidence);
                }
            }
        }
    }
}
