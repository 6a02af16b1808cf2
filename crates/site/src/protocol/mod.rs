//! Bitcoin's rules as arithmetic: the subsidy, difficulty and retargets, and the chance that
//! an attacker catches up.

pub mod catch_up;
pub mod input;
pub mod supply;

pub use input::InputError;

/// Seconds in a day.
pub const DAY_S: f64 = 86_400.0;
/// The time between blocks that the rules aim at, in seconds.
pub const BLOCK_INTERVAL_S: f64 = 600.0;
/// Hashes that a block of difficulty 1 takes on average, less one part in 2^224:
/// 2^48 / 65535. Difficulty is the figure that Bitcoin Core prints, also called `bdiff`:
/// `(2^224 - 2^208) / target`. The usual 2^32 is low by 15.259 ppm.
/// (bitcoin.stackexchange.com 79774.)
pub const HASHES_PER_DIFFICULTY: f64 = 281_474_976_710_656.0 / 65_535.0;
/// Blocks from one retarget to the next.
pub const PERIOD_BLOCKS: u64 = 2016;
/// A period counts as at most this many times two weeks, and at least this fraction of
/// them.
pub const CLAMP: i64 = 4;

/// The network's hash rate in H/s at a difficulty, with blocks every [`BLOCK_INTERVAL_S`].
pub fn network_rate_h_per_s(difficulty: f64) -> f64 {
    difficulty * HASHES_PER_DIFFICULTY / BLOCK_INTERVAL_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_difficulty_one_takes_a_little_more_than_2_to_the_32() {
        assert_eq!(format!("{HASHES_PER_DIFFICULTY:.6}"), "4295032833.000015");
        let usual = 2f64.powi(32) / HASHES_PER_DIFFICULTY;
        assert!(((1.0 - usual) * 1e6 - 15.259).abs() < 1e-3);
    }

    #[test]
    fn the_network_rate_of_may_2026() {
        let rate = network_rate_h_per_s(138_955_357_012_247.3);
        assert_eq!(format!("{:.2}", rate / 1e18), "994.70");
    }
}
