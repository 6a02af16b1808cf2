//! Fuzzing of records from any bytes: both readers, the check, and writing and reading
//! back.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use perwatt_record::{check, file, light, tidy};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzzed.json");
    let light = light::parse(path, bytes);
    let Ok(loaded) = file::parse(path, bytes) else {
        return;
    };
    let mut left = loaded.record.clone();
    light::leave_out(&mut left);
    assert_eq!(light.unwrap().record, left);
    check::check(&loaded);
    for line in tidy::lines("fuzzed.json", &loaded.record) {
        assert!(line.value.is_none_or(f64::is_finite));
    }
    let written = loaded.record.to_bytes().unwrap();
    let again = file::parse(path, &written).unwrap();
    assert_eq!(again.record, loaded.record);
});
