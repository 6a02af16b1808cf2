//! The remaining hash rate, and an attacker's share of it.
//!
//! Plain arithmetic on shares from 0 to below 1; [`super::report()`] checks them.

/// The rest of a hash rate in H/s when a share of it is gone: `H (1 − x)`.
pub fn remaining_h_per_s(rate_h_per_s: f64, gone_share: f64) -> f64 {
    rate_h_per_s * (1.0 - gone_share)
}

/// The share of the network that is retired: the share that leaves, times the part of it
/// that is not re-sited.
pub fn retired_share(leaving_share: f64, retired_part: f64) -> f64 {
    leaving_share * retired_part
}

/// The share of the network that is re-sited: off for a while, and back.
pub fn resited_share(leaving_share: f64, retired_part: f64) -> f64 {
    leaving_share * (1.0 - retired_part)
}

/// The share of an attacker whose H/s stay the same when others' leave: `q / (1 − x)`, at
/// most 1. The attacker is part of the hash rate both before and after.
pub fn attacker_share(attacker_share_before: f64, gone_share: f64) -> f64 {
    (attacker_share_before / (1.0 - gone_share)).min(1.0)
}

/// The time between blocks until the difficulty changes, in seconds: `600 / (1 − x)`.
pub fn block_interval_s(gone_share: f64) -> f64 {
    crate::protocol::BLOCK_INTERVAL_S / (1.0 - gone_share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_whole_us_share_of_2025() {
        assert_eq!(
            format!("{:.0}", remaining_h_per_s(964e18, 0.36) / 1e18),
            "617"
        );
        assert_eq!(format!("{:.1}", block_interval_s(0.36) / 60.0), "15.6");
        assert_eq!(block_interval_s(0.0), 600.0);
    }

    #[test]
    fn an_attacker_grows_as_others_leave() {
        assert_eq!(attacker_share(0.32, 0.36), 0.5);
        assert_eq!(attacker_share(0.8, 0.36), 1.0);
        assert_eq!(attacker_share(0.1, 0.0), 0.1);
    }

    proptest! {
        #[test]
        fn retired_and_resited_are_all_that_leaves(x in 0.0..1.0f64, part in 0.0..=1.0f64) {
            let sum = retired_share(x, part) + resited_share(x, part);
            prop_assert!((sum - x).abs() < 1e-15);
        }
    }
}
