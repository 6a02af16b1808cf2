//! Mann and Whitney's test: the tendency of one sample to larger values than another.

use crate::ranks::{approximate, cumulative, is_exact};
use crate::summary::sorted;

/// The outcome of Mann and Whitney's test.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MannWhitney {
    /// Pairs in which the first sample's value is larger; ties count one half.
    pub u: f64,
    /// Two-sided probability of so uneven a U between equal populations: twice the
    /// smaller tail, at most 1.
    pub p_value: f64,
    /// True if the p-value is exact, false if it is from the normal distribution.
    pub exact: bool,
}

/// Mann and Whitney's test of `a` against `b`: two-sided, exact up to
/// [`crate::EXACT_RANKS`] values a side, with ties (then over all ways to deal the
/// pooled values to the two sides), else by the normal distribution, corrected for
/// ties and continuity. The p-value of swapped samples is the same to the last bit.
///
/// `None` for an empty sample or a value that is not finite.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<MannWhitney> {
    let (n, m) = (a.len(), b.len());
    sorted(a)?;
    sorted(b)?;
    // 0.0 and -0.0 are equal, whatever their bits.
    let mut pooled: Vec<(f64, bool)> = (a.iter().map(|v| (v + 0.0, true)))
        .chain(b.iter().map(|v| (v + 0.0, false)))
        .collect();
    pooled.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    // Tied groups: the size of each, and the number of its values from `a`.
    let groups: Vec<(usize, usize)> = pooled
        .chunk_by(|x, y| x.0 == y.0)
        .map(|group| (group.len(), group.iter().filter(|(_, of_a)| *of_a).count()))
        .collect();

    // Twice the sum of the ranks, so that midranks are integers.
    let mut below = 0;
    let mut ranks_a = 0;
    for (size, of_a) in &groups {
        ranks_a += of_a * (2 * below + size + 1);
        below += size;
    }
    let u_a = 0.5 * (ranks_a - n * (n + 1)) as f64;
    let u_b = (n * m) as f64 - u_a;

    let tied = groups.iter().any(|(size, _)| *size > 1);
    let exact = is_exact(n, m);
    let p_value = match (exact, tied) {
        (true, false) => (2.0 * cumulative(n, m)[u_a.min(u_b) as usize]).min(1.0),
        (true, true) => {
            let sizes: Vec<usize> = groups.iter().map(|(size, _)| *size).collect();
            let all = (n + m) * (n + m + 1);
            // The smaller side or, for equal sizes, the lower sum: swapping the samples
            // changes nothing.
            let (few, sum) = match n.cmp(&m) {
                std::cmp::Ordering::Less => (n, ranks_a),
                std::cmp::Ordering::Greater => (m, all - ranks_a),
                std::cmp::Ordering::Equal => (n, ranks_a.min(all - ranks_a)),
            };
            dealt(&sizes, few, sum)
        }
        (false, _) => {
            let cubes = |t: f64| t * t * t - t;
            let ties = groups.iter().map(|(size, _)| cubes(*size as f64)).sum();
            approximate(n, m, u_a.min(u_b), ties)
        }
    };
    Some(MannWhitney {
        u: u_a,
        p_value,
        exact,
    })
}

/// Two-sided p-value of `sum`, twice the sum of the midranks of `few` values dealt
/// from groups of these sizes: by counting, group after group, the ways to reach
/// each sum with each number of values.
fn dealt(sizes: &[usize], few: usize, sum: usize) -> f64 {
    let total: usize = sizes.iter().sum();
    let largest = total * (total + 1);
    // ways[taken][sum]: the number of deals so far with that many values and that sum.
    let mut ways = vec![vec![0.0; largest + 1]; few + 1];
    ways[0][0] = 1.0;
    let mut reach = vec![0; few + 1];
    let mut below = 0;
    for &size in sizes {
        let rank = 2 * below + size + 1;
        for taken in (0..few.min(below + size)).rev() {
            // From many to few, so that no group is dealt twice.
            for from in (0..=taken.min(below)).rev() {
                let add = taken + 1 - from;
                if add > size {
                    break;
                }
                let ways_to = choose(size, add);
                let (low, high) = ways.split_at_mut(taken + 1);
                let (source, target) = (&low[from], &mut high[0]);
                for s in 0..=reach[from] {
                    if source[s] > 0.0 {
                        target[s + add * rank] += ways_to * source[s];
                    }
                }
                reach[taken + 1] = reach[taken + 1].max(reach[from] + add * rank);
            }
        }
        below += size;
    }
    let all: f64 = ways[few].iter().sum();
    let lower: f64 = ways[few][..=sum].iter().sum();
    let upper: f64 = ways[few][sum..].iter().sum();
    (2.0 * lower.min(upper) / all).min(1.0)
}

fn choose(n: usize, k: usize) -> f64 {
    (1..=k).fold(1.0, |product, i| product * (n - k + i) as f64 / i as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_cases() {
        let apart = mann_whitney(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0]).unwrap();
        assert_eq!(apart.u, 0.0);
        assert!((apart.p_value - 2.0 / 70.0).abs() < 1e-15);
        assert!(apart.exact);
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        assert_eq!(mann_whitney(&[f64::NAN], &[1.0]), None);
        let alike = mann_whitney(&[3.0; 8], &[3.0; 8]).unwrap();
        assert_eq!((alike.u, alike.p_value), (32.0, 1.0));
        let zeros = mann_whitney(&[0.0], &[-0.0]).unwrap();
        assert_eq!(zeros.u, 0.5);
    }

    /// Every way to deal the pooled values.
    fn by_enumeration(a: &[f64], b: &[f64]) -> f64 {
        let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
        let u = |of_a: &dyn Fn(usize) -> bool| -> f64 {
            let mut u = 0.0;
            for i in (0..pooled.len()).filter(|i| of_a(*i)) {
                for j in (0..pooled.len()).filter(|j| !of_a(*j)) {
                    u += match pooled[i].partial_cmp(&pooled[j]).unwrap() {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    };
                }
            }
            u
        };
        let seen = u(&|i| i < a.len());
        let (mut all, mut low, mut high) = (0.0, 0.0, 0.0);
        for mask in 0_u32..1 << pooled.len() {
            if mask.count_ones() as usize == a.len() {
                let found = u(&|i| mask >> i & 1 == 1);
                all += 1.0;
                low += f64::from(found <= seen);
                high += f64::from(found >= seen);
            }
        }
        (2.0 * f64::min(low, high) / all).min(1.0)
    }

    proptest! {
        #[test]
        fn ties_are_exact(
            a in prop::collection::vec(0..4_i32, 1..6),
            b in prop::collection::vec(0..4_i32, 1..6),
        ) {
            let float = |v: &[i32]| -> Vec<f64> { v.iter().map(|v| f64::from(*v)).collect() };
            let (a, b) = (float(&a), float(&b));
            let found = mann_whitney(&a, &b).unwrap();
            prop_assert!((found.p_value - by_enumeration(&a, &b)).abs() < 1e-12);
        }

        #[test]
        fn swapping_changes_nothing_but_the_side(
            a in prop::collection::vec(-9..9_i32, 1..70),
            b in prop::collection::vec(-9..9_i32, 1..70),
        ) {
            let float = |v: &[i32]| -> Vec<f64> { v.iter().map(|v| f64::from(*v)).collect() };
            let (a, b) = (float(&a), float(&b));
            let (ab, ba) = (mann_whitney(&a, &b).unwrap(), mann_whitney(&b, &a).unwrap());
            prop_assert_eq!(ab.p_value, ba.p_value);
            prop_assert_eq!(ab.u + ba.u, (a.len() * b.len()) as f64);
            prop_assert!(ab.p_value > 0.0 && ab.p_value <= 1.0);
        }

        #[test]
        fn nothing_panics(a: Vec<f64>, b: Vec<f64>) {
            let found = mann_whitney(&a, &b);
            prop_assert!(found.is_none_or(|found| (0.0..=1.0).contains(&found.p_value)));
        }
    }
}
