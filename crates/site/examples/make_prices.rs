//! Generates `crates/site/data/prices_example.csv`, a synthetic file of power prices.
//!
//! `cargo run -p perwatt-site --example make_prices > crates/site/data/prices_example.csv`
//!
//! No price in it was ever charged. It imitates hourly prices in Texas: low at night and
//! below zero when the wind blows, a dip at noon from the sun, a peak at dusk, lower prices
//! at weekends, and two evenings of scarcity up to a cap of $5000/MWh. It covers 28 days of
//! local clocks over the end of daylight-saving time, so that one day has 25 hours. It uses
//! only whole cents and one seed: the file is the same on every machine.

use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The first hour, 2025-10-20T00:00:00-05:00, a Monday.
const BEGIN_S: i64 = 1_760_936_400;
/// The end of daylight-saving time, 2025-11-02T07:00:00Z.
const CHANGE_S: i64 = 1_762_066_800;
/// 28 days of local clocks and the repeated hour.
const HOURS: i64 = 28 * 24 + 1;

/// A calm working day by the hour of local clocks, in cents per MWh.
const CALM_CENTS: [i64; 24] = [
    2100, 1950, 1850, 1800, 1900, 2400, 3300, 3900, 3400, 2800, 2300, 1900, //
    1700, 1700, 1900, 2400, 3200, 4600, 6200, 5800, 4600, 3600, 2900, 2400,
];

/// Hours of scarcity: the month, the day, the hour of local clocks, cents per MWh.
const SCARCE_CENTS: [(i8, i8, i8, i64); 9] = [
    (10, 29, 17, 42_000),
    (10, 29, 18, 185_000),
    (10, 29, 19, 96_000),
    (11, 12, 7, 31_500),
    (11, 12, 17, 124_000),
    (11, 12, 18, 500_000),
    (11, 12, 19, 500_000),
    (11, 12, 20, 268_000),
    (11, 12, 21, 38_000),
];

/// The text of the file.
pub fn prices_csv() -> String {
    let mut text = String::from(
        "# Made up, not measured: hours shaped like Texan ones (nights below zero, a noon dip, two \
         evenings of scarcity), by crates/site/examples/make_prices.rs from one seed\n\
         start,usd_per_mwh\n",
    );
    let mut random = ChaCha8Rng::from_seed(*b"perwatt: made up prices of power");
    // From 0 (calm) to 99 (gale); each day drifts from the one before.
    let mut wind = 40;
    for hour in 0..HOURS {
        let second = BEGIN_S + hour * 3600;
        let offset_h = if second < CHANGE_S { -5 } else { -6 };
        let offset = jiff::tz::offset(offset_h);
        let local = local(second, offset);
        if local.hour() == 0 {
            wind = (wind + below(&mut random, 61) - 30).clamp(0, 99);
        }
        let noise = below(&mut random, 601) - 300;
        let cents = cents(local, wind) + noise;
        let scarce = SCARCE_CENTS.iter().find(|(month, day, hour, _)| {
            (*month, *day, *hour) == (local.month(), local.day(), local.hour())
        });
        let cents = scarce.map_or(cents, |(.., cents)| *cents);
        let sign = if cents < 0 { "-" } else { "" };
        let (dollars, rest) = (cents.abs() / 100, cents.abs() % 100);
        text.push_str(&format!(
            "{local}{offset_h:+03}:00,{sign}{dollars}.{rest:02}\n"
        ));
    }
    text
}

fn local(second: i64, offset: Offset) -> civil::DateTime {
    let time = Timestamp::from_second(second).expect("a time of 2025");
    offset.to_datetime(time)
}

/// An hour's price without noise, in cents per MWh: wind lowers it, at night by more.
fn cents(local: civil::DateTime, wind: i64) -> i64 {
    let calm = CALM_CENTS[local.hour() as usize];
    let weekend = local.weekday().to_monday_one_offset() > 5;
    let by_load = if weekend { calm * 85 / 100 } else { calm };
    let night = local.hour() < 6 || local.hour() == 23;
    by_load - wind * if night { 36 } else { 12 }
}

/// A number from 0 to below `n`. The bias of the remainder does not matter here.
fn below(random: &mut ChaCha8Rng, n: u32) -> i64 {
    i64::from(random.next_u32() % n)
}

#[cfg_attr(test, allow(dead_code))]
fn main() {
    print!("{}", prices_csv());
}
