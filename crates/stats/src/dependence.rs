//! Dependence between neighbours of a series, and values that fall into two clusters.

/// Normal deviate above which a correlation of neighbours is taken to be real: one time in
/// twenty for independent values.
const FOUND_AT: f64 = 1.645;
/// Largest correlation that is assumed; 0.95 widens an interval by a factor of six.
const MOST: f64 = 0.95;
/// A gap between clusters is at least this many times the wider cluster.
const GAP_OVER_WIDTH: f64 = 3.0;
/// The smallest number of values in a cluster.
const LEAST_IN_CLUSTER: usize = 3;

/// The factor by which correlated neighbours widen the interval of a mean or median:
/// sqrt((1 + r) / (1 - r)) for the correlation r of an autoregressive series (Bayley and
/// Hammersley, J. R. Stat. Soc. Suppl. 8, 1946). Each series is in order of time; their
/// products about their own means are summed. The estimate of r is corrected for its bias,
/// -(1 + 4 r) / n (Marriott and Pope, Biometrika 41, 1954).
///
/// `None` where no positive correlation is found.
pub fn correlation_factor(series: &[Vec<f64>]) -> Option<f64> {
    let (mut products, mut squares, mut bias, mut pairs) = (0.0, 0.0, 0.0, 0);
    for values in series.iter().filter(|values| values.len() > 2) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let of_series: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let lagged = values
            .windows(2)
            .map(|pair| (pair[0] - mean) * (pair[1] - mean));
        products += lagged.sum::<f64>();
        squares += of_series;
        // Long series weigh more in the sums, and their bias is smaller.
        bias += of_series / n;
        pairs += values.len() - 1;
    }
    let (raw, per_run) = (products / squares, bias / squares);
    let corrected = (raw + per_run) / (1.0 - 4.0 * per_run).max(0.2);
    let deviate = (raw + per_run) * (pairs as f64).sqrt();
    // NaN for series without scatter, which finds nothing.
    (deviate > FOUND_AT).then(|| {
        let r = corrected.min(MOST);
        ((1.0 + r) / (1.0 - r)).sqrt()
    })
}

/// The distance between two clusters that these values fall into, in their unit; `None`
/// where they do not: a cluster has fewer than three values, or the gap is less than three
/// times the wider cluster.
pub fn clusters(values: &[f64]) -> Option<f64> {
    let sorted = crate::summary::sorted(values)?;
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
    let (at, gap) = gaps.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (low, high) = sorted.split_at(at + 1);
    let width = |part: &[f64]| part[part.len() - 1] - part[0];
    let enough = low.len().min(high.len()) >= LEAST_IN_CLUSTER;
    (enough && gap > 0.0 && gap >= GAP_OVER_WIDTH * width(low).max(width(high)))
        .then(|| crate::summary::median(high).zip(crate::summary::median(low)))?
        .map(|(high, low)| high - low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A linear congruential generator, summed to something like a normal deviate.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f64 {
            let mut sum = -6.0;
            for _ in 0..12 {
                self.0 = self
                    .0
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                sum += (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
            }
            sum
        }

        fn series(&mut self, count: usize, r: f64) -> Vec<f64> {
            let mut last = self.next() / (1.0 - r * r).sqrt();
            (0..count)
                .map(|_| {
                    last = r * last + self.next();
                    last
                })
                .collect()
        }
    }

    #[test]
    fn correlated_neighbours_are_found_and_independent_ones_seldom() {
        let mut noise = Noise(7);
        let mut rate = |count: usize, r: f64| {
            let found = (0..1000).filter_map(|_| {
                correlation_factor(&[noise.series(count, r), noise.series(count, r)])
            });
            let all: Vec<f64> = found.collect();
            (
                all.len() as f64 / 1000.0,
                crate::median(&all).unwrap_or(1.0),
            )
        };
        for count in [6, 10, 30] {
            let (found, _) = rate(count, 0.0);
            assert!((0.01..0.09).contains(&found), "{count}: {found}");
        }
        // Two series of thirty; the factor of 0.6 is 2.
        let (found, factor) = rate(30, 0.6);
        assert!(
            found > 0.95 && (factor - 2.0).abs() < 0.3,
            "{found} {factor}"
        );
        assert!(rate(10, 0.6).0 > 0.35);
        assert_eq!(correlation_factor(&[vec![1.0; 9]]), None);
        assert_eq!(correlation_factor(&[]), None);
    }

    #[test]
    fn two_clocks_are_two_clusters() {
        let two = [1.0, 5.0, 1.1, 5.1, 1.2, 5.2];
        assert!((clusters(&two).unwrap() - 4.0).abs() < 1e-12);
        // One outlier is not a cluster, and a wide cluster hides the gap.
        assert_eq!(clusters(&[1.0, 1.1, 1.2, 1.3, 9.0]), None);
        assert_eq!(clusters(&[1.0, 2.0, 3.0, 5.0, 6.0, 7.0]), None);
        assert_eq!(clusters(&[2.0; 8]), None);
        assert_eq!(clusters(&[]), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(series: Vec<Vec<f64>>) {
            let _ = correlation_factor(&series);
            let _ = clusters(&series.concat());
        }
    }
}
