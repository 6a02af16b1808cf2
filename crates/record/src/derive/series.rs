//! Times of samples in series.

/// True if times rise strictly, which may be false in an edited record.
pub fn rising<T>(series: &[(u64, T)]) -> bool {
    series.windows(2).all(|pair| pair[0].0 < pair[1].0)
}

/// The time between two moments, in seconds; 0 if they are reversed.
pub fn seconds(from_ns: u64, to_ns: u64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 * 1e-9
}
