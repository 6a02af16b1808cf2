//! Earnings and cost of hashing, and its break-even points.
//!
//! Hashprice is the expected earnings of 1 PH/s in a day (docs.luxor.tech/hashrateindex):
//! `1e15 · 86400 / (D · 2^48 / 65535) · (subsidy + mean fee) · price`. At e J/TH, 1 PH/s
//! draws e kW, so a day of it takes `24 e` kWh.

use super::difficulty::expected_hashes;
use super::input::{InputError, finite, not_negative, positive, pue, share, share_below_one};

/// Hashes in a TH.
pub const HASHES_PER_TH: f64 = 1e12;
/// Seconds in a day.
pub const DAY_S: f64 = 86_400.0;
/// Hashes of 1 PH/s in a day.
pub const HASHES_PER_PH_DAY: f64 = 1000.0 * HASHES_PER_TH * DAY_S;
/// Hours in a year of 365 days. Published yearly figures use this year: at $40.58/PH/day
/// and 8.9 J/TH a MW-year is $1,664,000 by it, as published, and $1,665,000 by 365.25 days.
/// A file of the prices of a common year has as many hours. (A site's months are twelfths
/// of 365.25 days, so that they keep step with the calendar's dates.)
pub const HOURS_PER_YEAR: f64 = 8760.0;

const HASHPRICE: &str = "the hashprice in $/PH/day";
const EFFICIENCY: &str = "the efficiency in J/TH";
const FEE: &str = "the pool's fee";

/// Hashprice in BTC/PH/day. `reward_btc` is subsidy plus mean fees of a block.
///
/// # Errors
/// [`InputError::NotPositive`] for a difficulty, [`InputError::Negative`] for a reward.
pub fn btc_per_ph_day(difficulty: f64, reward_btc: f64) -> Result<f64, InputError> {
    let reward_btc = not_negative("the reward of a block in BTC", reward_btc)?;
    Ok(HASHES_PER_PH_DAY / expected_hashes(difficulty)? * reward_btc)
}

/// Hashprice in $/PH/day, at a price in $/BTC.
///
/// # Errors
/// As [`btc_per_ph_day`], and [`InputError::NotPositive`] for the price.
pub fn usd_per_ph_day(
    difficulty: f64,
    reward_btc: f64,
    price_usd_per_btc: f64,
) -> Result<f64, InputError> {
    let price = positive("the price in $/BTC", price_usd_per_btc)?;
    Ok(btc_per_ph_day(difficulty, reward_btc)? * price)
}

/// Earnings of a kWh at the machine's plug, in $/kWh, before fees and PUE: `HP / (24 e)`.
///
/// # Errors
/// [`InputError::NotPositive`].
pub fn gross_usd_per_kwh(hashprice: f64, j_per_th: f64) -> Result<f64, InputError> {
    Ok(positive(HASHPRICE, hashprice)? / (24.0 * positive(EFFICIENCY, j_per_th)?))
}

/// The highest power price in $/kWh at the site's meter at which hashing still pays for it:
/// `HP (1 − fee) / (24 e PUE)`. `pool_fee` is a share from 0 to 1.
///
/// # Errors
/// [`InputError`]: a hashprice or efficiency that is not positive, a fee that is not a
/// share, a PUE below 1.
pub fn break_even_usd_per_kwh(
    hashprice: f64,
    j_per_th: f64,
    pool_fee: f64,
    site_pue: f64,
) -> Result<f64, InputError> {
    let kept = 1.0 - share(FEE, pool_fee)?;
    Ok(gross_usd_per_kwh(hashprice, j_per_th)? * kept / pue(site_pue)?)
}

/// The least efficient machine, in J/TH, that still pays for its power:
/// `HP (1 − fee) / (24 · price · PUE)`.
///
/// # Errors
/// As [`break_even_usd_per_kwh`]; the price must be above 0, since for free power every
/// machine pays.
pub fn break_even_j_per_th(
    hashprice: f64,
    price_usd_per_kwh: f64,
    pool_fee: f64,
    site_pue: f64,
) -> Result<f64, InputError> {
    let kept = 1.0 - share(FEE, pool_fee)?;
    let price = positive("the price of power in $/kWh", price_usd_per_kwh)?;
    Ok(positive(HASHPRICE, hashprice)? * kept / (24.0 * price * pue(site_pue)?))
}

/// Hashcost: the cost of the power that 1 PH/s takes in a day, in $/PH/day,
/// `24 e · price · PUE`. With PUE 1 it is the figure that is usually quoted. The price may
/// be negative.
///
/// # Errors
/// [`InputError`]: an efficiency that is not positive, a price that is not finite, a PUE
/// below 1.
pub fn hashcost_usd_per_ph_day(
    j_per_th: f64,
    price_usd_per_kwh: f64,
    site_pue: f64,
) -> Result<f64, InputError> {
    let price = finite("the price of power in $/kWh", price_usd_per_kwh)?;
    Ok(24.0 * positive(EFFICIENCY, j_per_th)? * price * pue(site_pue)?)
}

/// The hashprice at which a machine just pays for its power, in $/PH/day: hashcost over
/// `1 − fee`.
///
/// # Errors
/// As [`hashcost_usd_per_ph_day`], and a fee that is not a share below 1.
pub fn break_even_usd_per_ph_day(
    j_per_th: f64,
    price_usd_per_kwh: f64,
    pool_fee: f64,
    site_pue: f64,
) -> Result<f64, InputError> {
    let kept = 1.0 - share_below_one(FEE, pool_fee)?;
    Ok(hashcost_usd_per_ph_day(j_per_th, price_usd_per_kwh, site_pue)? / kept)
}

/// Earnings of a MW in a year, in $/MW-year, from the earnings of a kWh and the share of
/// the year in which it runs: `$/kWh · 1000 kW · 8760 h · share`.
///
/// # Errors
/// [`InputError::NotFinite`] and [`InputError::NotShare`].
pub fn usd_per_mw_year(usd_per_kwh: f64, up_share: f64) -> Result<f64, InputError> {
    let usd = finite("the earnings in $/kWh", usd_per_kwh)?;
    Ok(usd * 1000.0 * HOURS_PER_YEAR * share("the share of the year", up_share)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashprices_of_the_reference() {
        let of = |difficulty, price| usd_per_ph_day(difficulty, 3.125, price).unwrap();
        assert_eq!(format!("{:.3}", of(1e14, 100_000.0)), "62.863");
        assert_eq!(format!("{:.3}", of(152e12, 91_000.0)), "37.635");
    }

    #[test]
    fn fees_are_part_of_the_reward() {
        let without = usd_per_ph_day(1e14, 3.125, 100_000.0).unwrap();
        let with = usd_per_ph_day(1e14, 3.125 + 0.0625, 100_000.0).unwrap();
        assert!((with / without - 1.02).abs() < 1e-12);
        assert_eq!(btc_per_ph_day(1e14, 0.0), Ok(0.0));
    }

    #[test]
    fn the_break_evens_of_the_reference() {
        let j_per_th = break_even_j_per_th(40.58, 0.045, 0.0, 1.05).unwrap();
        assert_eq!(format!("{j_per_th:.1}"), "35.8");
        // 16.5 J/TH earns $0.9 M/MW-year at that hashprice.
        let kwh = gross_usd_per_kwh(40.58, 16.5).unwrap();
        let year = usd_per_mw_year(kwh, 1.0).unwrap();
        assert_eq!(format!("{:.1}", year / 1e6), "0.9");
    }

    #[test]
    fn negative_power_is_a_cost_below_zero() {
        assert!(hashcost_usd_per_ph_day(15.0, -0.02, 1.0).unwrap() < 0.0);
        assert!(break_even_j_per_th(40.0, 0.0, 0.0, 1.0).is_err());
        assert!(break_even_j_per_th(40.0, -0.02, 0.0, 1.0).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(usd_per_ph_day(bad, 3.125, 1e5).is_err());
            assert!(usd_per_ph_day(1e14, 3.125, bad).is_err());
            assert!(gross_usd_per_kwh(bad, 15.0).is_err());
            assert!(gross_usd_per_kwh(40.0, bad).is_err());
            assert!(break_even_usd_per_kwh(40.0, 15.0, 0.0, bad).is_err());
            assert!(hashcost_usd_per_ph_day(bad, 0.05, 1.0).is_err());
        }
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(break_even_usd_per_kwh(40.0, 15.0, bad, 1.0).is_err());
            assert!(break_even_j_per_th(40.0, 0.05, bad, 1.0).is_err());
            assert!(usd_per_mw_year(0.1, bad).is_err());
        }
        assert!(usd_per_ph_day(1e14, -1.0, 1e5).is_err());
        assert!(break_even_usd_per_ph_day(15.0, 0.05, 1.0, 1.0).is_err());
        assert_eq!(break_even_usd_per_kwh(40.0, 15.0, 1.0, 1.0), Ok(0.0));
        assert!(hashcost_usd_per_ph_day(15.0, f64::NAN, 1.0).is_err());
    }

    proptest! {
        #[test]
        fn the_three_break_evens_are_one(
            hashprice in 1.0..500.0f64,
            j_per_th in 1.0..200.0f64,
            fee in 0.0..0.5f64,
            pue in 1.0..2.0f64,
        ) {
            let price = break_even_usd_per_kwh(hashprice, j_per_th, fee, pue).unwrap();
            let efficiency = break_even_j_per_th(hashprice, price, fee, pue).unwrap();
            prop_assert!((efficiency / j_per_th - 1.0).abs() < 1e-12);
            let back = break_even_usd_per_ph_day(j_per_th, price, fee, pue).unwrap();
            prop_assert!((back / hashprice - 1.0).abs() < 1e-12);
        }

        #[test]
        fn difficulty_and_hashprice_are_inverse(difficulty in 1.0..1e16f64, factor in 0.25..4.0f64) {
            let one = usd_per_ph_day(difficulty, 3.125, 1e5).unwrap();
            let other = usd_per_ph_day(difficulty * factor, 3.125, 1e5).unwrap();
            prop_assert!((one / other / factor - 1.0).abs() < 1e-12);
        }
    }
}
