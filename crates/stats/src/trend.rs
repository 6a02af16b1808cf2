//! Trend test and steadiness of a series.

use crate::normal::upper_tail;
use crate::summary::median;

/// A Mann–Kendall p-value below this is a trend.
pub const TREND_ALPHA: f64 = 0.01;

/// Smallest number of rates from which steadiness is decided. Fewer cannot show a trend at
/// [`TREND_ALPHA`], however clear.
pub const MIN_STEADY: usize = 6;

/// A monotone trend in a series.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trend {
    /// Mann and Kendall's S: rising pairs less falling pairs.
    pub s: i64,
    /// Two-sided probability of so large an S without a trend.
    pub p_value: f64,
    /// Theil and Sen's slope, the median over all pairs: units of the value per
    /// unit of time.
    pub slope: f64,
}

/// The trend of `points`, each a time and a value, in any order.
///
/// The p-value is the normal approximation with the correction for tied values
/// and for continuity (Gilbert, Statistical Methods for Environmental Pollution
/// Monitoring, §16.4), the one in general use; below about 10 points it is
/// rough and errs towards seeing no trend. Takes time and memory quadratic in
/// the number of points.
///
/// `None` for fewer than two points, a number that is not finite, or times that
/// are all equal.
pub fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    if points.iter().any(|(t, x)| !t.is_finite() || !x.is_finite()) {
        return None;
    }
    let mut s = 0;
    let mut slopes = Vec::new();
    for (i, (t0, x0)) in points.iter().enumerate() {
        for (t1, x1) in &points[i + 1..] {
            if t0 != t1 {
                s += sign(t1 - t0) * sign(x1 - x0);
                slopes.push((x1 - x0) / (t1 - t0));
            }
        }
    }
    let slope = median(&slopes)?;
    let mut values: Vec<f64> = points.iter().map(|(_, x)| *x).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties = values.chunk_by(|a, b| a == b);
    let ties: f64 = ties.map(|run| spread(run.len())).sum();
    let variance = (spread(points.len()) - ties) / 18.0;
    let p_value = if s == 0 || variance <= 0.0 {
        1.0
    } else {
        let z = (s.unsigned_abs() as f64 - 1.0) / variance.sqrt();
        (2.0 * upper_tail(z)).min(1.0)
    };
    Some(Trend { s, p_value, slope })
}

fn sign(x: f64) -> i64 {
    i64::from(x > 0.0) - i64::from(x < 0.0)
}

/// `n (n-1) (2n+5)`: 18 times the variance of S for `n` points, or 18 times its reduction
/// by a tie of `n` values.
fn spread(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0)
}

/// True if equally spaced `rates` have become steady: there are at least [`MIN_STEADY`],
/// every one is within `tolerance` (0.01 = 1 %) of their median, and they have no monotone
/// trend at [`TREND_ALPHA`].
///
/// False for a rate that is not finite, a median of 0, or a tolerance that is NaN or
/// negative.
pub fn is_steady(rates: &[f64], tolerance: f64) -> bool {
    let Some(centre) = median(rates) else {
        return false;
    };
    let within = |rate: &f64| (rate - centre).abs() <= tolerance * centre.abs();
    if rates.len() < MIN_STEADY || centre == 0.0 || !rates.iter().all(within) {
        return false;
    }
    let points = (0_u32..).map(f64::from).zip(rates.iter().copied());
    trend(&points.collect::<Vec<_>>()).is_some_and(|t| t.p_value >= TREND_ALPHA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steady_means_close_and_flat() {
        assert!(is_steady(&[100.0, 100.4, 99.8, 100.1, 99.9, 100.2], 0.01));
        assert!(is_steady(&[7.0; 10], 0.0));
        let climbing = [100.0, 100.1, 100.2, 100.3, 100.4, 100.5];
        assert!(!is_steady(&climbing, 0.01));
        let one_far_off = [100.0, 100.0, 100.0, 103.0, 100.0, 100.0];
        assert!(!is_steady(&one_far_off, 0.01));
    }

    #[test]
    fn nonsense_is_not_steady() {
        assert!(!is_steady(&[], 0.01));
        assert!(!is_steady(&[5.0; MIN_STEADY - 1], 0.01));
        assert!(!is_steady(&[0.0; 10], 0.01));
        assert!(!is_steady(&[1.0, 1.0, f64::NAN, 1.0, 1.0, 1.0], 0.01));
        assert!(!is_steady(&[1.0; 10], f64::NAN));
        assert!(!is_steady(&[1.0; 10], -0.01));
    }

    #[test]
    fn a_trend_needs_two_finite_points_at_two_times() {
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[(0.0, 1.0)]), None);
        assert_eq!(trend(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(trend(&[(0.0, 1.0), (1.0, f64::INFINITY)]), None);
        assert_eq!(trend(&[(0.0, 1.0), (2.0, 5.0)]).unwrap().slope, 2.0);
    }

    proptest! {
        #[test]
        fn the_fewest_rates_that_can_show_a_trend_do(start in 1.0..1e9f64) {
            let climb: Vec<f64> = (0..MIN_STEADY).map(|i| start * (1.0 + 1e-4 * i as f64)).collect();
            prop_assert!(!is_steady(&climb, 0.01));
        }

        #[test]
        fn turning_a_series_over_turns_its_trend(values in prop::collection::vec(-1e6..1e6f64, 3..40)) {
            let up: Vec<_> = values.iter().enumerate().map(|(i, &x)| (i as f64, x)).collect();
            let down: Vec<_> = up.iter().map(|&(t, x)| (t, -x)).collect();
            let (up, down) = (trend(&up).unwrap(), trend(&down).unwrap());
            prop_assert_eq!(up.s, -down.s);
            prop_assert_eq!(up.p_value, down.p_value);
            prop_assert!((up.slope + down.slope).abs() <= 1e-9 * up.slope.abs());
        }

        #[test]
        fn the_order_of_points_does_not_matter(
            points in prop::collection::hash_map(-1000i32..1000, -1e6..1e6f64, 2..30),
        ) {
            let mut points: Vec<_> = points.into_iter().map(|(t, x)| (f64::from(t), x)).collect();
            let before = trend(&points);
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            prop_assert_eq!(before, trend(&points));
        }

        #[test]
        fn nothing_panics(rates: Vec<f64>, tolerance: f64) {
            let steady = is_steady(&rates, tolerance);
            prop_assert!(!steady || rates.len() >= MIN_STEADY);
        }
    }
}
