//! The JSON that plugs and baseboard controllers answer, from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::{Reading, ReplyError, Unit, json, redfish, shelly, tasmota};

fn check(reading: Result<Reading, ReplyError>) {
    let Ok(reading) = reading else {
        return;
    };
    for figure in [
        reading.power_w,
        reading.energy_j,
        reading.power_quantum_w,
        reading.energy_quantum_j,
    ]
    .into_iter()
    .flatten()
    {
        assert!(figure.is_finite() && figure >= 0.0, "{figure}");
    }
    assert!(reading.power_w.is_some() || reading.energy_j.is_some());
}

fuzz_target!(|text: &str| {
    if let Ok(component) = shelly::component(text, None) {
        check(shelly::reading(text, &component));
    }
    check(shelly::reading(text, "switch:0"));
    check(shelly::gen1_reading(text, 0));
    check(tasmota::reading(text, tasmota::Channel::Device));
    check(tasmota::reading(text, tasmota::Channel::Number(1)));
    check(redfish::reading(text));
    for member in redfish::members(text).into_iter().flatten() {
        assert!(!member.is_empty());
    }
    let _ = redfish::power_links(text);
    check(json::reading(text, "/power", Unit::W));
    check(json::reading(text, "/a/0/b", Unit::KWH));
});
