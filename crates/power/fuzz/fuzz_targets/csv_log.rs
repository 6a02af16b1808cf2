//! A logging meter's file, from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::csv_log::{Columns, parse};

fuzz_target!(|text: &str| {
    let named = Columns {
        time: Some("time".into()),
        watts: Some("watts".into()),
        ..Columns::default()
    };
    for columns in [Columns::default(), named] {
        let Ok(log) = parse(text, &columns) else {
            continue;
        };
        assert!(!log.samples.is_empty());
        assert!(
            log.samples
                .iter()
                .all(|(_, watts)| watts.is_finite() && *watts >= 0.0)
        );
        assert!(log.samples.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
});
