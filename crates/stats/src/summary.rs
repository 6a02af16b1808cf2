//! One sample in a few numbers.

/// The values in order; `None` when there are none or one is not finite.
pub(crate) fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

/// The smallest value; `None` for an empty sample or one with a value that is
/// not finite.
pub fn min(values: &[f64]) -> Option<f64> {
    sorted(values)?.first().copied()
}

/// The largest value; `None` as for [`min`].
pub fn max(values: &[f64]) -> Option<f64> {
    sorted(values)?.last().copied()
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

/// Interquartile range over the median's magnitude: how far apart the middle
/// half of the runs lies, as a fraction. Quartiles are [`quantile`]s. `None` as
/// for [`min`], and when the median is 0.
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
