//! The network when hash rate leaves it, against the reference's figures.

use perwatt_site::security::{Inputs, Leaving, Rent, SecurityError, report};
use proptest::prelude::*;

/// October 2026: 964 EH/s, $84,714, 13.5 J/TH at $13/TH, sites at $0.33 M/MW; the whole US
/// share of the second quarter of 2025 leaves, and half of that is retired.
fn october() -> Inputs {
    Inputs {
        network_h_per_s: 964e18,
        leaving: Leaving::Share(0.36),
        retired_part: 0.5,
        reward_btc: 3.125,
        price_usd_per_btc: 84_714.0,
        rig_usd_per_th: 13.0,
        rig_j_per_th: 13.5,
        site_usd_per_mw: 0.33e6,
        rent: Rent::HashpriceTimes(1.0),
        attacker_share: 0.2,
        confirmations: 6,
        blocks_done: 0,
    }
}

#[test]
fn the_stock_and_the_flow_before() {
    let before = report(october()).unwrap().before;
    assert_eq!(format!("{:.1}", before.matching.rigs_usd / 1e9), "12.5");
    assert_eq!(format!("{:.1}", before.matching.power_w / 1e9), "13.0");
    assert_eq!(format!("{:.1}", before.matching.sites_usd / 1e9), "4.3");
    assert_eq!(format!("{:.1}", before.reward_usd_per_day / 1e6), "38.1");
    let rent = before.matching.rent_usd_per_day;
    assert!((rent / before.reward_usd_per_day - 1.0).abs() < 1e-12);
    assert!((before.matching.rent_usd_per_hour * 24.0 / rent - 1.0).abs() < 1e-12);
    assert_eq!(
        (before.block_interval_s, before.days_to_retarget),
        (600.0, 14.0)
    );
    assert_eq!(before.retargets, []);
    assert_eq!(before.settled_hashprice_factor, 1.0);
}

#[test]
fn all_off_is_the_references_worst_case() {
    let report = report(october()).unwrap();
    let off = &report.all_off;
    assert_eq!(format!("{:.0}", off.rate_h_per_s / 1e18), "617");
    assert_eq!(format!("{:.1}", off.block_interval_s / 60.0), "15.6");
    assert_eq!(format!("{:.1}", off.days_to_retarget), "21.9");
    assert_eq!(off.hashprice_factor, 1.0);
    assert_eq!(off.settled_hashprice_factor, 1.5625);
    let before = &report.before.matching;
    for (now, then) in [
        (off.matching.rigs_usd, before.rigs_usd),
        (off.matching.power_w, before.power_w),
        (off.matching.sites_usd, before.sites_usd),
        (off.matching.rent_usd_per_day, before.rent_usd_per_day),
    ] {
        assert!((now / then - 0.64).abs() < 1e-12);
    }
    // The flow view: once the difficulty has followed, renting costs what it did.
    let settled = off.matching.settled_rent_usd_per_day;
    assert!((settled / before.rent_usd_per_day - 1.0).abs() < 1e-12);
}

#[test]
fn the_resited_come_back_and_the_retired_do_not() {
    let report = report(october()).unwrap();
    assert!((report.retired_share - 0.18).abs() < 1e-15);
    assert!((report.resited_share - 0.18).abs() < 1e-15);
    let lasting = report.retired_only.rate_h_per_s;
    assert!((lasting / (964e18 * 0.82) - 1.0).abs() < 1e-12);
    let back = lasting - report.all_off.rate_h_per_s;
    assert!((back / report.resited_h_per_s - 1.0).abs() < 1e-12);

    // Re-site everything, and nothing lasts; retire everything, and all of it does.
    let everything_moves = retiring(0.0);
    assert_eq!(everything_moves.retired_only, everything_moves.before);
    let everything_goes = retiring(1.0);
    assert_eq!(everything_goes.retired_only, everything_goes.all_off);
}

fn retiring(retired_part: f64) -> perwatt_site::security::Report {
    report(Inputs {
        retired_part,
        ..october()
    })
    .unwrap()
}

#[test]
fn an_attacker_of_the_same_rate_has_better_chances() {
    let report = report(october()).unwrap();
    assert_eq!(report.before.attacker_share, 0.2);
    assert!((report.all_off.attacker_share - 0.3125).abs() < 1e-15);
    let (before, lasting, off) = (
        report.before.catch_up_probability,
        report.retired_only.catch_up_probability,
        report.all_off.catch_up_probability,
    );
    assert!(
        before < lasting && lasting < off && off < 1.0,
        "{before} {lasting} {off}"
    );
    // Nakamoto's formula for q = 0.2, z = 6.
    assert!((before - 0.0142506).abs() < 1e-6, "{before}");
}

#[test]
fn a_rate_is_the_share_it_makes() {
    let share = report(october()).unwrap();
    let rate = report(Inputs {
        leaving: Leaving::RateHPerS(0.36 * 964e18),
        ..october()
    })
    .unwrap();
    assert!((share.all_off.rate_h_per_s / rate.all_off.rate_h_per_s - 1.0).abs() < 1e-12);
}

#[test]
fn a_fixed_rent_follows_the_rate_alone() {
    let report = report(Inputs {
        rent: Rent::UsdPerThDay(0.05),
        ..october()
    })
    .unwrap();
    let off = report.all_off.matching;
    assert!((off.rent_usd_per_day / (964e6 * 0.64 * 0.05) - 1.0).abs() < 1e-12);
    assert_eq!(off.rent_usd_per_day, off.settled_rent_usd_per_day);
}

#[test]
fn above_three_quarters_several_retargets_follow() {
    let report = report(Inputs {
        leaving: Leaving::Share(0.96),
        ..october()
    })
    .unwrap();
    assert_eq!(report.all_off.retargets.len(), 3);
    assert!(report.all_off.retargets[0].clamped);
    assert_eq!(report.retired_only.retargets.len(), 1);
}

#[test]
fn it_is_written_with_its_inputs() {
    let json = serde_json::to_value(report(october()).unwrap()).unwrap();
    assert_eq!(json["inputs"]["leaving"]["share"], 0.36);
    assert_eq!(json["before"]["block_interval_s"], 600.0);
    assert_eq!(json["all_off"]["retargets"][0]["clamped"], false);
}

#[test]
fn nonsense_is_refused_with_its_value() {
    type Change = fn(&mut Inputs);
    let changes: [(&str, Change); 13] = [
        ("network", |i| i.network_h_per_s = 0.0),
        ("leaves is 1;", |i| i.leaving = Leaving::Share(1.0)),
        ("leaves is -0.1", |i| i.leaving = Leaving::Share(-0.1)),
        ("leaves is 2", |i| {
            i.leaving = Leaving::RateHPerS(2.0 * 964e18)
        }),
        ("retired is 1.5", |i| i.retired_part = 1.5),
        ("reward", |i| i.reward_btc = -1.0),
        ("$/BTC is NaN", |i| i.price_usd_per_btc = f64::NAN),
        ("$/TH is 0", |i| i.rig_usd_per_th = 0.0),
        ("J/TH", |i| i.rig_j_per_th = f64::INFINITY),
        ("$/MW", |i| i.site_usd_per_mw = -1.0),
        ("rent", |i| i.rent = Rent::HashpriceTimes(0.0)),
        ("attacker", |i| i.attacker_share = 2.0),
        ("2016 blocks", |i| i.blocks_done = 2016),
    ];
    for (words, change) in changes {
        let mut inputs = october();
        change(&mut inputs);
        let error: SecurityError = report(inputs).unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

proptest! {
    #[test]
    fn what_is_retired_never_makes_it_safer(
        leaving in 0.0..0.99f64,
        retired_part in 0.0..=1.0f64,
        attacker_share in 0.0..=1.0f64,
        confirmations in 0u64..200,
        blocks_done in 0u64..2016,
    ) {
        let report = report(Inputs {
            leaving: Leaving::Share(leaving),
            retired_part,
            attacker_share,
            confirmations,
            blocks_done,
            ..october()
        }).unwrap();
        let states = [&report.before, &report.retired_only, &report.all_off];
        for pair in states.windows(2) {
            prop_assert!(pair[1].rate_h_per_s <= pair[0].rate_h_per_s);
            prop_assert!(pair[1].days_to_retarget >= pair[0].days_to_retarget);
            prop_assert!(pair[1].matching.rigs_usd <= pair[0].matching.rigs_usd);
            prop_assert!(pair[1].attacker_share >= pair[0].attacker_share);
            let (risk, less) = (pair[1].catch_up_probability, pair[0].catch_up_probability);
            prop_assert!(risk >= less * (1.0 - 1e-9), "{risk} {less}");
        }
    }
}
