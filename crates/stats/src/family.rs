//! Corrections of p-values for multiple tests.

/// Holm's adjusted p-values, in the order given: reject those at most alpha, and the chance
/// of any wrong rejection is at most alpha, whatever the dependence between the tests
/// (Holm, Scandinavian Journal of Statistics 6, 1979). No value may be NaN.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut highest: f64 = 0.0;
    for (i, &at) in order.iter().enumerate() {
        highest = highest.max(p[at] * (p.len() - i) as f64).min(1.0);
        adjusted[at] = highest;
    }
    adjusted
}

/// Benjamini and Hochberg's adjusted p-values, in the order given: reject those at
/// most q, and the share of wrong ones among the rejections is expected to be q at
/// most (Journal of the Royal Statistical Society B 57, 1995). No value may be NaN.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut lowest: f64 = 1.0;
    for (i, &at) in order.iter().enumerate().rev() {
        lowest = lowest.min(p[at] * p.len() as f64 / (i + 1) as f64);
        adjusted[at] = lowest;
    }
    adjusted
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_adjustments() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-15);
        assert!(close(
            &holm(&[0.01, 0.04, 0.03, 0.005]),
            &[0.03, 0.06, 0.06, 0.02]
        ));
        assert!(close(
            &benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005]),
            &[0.02, 0.04, 0.04, 0.02]
        ));
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn adjusted_values_keep_their_order_and_only_grow(p in prop::collection::vec(0.0..=1.0_f64, 1..60)) {
            for adjusted in [holm(&p), benjamini_hochberg(&p)] {
                for i in 0..p.len() {
                    prop_assert!(adjusted[i] >= p[i] * (1.0 - 1e-12) && adjusted[i] <= 1.0);
                    for j in 0..p.len() {
                        prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                    }
                }
            }
            // A bound on the chance of any wrong rejection also bounds their expected
            // share.
            for (one, many) in holm(&p).iter().zip(benjamini_hochberg(&p)) {
                prop_assert!(*one >= many - 1e-12);
            }
        }
    }
}
