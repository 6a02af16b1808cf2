//! The response of the difficulty to hash rate that left: the time and number of retargets,
//! and the earnings of those who stay after each.
//!
//! The computation is in `f64` and for the mean: the error of one part in 2016 by the
//! rule's period of 2015 intervals is neglected, and so is chance.

use serde::Serialize;

use super::hashrate::block_interval_s;
use crate::protocol::{CLAMP, DAY_S, PERIOD_BLOCKS};

/// The relative difference of difficulty and hash rate below which no further retarget is
/// counted.
const SETTLED: f64 = 1e-9;

/// One retarget after hash rate left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Retarget {
    /// Days since the hash rate left.
    pub day: f64,
    /// The new difficulty relative to that before the hash rate left.
    pub difficulty: f64,
    /// True if the rule's limit of a factor of 4 held it back.
    pub clamped: bool,
    /// The earnings of a hash of those who stay from here on, relative to before.
    pub hashprice_factor: f64,
    /// The time between blocks from here on, in seconds.
    pub block_interval_s: f64,
}

/// Days to the next retarget when a share of the hash rate is gone and `blocks_done` of the
/// period's 2016 blocks are found: `(2016 − done) · 600 / (1 − x) / 86400`. The worst case
/// is 0 done. More than 2015 count as 2015.
pub fn days_to_retarget(gone_share: f64, blocks_done: u64) -> f64 {
    blocks_left(blocks_done) * block_interval_s(gone_share) / DAY_S
}

/// The earnings per hash of those who stay once the difficulty has followed in full,
/// relative to before: `1 / (1 − x)`. Before the next retarget the factor is 1: blocks are
/// rarer, but the reward for the same number of hashes is the same.
pub fn settled_hashprice_factor(gone_share: f64) -> f64 {
    1.0 / (1.0 - gone_share)
}

/// Every retarget until the difficulty has followed, for a share from 0 to below 1; none
/// for 0.
///
/// The first falls short because a part of its period had the old pace, and each lowers the
/// difficulty by a factor of 4 at most: if more than three quarters are gone it takes
/// several.
pub fn retargets(gone_share: f64, blocks_done: u64) -> Vec<Retarget> {
    let stays = 1.0 - gone_share;
    // Without any hash rate there is never a block, and so no retarget.
    if stays.is_nan() || stays <= 0.0 {
        return Vec::new();
    }
    let period = PERIOD_BLOCKS as f64;
    let limit = CLAMP as f64;
    let mut difficulty = 1.0;
    let mut day = 0.0;
    let mut left = blocks_left(blocks_done);
    let mut out = Vec::new();
    // With a factor of 4 each, the smallest share of all takes 512; rounding adds none.
    while (difficulty / stays - 1.0).abs() > SETTLED && out.len() < 600 {
        let pace = difficulty / stays;
        day += left * block_interval_s(0.0) * pace / DAY_S;
        let slowdown = ((period - left) + left * pace) / period;
        let factor = slowdown.clamp(1.0 / limit, limit);
        difficulty /= factor;
        left = period;
        out.push(Retarget {
            day,
            difficulty,
            clamped: factor != slowdown,
            hashprice_factor: 1.0 / difficulty,
            block_interval_s: block_interval_s(0.0) * difficulty / stays,
        });
    }
    out
}

fn blocks_left(blocks_done: u64) -> f64 {
    (PERIOD_BLOCKS - blocks_done.min(PERIOD_BLOCKS - 1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_worst_case_of_the_reference() {
        assert_eq!(format!("{:.1}", days_to_retarget(0.36, 0)), "21.9");
        assert_eq!(days_to_retarget(0.0, 0), 14.0);
        assert_eq!(days_to_retarget(0.0, 1008), 7.0);
        // One block is always left.
        assert_eq!(days_to_retarget(0.0, 9999), days_to_retarget(0.0, 2015));
        assert_eq!(settled_hashprice_factor(0.36), 1.5625);
    }

    #[test]
    fn one_retarget_is_enough_from_the_start_of_a_period() {
        let [one] = retargets(0.36, 0)[..] else {
            panic!("more or fewer than one");
        };
        assert_eq!(one.day, days_to_retarget(0.36, 0));
        assert!(!one.clamped && (one.hashprice_factor - 1.5625).abs() < 1e-12);
        assert!((one.block_interval_s - 600.0).abs() < 1e-9);
        assert_eq!(retargets(0.0, 0), []);
    }

    #[test]
    fn from_the_middle_of_a_period_it_takes_two() {
        // 1008 blocks at 600 s and 1008 at 1200 s: the difficulty falls by a third.
        let all = retargets(0.5, 1008);
        assert_eq!(all.len(), 2);
        assert!((all[0].difficulty - 2.0 / 3.0).abs() < 1e-12);
        assert!((all[0].block_interval_s - 800.0).abs() < 1e-9);
        assert!((all[0].day - 14.0).abs() < 1e-12);
        assert!((all[1].difficulty - 0.5).abs() < 1e-12);
        assert!((all[1].day - (14.0 + 14.0 * 4.0 / 3.0)).abs() < 1e-9);
    }

    #[test]
    fn above_three_quarters_the_clamp_holds_back() {
        assert_eq!(retargets(0.75, 0).len(), 1);
        let all = retargets(0.96, 0);
        // 25 times too hard: to 1/4, to 1/16, and then the rest.
        let difficulties: Vec<_> = all.iter().map(|step| step.difficulty).collect();
        assert_eq!(all.len(), 3);
        assert_eq!(difficulties[..2], [0.25, 0.0625]);
        assert!((difficulties[2] - 0.04).abs() < 1e-12);
        let clamped: Vec<_> = all.iter().map(|step| step.clamped).collect();
        assert_eq!(clamped, [true, true, false]);
        // 25 · 14 days, then 25/4 · 14, then 25/16 · 14.
        let days: f64 = 14.0 * 25.0 * (1.0 + 0.25 + 0.0625);
        assert!((all[2].day - days).abs() < 1e-6, "{}", all[2].day);
        assert_eq!(retargets(1.0, 0), []);
    }

    proptest! {
        #[test]
        fn the_difficulty_ends_where_the_hash_rate_is(x in 0.0..0.9999f64, done in 0u64..2016) {
            let all = retargets(x, done);
            if let Some(last) = all.last() {
                prop_assert!((last.hashprice_factor / settled_hashprice_factor(x) - 1.0).abs() < 1e-8);
                prop_assert!((all[0].day / days_to_retarget(x, done) - 1.0).abs() < 1e-12);
            } else {
                prop_assert!(x < 1e-8);
            }
            for pair in all.windows(2) {
                prop_assert!(pair[1].difficulty < pair[0].difficulty && pair[1].day > pair[0].day);
                prop_assert!(pair[0].difficulty / pair[1].difficulty <= 4.0 * (1.0 + 1e-12));
            }
        }
    }
}
