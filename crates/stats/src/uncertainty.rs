//! Uncertainties of measured values and of what is made of them.

/// Standard deviation of the difference of two errors, each uniform over one period:
/// sqrt(2/12).
pub const UNIFORM_DIFFERENCE_SD: f64 = 0.408_248_290_463_863;
/// Standard error of a median over that of a mean, of many normal values: sqrt(pi/2).
const MEDIAN_ERROR: f64 = 1.2533;
/// Distance of the quartiles of a normal distribution, in standard deviations.
const QUARTILES_SD: f64 = 1.349;

/// Independent terms together: the root of the sum of their squares.
pub fn in_quadrature(terms: impl IntoIterator<Item = f64>) -> f64 {
    terms
        .into_iter()
        .map(|term| term * term)
        .sum::<f64>()
        .sqrt()
}

/// Standard error of the median of so many values, of which only the interquartile range
/// is known, in the unit of that range; right for normal values.
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
