//! Files of prices: refusals and their messages, and the meaning of local clocks.

mod files;
mod prices;
mod times;

use perwatt_site::curtail::{Prices, ReadOptions};

fn read(rows: &str, timezone: Option<&str>) -> Result<Prices, String> {
    let options = ReadOptions {
        timezone: timezone.map(str::to_owned),
        ..ReadOptions::default()
    };
    let text = format!("start,usd_per_mwh\n{rows}");
    Prices::from_reader(text.as_bytes(), "prices.csv", &options).map_err(|e| e.to_string())
}

/// The message names the file and a line, and holds each of `parts`.
#[track_caller]
fn refused(result: Result<Prices, String>, parts: &[&str]) {
    let message = result.expect_err("the file was taken");
    assert!(message.starts_with("prices.csv: line "), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

/// Rows without offsets, one for each time.
fn local(day: &str, times: &[&str]) -> String {
    let row = |(i, time): (usize, &&str)| format!("{day}T{time},{i}\n");
    times.iter().enumerate().map(row).collect()
}

const CHICAGO: Option<&str> = Some("America/Chicago");
