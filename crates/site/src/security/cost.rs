//! The cost of matching a hash rate: machines, sites, power and rent.
//!
//! Plain products; [`super::report()`] checks the inputs.

use crate::protocol::DAY_S;

/// Hashes in a TH.
const HASHES_PER_TH: f64 = 1e12;

/// Dollars for machines of a hash rate, at a price in $/TH (per TH/s of a machine).
pub fn rigs_usd(rate_h_per_s: f64, usd_per_th: f64) -> f64 {
    rate_h_per_s / HASHES_PER_TH * usd_per_th
}

/// Watts that machines of a hash rate draw, at J/TH, without a site's overhead.
pub fn rigs_w(rate_h_per_s: f64, j_per_th: f64) -> f64 {
    rate_h_per_s / HASHES_PER_TH * j_per_th
}

/// Dollars for sites of `power_w` watts, at $/MW.
pub fn sites_usd(power_w: f64, usd_per_mw: f64) -> f64 {
    power_w / 1e6 * usd_per_mw
}

/// Rewards of the network in a day, in $/day: the blocks of a day times the value of each.
pub fn reward_usd_per_day(reward_btc: f64, price_usd_per_btc: f64, interval_s: f64) -> f64 {
    DAY_S / interval_s * reward_btc * price_usd_per_btc
}

/// Hashprice in $/TH/day from the network's rewards in a day and its hash rate.
pub fn usd_per_th_day(reward_usd_per_day: f64, rate_h_per_s: f64) -> f64 {
    reward_usd_per_day / (rate_h_per_s / HASHES_PER_TH)
}

/// Dollars a day for renting a hash rate, at $/TH/day.
pub fn rent_usd_per_day(rate_h_per_s: f64, usd_per_th_day: f64) -> f64 {
    rate_h_per_s / HASHES_PER_TH * usd_per_th_day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stock_of_the_reference() {
        let rate = 964e18;
        assert_eq!(format!("{:.1}", rigs_usd(rate, 13.0) / 1e9), "12.5");
        let power = rigs_w(rate, 13.5);
        assert_eq!(format!("{:.1}", power / 1e9), "13.0");
        assert_eq!(format!("{:.1}", sites_usd(power, 0.33e6) / 1e9), "4.3");
    }

    #[test]
    fn the_flow_of_the_reference() {
        let flow = reward_usd_per_day(3.125, 84_714.0, 600.0);
        assert_eq!(format!("{:.1}", flow / 1e6), "38.1");
        let price = usd_per_th_day(flow, 964e18);
        // The snapshot of the same day: $39.48/PH/day without fees.
        assert!((price * 1000.0 - 39.48).abs() < 0.1, "{price}");
        assert!((rent_usd_per_day(964e18, price) / flow - 1.0).abs() < 1e-12);
    }
}
