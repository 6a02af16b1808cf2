//! Figures that others published (hashprice of 2026-10-03, MineForge App. C; Cambridge
//! Digital Mining Industry Report 2025).

mod sites;

use perwatt_site::Use;
use perwatt_site::security::cost;
use sites::{BASE, near, of, value};

/// The hashprice with fees on 2026-10-03, in $/PH/day.
const HASHPRICE: &str = "network.hashprice_usd_per_ph_day=40.58";
/// A network that stays as it is.
const STEADY: &str = "network.hashrate_growth_per_year=0";

#[test]
fn efficiency_to_earnings_of_a_kwh_and_of_a_mw_year() {
    for (device, j_per_th, usd_per_kwh, thousands_per_mw_year) in [
        ("S23 XP Hyd", 8.9, "0.190", 1664.0),
        ("S23 Hyd", 9.5, "0.178", 1559.0),
        ("S21 XP", 13.5, "0.125", 1097.0),
        ("S21 Pro", 15.0, "0.113", 987.0),
        ("S19 XP", 21.5, "0.079", 689.0),
        ("network average 2024", 28.2, "0.060", 525.0),
        ("S9", 98.0, "0.017", 151.0),
    ] {
        let set = [
            HASHPRICE,
            STEADY,
            &format!("mining.efficiency_j_th={j_per_th}"),
            "mining.pool_fee=0",
            "mining.pue=1",
            "mining.opex_usd_per_mwh=0",
            "power.price_usd_per_mwh=1",
            "finance.horizon_years=1",
        ];
        let report = of(BASE, &set);
        let mining = |id| value(&report, Use::KeepMining, id);
        let kwh = mining("revenue_usd") / mining("energy_mwh") / 1000.0;
        assert_eq!(format!("{kwh:.3}"), usd_per_kwh, "{device}");
        // Published figures of a year are of 8760 hours.
        let thousands = (kwh * 8760.0).round();
        assert_eq!(thousands, thousands_per_mw_year, "{device}");
    }
}

#[test]
fn the_break_even_at_the_median_price_of_power() {
    let set = [
        "mining.efficiency_j_th=35.785",
        "mining.pool_fee=0",
        "mining.opex_usd_per_mwh=0",
    ];
    let even = value(&of(BASE, &set), Use::KeepMining, "break_even_operating");
    assert_eq!(format!("{even:.2}"), "40.58");
}

#[test]
fn hashprices_from_difficulty() {
    for (difficulty, price, wanted) in [("1e14", "1e5", "62.863"), ("152e12", "91e3", "37.635")] {
        let set = [
            STEADY,
            &format!("network.difficulty={difficulty}"),
            &format!("network.btc_price_usd={price}"),
            "network.fees_btc_per_block=0",
        ];
        let usd = of(BASE, &set).hashprice_usd_per_ph_day;
        assert_eq!(format!("{usd:.3}"), wanted);
    }
}

/// $39.48 without fees at 964 EH/s and $84,714; the rounded hash rate leaves two cents.
#[test]
fn the_snapshot_of_october_2026_agrees_with_itself() {
    for (fees, published) in [("network.fees_btc_per_block=0", 39.48), (STEADY, 40.58)] {
        let usd = of(BASE, &[STEADY, fees]).hashprice_usd_per_ph_day;
        assert!(near(usd, published, 2e-3), "{usd} {published}");
    }
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
