//! Reads power prices from arbitrary bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_site::curtail::{Prices, ReadOptions};

fuzz_target!(|bytes: &[u8]| {
    for timezone in [None, Some("Europe/Berlin")] {
        let options = ReadOptions {
            timezone: timezone.map(str::to_owned),
            ..ReadOptions::default()
        };
        match Prices::from_reader(bytes, "fuzzed.csv", &options) {
            Ok(prices) => {
                assert!(!prices.usd_per_mwh().is_empty());
                assert!(prices.usd_per_mwh().iter().all(|price| price.is_finite()));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
