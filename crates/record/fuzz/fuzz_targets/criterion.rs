//! Fuzzing of criterion archives from any bytes.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use perwatt_record::criterion::{check, lines, parse};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzzed.json");
    let Ok(loaded) = parse(path, bytes) else {
        return;
    };
    let holds = !check(&loaded).failed();
    for line in lines("fuzzed.json", &loaded.archive) {
        assert!(
            !holds
                || line
                    .value
                    .is_none_or(|value| value.is_finite() && value >= 0.0)
        );
    }
});
