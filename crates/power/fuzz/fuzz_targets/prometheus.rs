//! A selector, and an exporter's page after the first line, from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::Unit;
use perwatt_power::parse::prometheus::{Selector, reading};
use perwatt_power::parse::unit_name::unit_of;

fuzz_target!(|text: &str| {
    let (selector, page) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(selector) = selector.parse::<Selector>() else {
        return;
    };
    let unit = unit_of(selector.name(), None).unwrap_or(Unit::W);
    if let Ok(found) = reading(page, &selector, unit) {
        let figures = [found.power_w, found.energy_j];
        assert!(figures.iter().flatten().count() == 1);
        assert!(
            figures
                .into_iter()
                .flatten()
                .all(|f| f.is_finite() && f >= 0.0)
        );
    }
});
