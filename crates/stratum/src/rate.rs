//! The hash rate that shares prove, with its interval.
//!
//! A share of difficulty D stands for `W(D)` hashes, whatever its own hash. Over a window
//! that the clock fixed beforehand, the sum of W over the time is unbiased, also where the
//! difficulty changed on the way. A window that ends or begins with a share is not: with 30
//! shares it is up to 7 % too high.

use perwatt_stats::{count_interval, normal_quantile};

use crate::difficulty::Difficulty;

/// Shares that count, by the difficulty of their jobs. A difficulty without shares belongs
/// into it too: its shares could have come.
pub type Counts = [(Difficulty, u64)];

/// A hash rate from shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Shares counted.
    pub shares: u64,
    /// Hashes that they stand for.
    pub hashes: f64,
    /// Hashes per second.
    pub h_per_s: f64,
    /// Lower end of the interval.
    pub low_h_per_s: f64,
    /// Upper end of the interval.
    pub high_h_per_s: f64,
    /// Relative standard deviation; `None` without shares.
    pub relative_sigma: Option<f64>,
    /// True where all shares have one difficulty, so that the interval is exact
    /// (Garwood's). Otherwise it is Fay and Feuer's, on the wide side.
    pub is_exact: bool,
}

/// Returns the rate over a window; `None` without a difficulty, or for a window or a
/// confidence that is none.
pub fn rate(counts: &Counts, window_s: f64, confidence: f64) -> Option<Rate> {
    let works: Vec<(f64, u64)> = counts.iter().map(|(d, n)| (d.work(), *n)).collect();
    let it = count_interval(&works, confidence)?;
    let usable = window_s > 0.0 && window_s.is_finite();
    usable.then(|| Rate {
        shares: counts.iter().map(|(_, n)| n).sum(),
        hashes: it.total,
        h_per_s: it.total / window_s,
        low_h_per_s: it.low / window_s,
        high_h_per_s: it.high / window_s,
        relative_sigma: (it.total > 0.0).then(|| it.sigma / it.total),
        is_exact: counts.iter().all(|(d, _)| *d == counts[0].0),
    })
}

/// Returns the seconds until the interval is as narrow as `±half_width` of the rate, if
/// shares of difficulty `now` keep coming at the rate seen; 0 where it is already. `None`
/// before the first share.
pub fn time_left_s(
    counts: &Counts,
    window_s: f64,
    now: Difficulty,
    half_width: f64,
    confidence: f64,
) -> Option<f64> {
    let seen = rate(counts, window_s, confidence).filter(|rate| rate.shares > 0)?;
    let (sum, sigma) = (seen.hashes, seen.relative_sigma? * seen.hashes);
    // After x more hashes z² (sigma² + W x) = h² (sum + x)²; the larger root for x.
    let z = normal_quantile(0.5 + 0.5 * confidence);
    let (z, h) = (z * z, half_width * half_width);
    let (half_b, c) = (
        h * sum - 0.5 * z * now.work(),
        h * sum * sum - z * sigma * sigma,
    );
    if c >= 0.0 {
        return Some(0.0);
    }
    let more = (-half_b + (half_b * half_b - h * c).max(0.0).sqrt()) / h;
    Some((more / seen.h_per_s).max(0.0)).filter(|left| left.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: Difficulty = Difficulty::ONE;

    #[test]
    fn a_window_by_hand() {
        let seen = rate(&[(D, 100)], 10.0, 0.95).unwrap();
        assert_eq!(seen.h_per_s, 10.0 * D.work());
        assert_eq!((seen.shares, seen.relative_sigma), (100, Some(0.1)));
        assert!(seen.is_exact);
        assert!((seen.low_h_per_s / D.work() - 8.1364).abs() < 1e-4);
        let none = rate(&[(D, 0)], 10.0, 0.95).unwrap();
        assert_eq!((none.h_per_s, none.relative_sigma), (0.0, None));
        assert!((none.high_h_per_s / D.work() - 0.368_888).abs() < 1e-6);
        let two = rate(&[(D, 100), (D.doubled(1), 50)], 10.0, 0.95).unwrap();
        assert!(!two.is_exact);
        let sigma = 300.0_f64.sqrt() / 200.0;
        assert!((two.relative_sigma.unwrap() - sigma).abs() < 1e-6);
        for (counts, window) in [(&[][..], 1.0), (&[(D, 1)], 0.0), (&[(D, 1)], f64::NAN)] {
            assert_eq!(rate(counts, window, 0.95), None);
        }
    }

    #[test]
    fn time_left_is_that_of_the_shares_still_needed() {
        // 95 % ± 1 % takes 38,415 shares, ± 3 % takes 4,268.
        for (half_width, needed) in [(0.01, 38_414.6), (0.03, 4268.3)] {
            let left = time_left_s(&[(D, 1000)], 1000.0, D, half_width, 0.95).unwrap();
            assert!((left + 1000.0 - needed).abs() < 1.0, "{left}");
        }
        assert_eq!(time_left_s(&[(D, 40_000)], 1.0, D, 0.01, 0.95), Some(0.0));
        assert_eq!(time_left_s(&[(D, 0)], 1.0, D, 0.01, 0.95), None);
        // Four times the difficulty takes about four times as long.
        let slow = time_left_s(&[(D, 1000)], 1000.0, D.doubled(2), 0.01, 0.95).unwrap();
        assert!((slow / 4.0 / 38_414.6 - 1.0).abs() < 0.05, "{slow}");
    }
}
