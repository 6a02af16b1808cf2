//! The times of shares: gaps, and gaps that come back.

use std::f64::consts::TAU;

use super::{Finding, Test, finding};

/// Periods that are tried: the window over 5, 6, … up to 512. What comes back less often is
/// a drift.
const FEWEST_PERIODS: usize = 5;
const MOST_PERIODS: usize = 512;
/// Fewer shares than these have no period.
const FEW: usize = 10;

/// The longest time without a share, the ends of the window included. Of n uniform times
/// and the n + 1 gaps of a window T, one exceeds g with chance (n + 1) (1 - g/T)^n at most.
pub fn gap(times_s: &[f64], window_s: f64) -> Finding {
    let none = "no share, so no gap between shares";
    if times_s.is_empty() {
        return finding(Test::Gap, 1.0, none.into());
    }
    let ends = std::iter::once(0.0).chain(times_s.iter().copied());
    let next = times_s.iter().copied().chain([window_s]);
    let gaps = ends.zip(next).map(|(from, to)| (to - from, from));
    let (longest_s, from_s) = gaps.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    let n = times_s.len() as f64;
    let p = (n + 1.0) * (1.0 - longest_s / window_s).max(0.0).powf(n);
    let seen = format!(
        "the longest time without a share is {longest_s:.1} s, from {from_s:.0} s on, where one came every {:.2} s",
        window_s / n
    );
    finding(Test::Gap, p, seen)
}

/// Rayleigh's test at each period that divides the window: the squared length of the sum of
/// n unit vectors over n exceeds z with chance exp(-z).
pub fn period(times_s: &[f64], window_s: f64) -> Finding {
    let n = times_s.len();
    if n < FEW {
        let few = "too few shares to see a period in them";
        return finding(Test::Period, 1.0, few.into());
    }
    let last = n.min(MOST_PERIODS);
    let mut sums = vec![(0.0, 0.0); last + 1];
    for time_s in times_s {
        let (sin, cos) = (TAU * time_s / window_s).sin_cos();
        let turned = FEWEST_PERIODS as f64 * TAU * time_s / window_s;
        let (mut im, mut re) = turned.sin_cos();
        for sum in &mut sums[FEWEST_PERIODS..] {
            sum.0 += re;
            sum.1 += im;
            (re, im) = (re * cos - im * sin, re * sin + im * cos);
        }
    }
    let power = |(re, im): &(f64, f64)| (re * re + im * im) / n as f64;
    let powers: Vec<f64> = sums.iter().map(power).collect();
    let larger = |a: usize, b: usize| if powers[b] > powers[a] { b } else { a };
    let peak = (FEWEST_PERIODS..=last).reduce(larger).unwrap_or(last);
    let strongest = powers[peak];
    // Short breaks are as strong in fractions of their period; the whole one is named.
    let is_whole = |at: &usize| peak % at == 0 && powers[*at] > 0.5 * strongest;
    let at = (FEWEST_PERIODS..=peak).find(is_whole).unwrap_or(peak);
    // 1 - (1 - exp(-z))^m, without cancellation.
    let p = -((last + 1 - FEWEST_PERIODS) as f64 * (-(-strongest).exp()).ln_1p()).exp_m1();
    let seen = format!(
        "the strongest period is {:.1} s, which takes {:.1} % of the shares together",
        window_s / at as f64,
        100.0 * (strongest / n as f64).sqrt()
    );
    finding(Test::Period, p, seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_by_hand() {
        let found = gap(&[1.0, 2.0, 8.0], 10.0);
        assert!(
            found.sentence.contains("is 6.0 s, from 2 s on"),
            "{found:?}"
        );
        assert!((found.p - 4.0 * 0.4_f64.powi(3)).abs() < 1e-12);
        // The end of the window is one too.
        assert!(gap(&[1.0], 100.0).sentence.contains("is 99.0 s"));
    }

    #[test]
    fn clockwork_has_a_period() {
        let times_s: Vec<f64> = (0..400)
            .map(|i| f64::from(i % 40) * 0.5 + f64::from(i / 40) * 60.0)
            .collect();
        let found = period(&times_s, 600.0);
        assert!(
            found.p < 1e-12 && found.sentence.contains("period is 60.0 s"),
            "{found:?}"
        );
    }
}
