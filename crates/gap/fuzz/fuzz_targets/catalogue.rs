//! Fuzz target: a user's file of catalogue rows, from arbitrary bytes.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use perwatt_gap::catalogue::Catalogue;

fuzz_target!(|bytes: &[u8]| {
    static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
    let builtin = BUILTIN.get_or_init(|| Catalogue::builtin().unwrap());
    let mut catalogue = builtin.clone();
    match catalogue.add("fuzzed.csv", bytes) {
        Ok(()) => {
            assert!(catalogue.asics.len() >= builtin.asics.len());
            for asic in &catalogue.asics {
                assert!(asic.hashrate_th_s.is_finite() && asic.hashrate_th_s > 0.0);
            }
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(catalogue == *builtin);
        }
    }
});
