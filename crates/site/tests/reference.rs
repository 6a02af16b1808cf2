//! The formulas against figures that others published (hashprice of 2026-10-03, MineForge
//! App. C; Cambridge Digital Mining Industry Report 2025; Nakamoto 2008).

use perwatt_site::protocol::{catch_up, difficulty, hashprice, supply};
use perwatt_site::security::cost;

/// The hashprice with fees on 2026-10-03, in $/PH/day.
const HASHPRICE: f64 = 40.58;

/// Rounded half up to a number of thousands, as tables of $/MW-year are.
fn thousands(value: f64) -> f64 {
    (value / 1000.0).round()
}

#[test]
fn efficiency_to_earnings_of_a_kwh_and_of_a_mw_year() {
    for (device, j_per_th, usd_per_kwh, usd_per_mw_year) in [
        ("S23 XP Hyd", 8.9, "0.190", 1664.0),
        ("S23 Hyd", 9.5, "0.178", 1559.0),
        ("S21 XP", 13.5, "0.125", 1097.0),
        ("S21 Pro", 15.0, "0.113", 987.0),
        ("S19 XP", 21.5, "0.079", 689.0),
        ("network average 2024", 28.2, "0.060", 525.0),
        ("S9", 98.0, "0.017", 151.0),
    ] {
        let kwh = hashprice::gross_usd_per_kwh(HASHPRICE, j_per_th).unwrap();
        assert_eq!(format!("{kwh:.3}"), usd_per_kwh, "{device}");
        let year = hashprice::usd_per_mw_year(kwh, 1.0).unwrap();
        assert_eq!(thousands(year), usd_per_mw_year, "{device}");
    }
}

#[test]
fn the_break_even_at_the_median_price_of_power() {
    let j_per_th = hashprice::break_even_j_per_th(HASHPRICE, 0.045, 0.0, 1.05).unwrap();
    assert_eq!(format!("{j_per_th:.1}"), "35.8");
    // And back: such a machine's break-even price is that price.
    let price = hashprice::break_even_usd_per_kwh(HASHPRICE, j_per_th, 0.0, 1.05).unwrap();
    assert!((price - 0.045).abs() < 1e-15);
}

#[test]
fn hosting_by_the_kw_month_is_so_much_a_mw_year() {
    let kwh = 120.8 * 12.0 / hashprice::HOURS_PER_YEAR;
    assert_eq!(format!("{kwh:.3}"), "0.165");
    let year = hashprice::usd_per_mw_year(kwh, 1.0).unwrap();
    assert_eq!(format!("{:.2}", year / 1e6), "1.45");
}

#[test]
fn hashprices_from_difficulty() {
    for (difficulty, price, wanted) in [(1e14, 100_000.0, "62.863"), (152e12, 91_000.0, "37.635")] {
        let usd = hashprice::usd_per_ph_day(difficulty, 3.125, price).unwrap();
        assert_eq!(format!("{usd:.3}"), wanted);
    }
}

/// $39.48 without fees at 964 EH/s and $84,714; the rounded hash rate leaves two cents.
#[test]
fn the_snapshot_of_october_2026_agrees_with_itself() {
    let at = difficulty::of_network_rate(964e18, difficulty::BLOCK_INTERVAL_S).unwrap();
    let without = hashprice::usd_per_ph_day(at, 3.125, 84_714.0).unwrap();
    assert!((without / 39.48 - 1.0).abs() < 2e-3, "{without}");
    // The fees that the difference of the two snapshots stands for, of each block.
    let fees = 3.125 * (HASHPRICE / 39.48 - 1.0);
    let with = hashprice::usd_per_ph_day(at, 3.125 + fees, 84_714.0).unwrap();
    assert!((with / HASHPRICE - 1.0).abs() < 2e-3, "{with}");
}

#[test]
fn the_network_rate_of_may_2026() {
    let rate = difficulty::network_rate_h_per_s(138_955_357_012_247.3, 600.0).unwrap();
    assert_eq!(format!("{:.2}", rate / 1e18), "994.70");
    assert_eq!(
        format!("{:.6}", difficulty::expected_hashes(1.0).unwrap()),
        "4295032833.000015"
    );
}

#[test]
fn the_network_in_gigawatts() {
    let of = |j_per_th| cost::rigs_w(964e18, j_per_th) / 1e9;
    assert_eq!(format!("{:.1}", of(13.5)), "13.0");
    assert_eq!(format!("{:.1}", of(28.2)), "27.2");
    assert_eq!(format!("{:.1}", cost::rigs_usd(964e18, 13.0) / 1e9), "12.5");
    // A MW of such machines: 74.1 PH/s, $0.96 M.
    let th_per_mw = 1e6 / 13.5;
    assert_eq!(format!("{:.1}", th_per_mw / 1000.0), "74.1");
    assert_eq!(
        format!("{:.2}", cost::rigs_usd(th_per_mw * 1e12, 13.0) / 1e6),
        "0.96"
    );
}

#[test]
fn the_supply_and_its_halvings() {
    assert_eq!(supply::CAP_SAT, 2_099_999_997_690_000);
    for (height, btc) in [
        (210_000, 25.0),
        (420_000, 12.5),
        (630_000, 6.25),
        (840_000, 3.125),
        (1_050_000, 1.5625),
    ] {
        assert_eq!(supply::subsidy_btc(height), btc);
    }
    assert_eq!(supply::next_halving(951_658), Some(1_050_000));
}

#[test]
fn the_attacker_of_the_paper() {
    let chance = |q, z| catch_up::probability(q, z).unwrap();
    assert_eq!(format!("{:.7}", chance(0.1, 5)), "0.0009137");
    assert_eq!(format!("{:.7}", chance(0.3, 10)), "0.0416605");
    for (q, z) in [(0.10, 5), (0.30, 24), (0.45, 340)] {
        assert_eq!(catch_up::confirmations_below(q, 0.001), Ok(z));
    }
}
