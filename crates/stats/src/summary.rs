//! Summary statistics of one sample.

use std::cmp::Ordering;

/// True if there is at least one value and all are finite.
fn is_sample(values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|value| value.is_finite())
}

/// The values in ascending order; `None` if there is none or one is not finite.
pub(crate) fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if !is_sample(values) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

/// The smallest value; `None` for an empty sample or one with a value that is
/// not finite.
pub fn min(values: &[f64]) -> Option<f64> {
    let values = Some(values).filter(|values| is_sample(values))?;
    values.iter().copied().min_by(f64::total_cmp)
}

/// The largest value; `None` as for [`min`].
pub fn max(values: &[f64]) -> Option<f64> {
    let values = Some(values).filter(|values| is_sample(values))?;
    values.iter().copied().max_by(f64::total_cmp)
}

/// The middle value, or the mean of the middle two; `None` as for [`min`].
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The `q`-quantile, `0 <= q <= 1`, by linear interpolation between the order
/// statistics around position `q * (n - 1)` counted from 0: definition 7 of
/// Hyndman and Fan (The American Statistician 50, 1996), the default of R and
/// NumPy. `None` as for [`min`], and for a `q` outside its range.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let sorted = sorted(values)?;
    let position = q * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = position.ceil() as usize;
    let part = position - below as f64;
    let (low, high) = (sorted[below], sorted[above]);
    // Of the two usual forms, the one that cannot overflow for opposite signs
    // and is exact at both ends; the clamp undoes its last-place overshoot.
    Some((low * (1.0 - part) + high * part).clamp(low, high))
}

/// The middle value, or the upper of the middle two: always one of the values. `order`
/// compares them. `None` for an empty sample.
pub fn upper_median<T>(mut values: Vec<T>, order: fn(&T, &T) -> Ordering) -> Option<T> {
    let middle = values.len() / 2;
    values.sort_unstable_by(order);
    values.into_iter().nth(middle)
}

/// The smallest value that a share `q` of all does not exceed: definition 1 of Hyndman and
/// Fan. Always one of the values, so infinite values are allowed; NaN sorts above them.
/// `None` for an empty sample.
pub fn lower_quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The arithmetic mean; `None` as for [`min`].
pub fn mean(values: &[f64]) -> Option<f64> {
    is_sample(values).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation of the population that a sample is drawn from (n - 1 in the
/// denominator); `None` as for [`min`], and for a single value.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let freedom = values.len() - 1;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (freedom > 0).then(|| (squares / freedom as f64).sqrt())
}

/// Interquartile range over the magnitude of the median: the spread of the middle half of
/// the runs, as a fraction. Quartiles are [`quantile`]s. `None` as for [`min`], and when
/// the median is 0.
pub fn relative_spread(values: &[f64]) -> Option<f64> {
    let centre = median(values)?.abs();
    let range = quantile(values, 0.75)? - quantile(values, 0.25)?;
    let spread = range / centre;
    spread.is_finite().then_some(spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_follow_definition_7() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, .1, .25, .5, .75, .9, 1])
        let values = [16.0, 2.0, 1.0, 8.0, 4.0];
        for (q, expected) in [
            (0.0, 1.0),
            (0.1, 1.4),
            (0.25, 2.0),
            (0.5, 4.0),
            (0.75, 8.0),
            (0.9, 12.8),
            (1.0, 16.0),
        ] {
            assert!(
                (quantile(&values, q).unwrap() - expected).abs() < 1e-12,
                "{q}"
            );
        }
        assert_eq!(median(&[3.0, 1.0, 2.0, 10.0]), Some(2.5));
        assert_eq!(relative_spread(&values), Some(1.5));
        assert_eq!(relative_spread(&[-2.0, -2.0, -4.0]), Some(0.5));
    }

    #[test]
    fn quantiles_are_values() {
        let values = [3.0, 1.0, f64::INFINITY, 2.0];
        assert_eq!(lower_quantile(&values, 0.5), Some(2.0));
        assert_eq!(lower_quantile(&values, 0.05), Some(1.0));
        assert_eq!(lower_quantile(&values, 0.95), Some(f64::INFINITY));
        assert_eq!(lower_quantile(&[], 0.5), None);
        assert_eq!(upper_median(vec![3, 1, 4, 2], Ord::cmp), Some(3));
        assert_eq!(upper_median(vec![2.5, 0.5, 1.5], f64::total_cmp), Some(1.5));
        assert_eq!(upper_median(Vec::<u64>::new(), Ord::cmp), None);
    }

    #[test]
    fn mean_and_deviation() {
        // numpy.mean, numpy.std(ddof=1)
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(mean(&values), Some(5.0));
        assert!((deviation(&values).unwrap() - 2.138_089_935_299_395).abs() < 1e-15);
        assert_eq!(deviation(&[5.0]), None);
    }

    #[test]
    fn nothing_and_nonsense_are_none() {
        for values in [
            &[][..],
            &[f64::NAN],
            &[1.0, f64::INFINITY],
            &[1.0, f64::NAN, 2.0],
        ] {
            assert_eq!(min(values), None);
            assert_eq!(max(values), None);
            assert_eq!(median(values), None);
            assert_eq!(mean(values), None);
            assert_eq!(deviation(values), None);
            assert_eq!(relative_spread(values), None);
        }
        for q in [-0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(&[1.0, 2.0], q), None);
        }
        assert_eq!(relative_spread(&[0.0, 0.0]), None);
    }

    proptest! {
        #[test]
        fn order_statistics_are_ordered(values: Vec<f64>, a in 0.0..=1.0f64, b in 0.0..=1.0f64) {
            let (a, b) = (a.min(b), a.max(b));
            match (quantile(&values, a), quantile(&values, b)) {
                (Some(x), Some(y)) => {
                    prop_assert!(min(&values).unwrap() <= x);
                    // Interpolation rounds; neighbours may differ in the last place.
                    prop_assert!(x <= y || (x - y) <= 1e-15 * x.abs().max(y.abs()));
                    prop_assert!(y <= max(&values).unwrap());
                }
                (x, y) => prop_assert_eq!(x, y),
            }
        }

        #[test]
        fn order_of_runs_does_not_matter(mut values in prop::collection::vec(-1e9..1e9f64, 1..40)) {
            let before = (median(&values), relative_spread(&values));
            values.reverse();
            prop_assert_eq!(before, (median(&values), relative_spread(&values)));
        }
    }
}
