//! The subsidy of a block, and the supply of coins.
//!
//! Rule: 50 BTC a block, halved every 210,000 blocks in whole satoshi, rounding down
//! (Bitcoin Core's `GetBlockSubsidy`; bitcoinj's `BitcoinNetworkParams`).

/// Satoshi in a bitcoin.
pub const SAT_PER_BTC: u64 = 100_000_000;
/// Blocks from one halving to the next.
pub const HALVING_INTERVAL: u64 = 210_000;
/// The subsidy of the first blocks, in satoshi.
pub const FIRST_SUBSIDY_SAT: u64 = 50 * SAT_PER_BTC;
/// All satoshi that blocks will ever make: 20,999,999.9769 BTC. Less exist, since the
/// first block's cannot be spent and some miners claimed less than they might have.
pub const CAP_SAT: u64 = supply_sat(u64::MAX);

/// Satoshi that the block at `height` may make, without fees; 0 once halved away, and
/// from the 64th halving in any case.
pub const fn subsidy_sat(height: u64) -> u64 {
    let halvings = halvings(height);
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

/// Halvings up to and including `height`.
pub const fn halvings(height: u64) -> u64 {
    height / HALVING_INTERVAL
}

/// Height of the first block after the `n`th halving, if that halving lowers the subsidy:
/// `None` for 0 and above 33, when nothing is left to halve.
pub const fn halving_height(n: u64) -> Option<u64> {
    if n == 0 || n > 64 {
        return None;
    }
    let height = n * HALVING_INTERVAL;
    if subsidy_sat(height - 1) == 0 {
        None
    } else {
        Some(height)
    }
}

/// Height of the first halving above `height`; `None` when nothing is left to halve.
pub const fn next_halving(height: u64) -> Option<u64> {
    halving_height(halvings(height) + 1)
}

/// Satoshi made by all blocks from 0 to `height`, both included.
pub const fn supply_sat(height: u64) -> u64 {
    let era = halvings(height);
    let mut sum = 0;
    let mut past = 0;
    while past < era && past < 64 {
        sum += HALVING_INTERVAL * (FIRST_SUBSIDY_SAT >> past);
        past += 1;
    }
    sum + (height % HALVING_INTERVAL + 1) * subsidy_sat(height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn the_cap_is_not_quite_21_million() {
        assert_eq!(CAP_SAT, 2_099_999_997_690_000);
        assert_eq!(supply_sat(33 * 210_000 - 1), CAP_SAT);
        assert_eq!(supply_sat(33 * 210_000 - 2), CAP_SAT - 1);
    }

    #[test]
    fn supply_at_the_ends_of_eras() {
        assert_eq!(supply_sat(0), 50 * SAT_PER_BTC);
        assert_eq!(supply_sat(209_999), 10_500_000 * SAT_PER_BTC);
        assert_eq!(
            supply_sat(210_000),
            10_500_000 * SAT_PER_BTC + 25 * SAT_PER_BTC
        );
        assert_eq!(supply_sat(839_999), 19_687_500 * SAT_PER_BTC);
    }

    #[test]
    fn the_next_halving_and_the_last() {
        assert_eq!(next_halving(0), Some(210_000));
        assert_eq!(next_halving(839_999), Some(840_000));
        assert_eq!(next_halving(840_000), Some(1_050_000));
        assert_eq!(next_halving(33 * 210_000 - 1), Some(33 * 210_000));
        assert_eq!(next_halving(33 * 210_000), None);
        assert_eq!(next_halving(u64::MAX), None);
        assert_eq!(halving_height(0), None);
        assert_eq!(halving_height(4), Some(840_000));
        assert_eq!(halving_height(34), None);
        assert_eq!(halving_height(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn a_block_adds_its_subsidy(height in 1u64..8_000_000) {
            prop_assert_eq!(supply_sat(height) - supply_sat(height - 1), subsidy_sat(height));
        }

        #[test]
        fn nothing_exceeds_the_cap(height: u64) {
            prop_assert!(supply_sat(height) <= CAP_SAT);
            prop_assert!(next_halving(height).is_none_or(|next| next > height));
        }
    }
}
