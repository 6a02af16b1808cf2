//! The subsidy of a block.
//!
//! Rule: 50 BTC a block, halved every 210,000 blocks in whole satoshi, rounding down
//! (Bitcoin Core's `GetBlockSubsidy`; bitcoinj's `BitcoinNetworkParams`).

/// Satoshi in a bitcoin.
pub const SAT_PER_BTC: u64 = 100_000_000;
/// Blocks from one halving to the next.
pub const HALVING_INTERVAL: u64 = 210_000;
/// The subsidy of the first blocks, in satoshi.
pub const FIRST_SUBSIDY_SAT: u64 = 50 * SAT_PER_BTC;

/// Satoshi that the block at `height` may make, without fees; 0 once halved away, and
/// from the 64th halving in any case.
pub const fn subsidy_sat(height: u64) -> u64 {
    let halvings = height / HALVING_INTERVAL;
    if halvings >= 64 {
        0
    } else {
        FIRST_SUBSIDY_SAT >> halvings
    }
}

/// The subsidy in BTC. Exact enough: every subsidy has at most 8 decimals.
pub const fn subsidy_btc(height: u64) -> f64 {
    subsidy_sat(height) as f64 / SAT_PER_BTC as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_halving_of_the_reference() {
        for (height, sat) in [
            (0, 5_000_000_000),
            (209_999, 5_000_000_000),
            (210_000, 2_500_000_000),
            (420_000, 1_250_000_000),
            (630_000, 625_000_000),
            (839_999, 625_000_000),
            (840_000, 312_500_000),
            (1_050_000, 156_250_000),
            (32 * 210_000, 1),
            (33 * 210_000 - 1, 1),
            (33 * 210_000, 0),
            (64 * 210_000, 0),
            (u64::MAX, 0),
        ] {
            assert_eq!(subsidy_sat(height), sat, "{height}");
        }
        assert_eq!(subsidy_btc(840_000), 3.125);
    }
}
