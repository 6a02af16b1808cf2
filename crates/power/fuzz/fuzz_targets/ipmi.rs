//! The parser of `ipmitool`'s output on any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::ipmi::dcmi_power;

fuzz_target!(|text: &str| {
    let Ok(reading) = dcmi_power(text) else {
        return;
    };
    assert!((0.0..65535.0).contains(&reading.instantaneous_w));
});
