//! Parses a scenario of a site from arbitrary text.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use perwatt_site::scenario::Scenario;

fuzz_target!(|text: &str| {
    let find = |name: &str| Err(format!("there is no {name}"));
    match Scenario::parse(Path::new("fuzzed.toml"), text, &[], &find) {
        Ok(scenario) => {
            for value in &scenario.values {
                assert!(value.value.is_finite());
                assert!(value.range.is_none_or(|[low, high]| low <= high));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
