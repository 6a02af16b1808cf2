//! Uncertainties of measured values and of figures derived from them.

/// Standard deviation of the difference of two errors, each uniform over one period:
/// sqrt(2/12).
pub const UNIFORM_DIFFERENCE_SD: f64 = 0.408_248_290_463_863;
/// Ratio of the standard error of a median to that of a mean, for large normal samples:
/// sqrt(pi/2).
const MEDIAN_ERROR: f64 = 1.2533;
/// Distance between the quartiles of a normal distribution, in standard deviations.
const QUARTILES_SD: f64 = 1.349;

/// Combines independent terms: the root of the sum of their squares.
pub fn in_quadrature(terms: impl IntoIterator<Item = f64>) -> f64 {
    terms
        .into_iter()
        .map(|term| term * term)
        .sum::<f64>()
        .sqrt()
}

/// Standard error of the median of `count` values from their interquartile range, in the
/// unit of that range. It assumes normal values.
pub fn median_error(quartile_range: f64, count: usize) -> f64 {
    MEDIAN_ERROR * (quartile_range / QUARTILES_SD) / (count as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_sums_by_hand() {
        assert!((UNIFORM_DIFFERENCE_SD - (2.0_f64 / 12.0).sqrt()).abs() < 1e-15);
        assert_eq!(in_quadrature([3.0, 4.0]), 5.0);
        assert_eq!(in_quadrature([]), 0.0);
        // Quartiles of the standard normal distribution, 100 values: sqrt(pi/2) / 10.
        assert!((median_error(1.349, 100) - 0.12533).abs() < 1e-12);
    }
}
