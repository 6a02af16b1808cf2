//! The protocol's arithmetic against headers of the real chain.

use perwatt_sha256d::Target;
use perwatt_site::protocol::{difficulty, retarget, supply};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    height: u64,
    bits_hex: String,
    time_unix: u32,
    difficulty: String,
}

impl Row {
    fn bits(&self) -> u32 {
        u32::from_str_radix(&self.bits_hex, 16).unwrap()
    }
}

fn rows() -> Vec<Row> {
    let text = include_str!("../../sha256d/tests/data/headers.csv");
    let rows: Result<Vec<Row>, _> = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect();
    let rows = rows.unwrap();
    assert!(rows.len() >= 20, "{} headers", rows.len());
    rows
}

/// The column has ten significant digits.
#[test]
fn bits_are_the_difficulty_beside_them() {
    for row in rows() {
        let printed: f64 = row.difficulty.parse().unwrap();
        let computed = difficulty::of_bits(row.bits()).unwrap();
        assert_eq!(
            format!("{computed:.9e}"),
            format!("{printed:.9e}"),
            "height {}",
            row.height
        );
    }
}

/// A difficulty in `f64` has more digits than `nBits`, so half a step of them above the
/// target leads back to it.
#[test]
fn a_difficulty_leads_back_to_its_bits() {
    for row in rows() {
        let target = Target::from_compact(row.bits()).unwrap();
        let back = difficulty::to_target(target.difficulty() * (1.0 - 1e-9)).unwrap();
        assert_eq!(back.to_compact(), row.bits(), "height {}", row.height);
    }
}

#[test]
fn two_ways_to_the_network_rate_agree() {
    for row in rows() {
        let exact = difficulty::network_rate_of_bits_h_per_s(row.bits(), 600.0).unwrap();
        let d = difficulty::of_bits(row.bits()).unwrap();
        let close = difficulty::network_rate_h_per_s(d, 600.0).unwrap();
        // The exact work is a whole number, rounded down.
        let step = 1.0 / (exact * 600.0) + 1e-15;
        assert!((exact / close - 1.0).abs() < step, "height {}", row.height);
    }
}

/// Retargets whose two headers are both in the file, or one in it and one in Bitcoin Core's
/// tests.
#[test]
fn the_first_retarget_and_the_steepest_rise() {
    let rows = rows();
    let row = |height| rows.iter().find(|row| row.height == height).unwrap();
    let first = row(30_240);
    assert_eq!(first.time_unix, 1_261_130_161);
    assert_eq!(
        retarget::next_bits(first.bits(), first.time_unix, 1_262_152_739),
        Ok(0x1d00_d86a)
    );
    // Block 68,544 carries what the clamp of the period before it gives.
    assert_eq!(
        retarget::next_bits(0x1c05_a3f4, 1_279_008_237, 1_279_297_671),
        Ok(row(68_544).bits())
    );
}

#[test]
fn the_latest_halving_is_where_the_chain_has_it() {
    let height = rows().iter().map(|row| row.height).max().unwrap();
    assert_eq!(height, 840_000);
    assert_eq!(supply::halving_height(4), Some(height));
    assert_eq!(
        supply::subsidy_sat(height) * 2,
        supply::subsidy_sat(height - 1)
    );
}
