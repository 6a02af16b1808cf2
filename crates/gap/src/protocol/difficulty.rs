//! Difficulty and hash rate.

/// Network hash rate of a difficulty and a mean interval in seconds, H/s:
/// D · (2⁴⁸ / 65535) / T.
pub fn network_hashrate_h_s(difficulty: f64, interval_s: f64) -> f64 {
    difficulty * (2f64.powi(48) / 65535.0) / interval_s
}
