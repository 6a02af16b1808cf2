//! A record, from any bytes: both readers, the check, and a trip through a file.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use perwatt_record::schema::{Proof, Record};
use perwatt_record::{brief, check, file, long};

/// Without what the light reader leaves out.
fn cut(mut record: Record) -> Record {
    for run in &mut record.runs {
        run.energy.clear();
        run.state.clear();
        if let Some(Proof::Shares { shares, .. }) = &mut run.proof {
            shares.clear();
        }
    }
    for series in record.idle.iter_mut().flat_map(|idle| &mut idle.energy) {
        series.samples.clear();
    }
    record
}

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzzed.json");
    let light = brief::parse(path, bytes);
    let Ok(loaded) = file::parse(path, bytes) else {
        return;
    };
    assert_eq!(light.unwrap().record, cut(loaded.record.clone()));
    check::check(&loaded);
    for line in long::lines("fuzzed.json", &loaded.record) {
        assert!(line.value.is_none_or(f64::is_finite));
    }
    let written = loaded.record.to_bytes().unwrap();
    let again = file::parse(path, &written).unwrap();
    assert_eq!(again.record, loaded.record);
});
