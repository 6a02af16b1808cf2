//! The interval of a total of rare events that count differently much.

use crate::normal::normal_quantile;
use statrs::function::gamma::gamma_lr;

/// Above this shape the gamma distribution is taken for Wilson and Hilferty's cube of a
/// normal one; the relative error of a quantile is then below 1e-8.
const LARGE_SHAPE: f64 = 1e6;

/// A weighted total of Poisson counts with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CountInterval {
    /// The sum of the counts, each times its weight.
    pub total: f64,
    /// Lower end of the expectation of that sum.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
    /// Standard deviation of the sum, estimated: the root of the sum of squared weights.
    pub sigma: f64,
}

/// Returns the interval that holds the expectation of a weighted sum of Poisson counts.
/// Each group is the weight of an event and how many were counted; a group without events
/// still widens the upper end, because its events could have happened.
///
/// With one weight the interval is exact: Garwood's (Biometrika 28, 1936), which misses the
/// truth in at most `1 - confidence` of all cases. With several it is Fay and Feuer's
/// (Statistics in Medicine 16, 1997), which becomes Garwood's where weights are equal, and
/// is on the wide side elsewhere.
///
/// `None` for no group, a weight that is not positive and finite, or a confidence not
/// strictly between 0 and 1.
pub fn count_interval(groups: &[(f64, u64)], confidence: f64) -> Option<CountInterval> {
    let valid = groups.iter().all(|(w, _)| *w > 0.0 && w.is_finite());
    if !valid || groups.is_empty() || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let sum = |power: i32| -> f64 {
        let terms = groups.iter().map(|(w, n)| w.powi(power) * *n as f64);
        terms.sum()
    };
    let (total, variance) = (sum(1), sum(2));
    let heaviest = groups.iter().map(|(w, _)| *w).fold(0.0, f64::max);
    let tail = 0.5 * (1.0 - confidence);
    let low = match total > 0.0 {
        true => variance / total * gamma_quantile(total * total / variance, tail),
        false => 0.0,
    };
    let (more, its_variance) = (total + heaviest, variance + heaviest * heaviest);
    let high = its_variance / more * gamma_quantile(more * more / its_variance, 1.0 - tail);
    Some(CountInterval {
        total,
        low,
        high,
        sigma: variance.sqrt(),
    })
}

/// The value below which a gamma variable of this shape and scale 1 lies with chance `p`.
fn gamma_quantile(shape: f64, p: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let guess = shape * (1.0 - ninth + normal_quantile(p) * ninth.sqrt()).powi(3);
    if shape > LARGE_SHAPE {
        return guess;
    }
    let (mut low, mut high) = (0.0, guess.max(shape) * 2.0 + 40.0);
    while high - low > 1e-14 * high {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        match gamma_lr(shape, middle) < p {
            true => low = middle,
            false => high = middle,
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement;
    use proptest::prelude::*;

    fn close(ours: f64, theirs: f64, relative: f64) -> bool {
        (ours / theirs - 1.0).abs() < relative
    }

    #[test]
    fn equal_weights_give_garwoods_interval() {
        // Garwood's table, as statistics books print it.
        for (count, low, high) in [
            (1, 0.025_317_8, 5.571_643_4),
            (10, 4.795_389, 18.390_356),
            (100, 81.363_99, 121.626_794),
        ] {
            for weight in [1.0, 4.3e9] {
                let it = count_interval(&[(weight, count)], 0.95).unwrap();
                assert!(close(it.low, low * weight, 1e-6), "{count}: {it:?}");
                assert!(close(it.high, high * weight, 1e-6), "{count}: {it:?}");
            }
        }
        let none = count_interval(&[(2.0, 0)], 0.95).unwrap();
        assert_eq!((none.total, none.low), (0.0, 0.0));
        assert!(close(none.high, 2.0 * 3.688_879_454, 1e-9), "{none:?}");
    }

    #[test]
    fn large_counts_pass_smoothly_to_the_normal_form() {
        let at = |n: u64| count_interval(&[(1.0, n)], 0.95).unwrap();
        let (exact, cubed) = (at(999_998), at(1_000_002));
        assert!(
            (cubed.low - exact.low - 4.0).abs() < 0.02,
            "{exact:?} {cubed:?}"
        );
        assert!((cubed.high - exact.high - 4.0).abs() < 0.02);
    }

    #[test]
    fn nonsense_has_no_interval() {
        for groups in [&[][..], &[(0.0, 1)], &[(-1.0, 1)], &[(f64::NAN, 1)]] {
            assert_eq!(count_interval(groups, 0.95), None);
        }
        assert_eq!(count_interval(&[(1.0, 1)], 1.0), None);
        assert_eq!(count_interval(&[(1.0, 1)], f64::NAN), None);
    }

    #[test]
    fn several_weights_are_a_little_wider_than_their_deviation_says() {
        let it = count_interval(&[(1.0, 400), (4.0, 100)], 0.95).unwrap();
        assert_eq!((it.total, it.sigma), (800.0, 2000.0_f64.sqrt()));
        let half = 0.5 * (it.high - it.low) / it.sigma;
        assert!(half > 1.96 && half < 2.1, "{it:?}");
    }

    proptest! {
        #[test]
        fn ends_are_where_the_exact_tails_say(count in 0u64..3000) {
            let it = count_interval(&[(1.0, count)], 0.95).unwrap();
            if count > 0 {
                prop_assert!((agreement(count, it.low, 0.95).p_high - 0.025).abs() < 1e-9);
            }
            prop_assert!((agreement(count, it.high, 0.95).p_low - 0.025).abs() < 1e-9);
        }

        #[test]
        fn the_total_lies_inside(groups in proptest::collection::vec((1e-3..1e12f64, 0u64..100_000), 1..5)) {
            let it = count_interval(&groups, 0.95).unwrap();
            prop_assert!(it.low <= it.total && it.total < it.high, "{it:?}");
        }
    }
}
