//! What `ipmitool` prints, from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::ipmi::dcmi_power;

fuzz_target!(|text: &str| {
    let Ok(reading) = dcmi_power(text) else {
        return;
    };
    let others = [reading.minimum_w, reading.maximum_w, reading.average_w];
    for watts in others
        .into_iter()
        .flatten()
        .chain([reading.instantaneous_w])
    {
        assert!((0.0..65535.0).contains(&watts));
    }
    assert!(reading.sampling_s.is_none_or(|s| s.is_finite() && s >= 0.0));
});
