//! The distribution of Mann and Whitney's U.

use std::sync::OnceLock;

use crate::normal::upper_tail;

/// Largest number of values a side for which the distribution of U is computed exactly;
/// with more on either side the normal approximation is used.
pub const EXACT_RANKS: usize = 50;

/// `P(U <= u)` for every u from 0 to n·m, without ties; n and m are at most
/// [`EXACT_RANKS`].
///
/// Mann and Whitney's recurrence on probabilities instead of counts: it only adds,
/// so that even the far tail keeps its digits.
pub(crate) fn cumulative(n: usize, m: usize) -> &'static [f64] {
    /// The distributions by the smaller and the larger size, computed on first use.
    static KNOWN: [[OnceLock<Box<[f64]>>; EXACT_RANKS + 1]; EXACT_RANKS + 1] =
        [const { [const { OnceLock::new() }; EXACT_RANKS + 1] }; EXACT_RANKS + 1];
    let (few, many) = (n.min(m), n.max(m));
    KNOWN[few][many].get_or_init(|| {
        let mut sum = 0.0;
        probabilities(few, many)
            .into_iter()
            .map(|p| {
                sum += p;
                sum
            })
            .collect()
    })
}

fn probabilities(n: usize, m: usize) -> Vec<f64> {
    // Row i holds, for each j up to m, the distribution of i values against j: the
    // largest value of all is one of the i with probability i / (i + j), and then
    // beats every one of the j.
    let mut above: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
    for i in 1..=n {
        let mut row: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=m {
            let share = i as f64 / (i + j) as f64;
            let mut p = vec![0.0; i * j + 1];
            for (u, q) in above[j].iter().enumerate() {
                p[u + j] += share * q;
            }
            for (u, q) in row[j - 1].iter().enumerate() {
                p[u] += (1.0 - share) * q;
            }
            row.push(p);
        }
        above = row;
    }
    above.swap_remove(m)
}

/// True if the distribution is computed exactly for these sizes.
pub(crate) fn is_exact(n: usize, m: usize) -> bool {
    n.max(m) <= EXACT_RANKS
}

/// `2 P(U <= u)` by the normal approximation, continuity and ties corrected;
/// `ties` is the sum of t³ - t over tied groups.
pub(crate) fn approximate(n: usize, m: usize, u: f64, ties: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let all = n + m;
    let mean = 0.5 * n * m;
    let variance = n * m / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (mean - u - 0.5).max(0.0) / variance.sqrt();
    (2.0 * upper_tail(z)).min(1.0)
}

/// The smallest two-sided p-value that samples of these sizes can give: 2 over the
/// number of ways to choose n of n + m. 1 for an empty sample.
pub fn smallest_p(n: usize, m: usize) -> f64 {
    if n == 0 || m == 0 {
        return 1.0;
    }
    let few = n.min(m);
    let mut p = 2.0;
    for i in 1..=few {
        p *= i as f64 / (n.max(m) + i) as f64;
    }
    p.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_sums_to_one_and_is_symmetric() {
        for (n, m) in [(1, 1), (2, 3), (7, 7), (5, 50), (50, 50)] {
            let p = probabilities(n, m);
            assert_eq!(p.len(), n * m + 1);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (a, b) in p.iter().zip(p.iter().rev()) {
                assert!((a / b - 1.0).abs() < 1e-11, "{n} {m}");
            }
        }
        assert_eq!(cumulative(3, 8), cumulative(8, 3));
    }

    #[test]
    fn the_smallest_p_is_the_end_of_the_distribution() {
        for (n, m) in [(4, 4), (6, 6), (3, 20), (50, 50)] {
            let end = 2.0 * cumulative(n, m)[0];
            assert!((smallest_p(n, m) / end - 1.0).abs() < 1e-12);
        }
        assert!((smallest_p(4, 4) - 2.0 / 70.0).abs() < 1e-15);
        assert_eq!(smallest_p(0, 9), 1.0);
        assert_eq!(smallest_p(1, 1), 1.0);
    }

    #[test]
    fn the_approximation_meets_the_exact_where_it_takes_over() {
        let exact = cumulative(50, 50);
        for u in [900, 1000, 1100, 1200] {
            let p = 2.0 * exact[u];
            assert!((approximate(50, 50, u as f64, 0.0) / p - 1.0).abs() < 0.05);
        }
    }
}
