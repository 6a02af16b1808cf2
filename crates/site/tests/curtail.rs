//! A month of synthetic prices, and the stops of a site over it.

#[path = "../examples/make_prices.rs"]
mod make_prices;

use perwatt_site::curtail::{
    PeakRule, Prices, ReadOptions, Use, ai_stop_cost, avoided_peaks, report,
};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/prices_example.csv");

#[test]
fn the_example_is_what_its_maker_makes() {
    let file = std::fs::read_to_string(EXAMPLE).unwrap();
    assert!(
        file == make_prices::prices_csv(),
        "{EXAMPLE} is out of date: cargo run -p perwatt-site --example make_prices > {EXAMPLE}"
    );
    assert!(file.starts_with("# Made up, not measured"));
}

#[test]
fn the_example_has_every_hour_of_its_28_days() {
    let prices = Prices::read(EXAMPLE, &ReadOptions::default()).unwrap();
    assert_eq!((prices.step_s(), prices.intervals()), (3600, 28 * 24 + 1));
    assert_eq!(prices.start(0).unwrap(), "2025-10-20T00:00:00-05:00");
    assert_eq!(prices.start(672).unwrap(), "2025-11-16T23:00:00-06:00");
    let below = prices.usd_per_mwh().iter().filter(|p| **p < 0.0).count();
    let scarce = prices.usd_per_mwh().iter().filter(|p| **p >= 300.0).count();
    assert_eq!((below, scarce), (25, 9));
    assert_eq!(perwatt_stats::max(prices.usd_per_mwh()), Some(5000.0));

    // The same hours by local clocks only.
    let naive: String = std::fs::read_to_string(EXAMPLE)
        .unwrap()
        .replace("-05:00,", ",")
        .replace("-06:00,", ",");
    let options = ReadOptions {
        timezone: Some("America/Chicago".to_owned()),
        ..ReadOptions::default()
    };
    let by_clocks = Prices::from_reader(naive.as_bytes(), "naive", &options).unwrap();
    assert_eq!(by_clocks, prices);
}

#[test]
fn a_miner_stops_for_less_than_an_ai_site() {
    let prices = Prices::read(EXAMPLE, &ReadOptions::default()).unwrap();
    // 15 J/TH at $40.58 for a PH/s and day, without fees: $113/MWh.
    let miner = Use {
        value_usd_per_mwh: 112.7,
        adders_usd_per_mwh: 0.0,
        stop_cost_usd_per_mw: 0.0,
        min_stop_h: 0.0,
    };
    // An H100 at $1.99 an hour and 1.275 kW: $1561/MWh.
    let ai = Use {
        value_usd_per_mwh: 1561.0,
        stop_cost_usd_per_mw: ai_stop_cost(1561.0, 0.25, 1.0).unwrap(),
        ..miner
    };
    let (plan, mined) = report(&prices, &miner).unwrap();
    let (_, rented) = report(&prices, &ai).unwrap();
    assert_eq!((mined.hours_stopped, mined.stops), (9.0, 3));
    // Two hours at the cap and the 2680 after them; one hour at 1850 does not pay for a
    // stop.
    assert_eq!((rented.hours_stopped, rented.stops), (3.0, 1));
    assert!((rented.avoided_usd_per_mw - 12_680.0).abs() < 1e-9);
    let net = 12_680.0 - 3.0 * 1561.0 - 0.75 * 1561.0;
    assert!((rented.net_gain_usd_per_mw - net).abs() < 1e-9);
    assert!(mined.net_gain_usd_per_mw > rented.net_gain_usd_per_mw);
    assert!((mined.covers_days - 673.0 / 24.0).abs() < 1e-12);

    let peaks = avoided_peaks(&prices, &plan, 4, PeakRule::DistinctMonths);
    assert_eq!((peaks.peaks.len(), peaks.avoided), (2, 2));
    let stopped = [0.0, 112.7, 1561.0, 5000.0].map(|value_usd_per_mwh| {
        let of = Use {
            value_usd_per_mwh,
            ..miner
        };
        report(&prices, &of).unwrap().1.share_stopped
    });
    assert!(stopped.is_sorted_by(|a, b| a > b), "{stopped:?}");
    assert_eq!((stopped[1], stopped[3]), (mined.share_stopped, 0.0));

    let json = serde_json::to_value(&mined).unwrap();
    assert_eq!(json["stops"], 3);
}
