//! Fuzzing of criterion's files of one benchmark, from any bytes: three texts, separated by
//! a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_record::criterion::Benchmark;

fuzz_target!(|bytes: &[u8]| {
    let mut files = bytes.splitn(3, |byte| *byte == 0);
    let mut next = || files.next().unwrap_or_default();
    let Ok(benchmark) = Benchmark::of_files(next(), next(), next()) else {
        return;
    };
    assert!(benchmark.median_s_per_iter.is_finite() && benchmark.median_s_per_iter > 0.0);
    assert_eq!(benchmark.iters.len(), benchmark.times_ns.len());
    assert!(benchmark.unverified);
});
