//! The triangular distribution.

/// Quantile function of the triangular distribution over `[low, high]` with its mode at
/// `mode`: the value that a share `u` of all draws does not exceed.
pub fn triangle_quantile([low, high]: [f64; 2], mode: f64, u: f64) -> f64 {
    let (width, left) = (high - low, mode - low);
    match u < left / width {
        true => low + (u * width * left).sqrt(),
        false => high - ((1.0 - u) * width * (high - mode)).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_draw_stays_in_its_range_and_grows_with_u(
            low in -100.0..100.0_f64,
            left in 0.0..50.0_f64,
            right in 0.001..50.0_f64,
            u in 0.0..1.0_f64,
        ) {
            let (mode, high) = (low + left, low + left + right);
            let x = triangle_quantile([low, high], mode, u);
            prop_assert!((low - 1e-9..=high + 1e-9).contains(&x));
            prop_assert!(triangle_quantile([low, high], mode, u * 0.99) <= x + 1e-9);
        }
    }

    #[test]
    fn the_triangle_has_its_mean() {
        let n = 20_000;
        let sum: f64 = (0..n)
            .map(|i| triangle_quantile([0.0, 10.0], 2.0, (f64::from(i) + 0.5) / f64::from(n)))
            .sum();
        assert!((sum / f64::from(n) - 4.0).abs() < 1e-3);
    }
}
