//! How each workload's entries count their work.

mod common;

use perwatt_record::rules::{RuleError, check_entry};
use perwatt_record::schema::{Entry, Unit};

fn entry(name: &str, params: &[(&str, &str)], unit: Unit, work_per_step: u64) -> Entry {
    let mut entry = common::honest().plan.entries[0].clone();
    entry.id = format!("{name}/cpu/portable");
    entry.workload.name = name.into();
    entry.workload.params = params
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect();
    entry.unit = unit;
    entry.work_per_step = work_per_step;
    entry
}

fn vector<'a>(format: &'a str, shape: &'a str) -> [(&'static str, &'a str); 3] {
    [("shape", shape), ("dtype_in", format), ("dtype_out", "f32")]
}

#[test]
fn work_as_defined_is_accepted() {
    let shape = [("shape", "3x5x7")];
    let array = [("array_bytes", "4096")];
    for good in [
        entry("sha256d", &[], Unit::Hash, 1),
        entry("matmul/f32", &shape, Unit::Flop, 2 * 3 * 5 * 7),
        entry("stream/read", &array, Unit::Byte, 4096),
        entry("stream/write", &array, Unit::Byte, 4096),
        entry("stream/triad", &array, Unit::Byte, 3 * 4096),
        entry("stream/copy", &array, Unit::Byte, 2 * 4096),
        entry("matmul/i8", &shape, Unit::Op, 210),
        entry(
            "matmul/f16",
            &[("shape", "3x5x7*2+1x2x3")],
            Unit::Flop,
            2 * 210 + 12,
        ),
        entry(
            "gemv/f16",
            &vector("f16", "1x5x7"),
            Unit::Byte,
            6 * 7 * 2 + 5 * 4,
        ),
        entry(
            "gemv/i8",
            &vector("i8", "1x5x7*3+1x2x2"),
            Unit::Byte,
            3 * (6 * 7 + 5 * 4) + 3 * 2 + 2 * 4,
        ),
        // Of a newer version; what it counts is its own affair.
        entry("fft/f32", &[], Unit::Flop, 12345),
    ] {
        assert_eq!(check_entry(&good), Ok(()), "{}", good.id);
    }
}

#[test]
fn other_counting_is_rejected_and_named() {
    let bad = [
        entry("sha256d", &[], Unit::Hash, 2),
        entry("sha256d", &[], Unit::Hash, 0),
        entry("sha256d", &[], Unit::Byte, 1),
        entry("sha512d", &[], Unit::Hash, 1),
        entry("matmul/f32", &[("shape", "3x5x7")], Unit::Flop, 3 * 5 * 7),
        entry("matmul/f32", &[("shape", "3x5x7")], Unit::Hash, 210),
        entry("matmul/f32", &[], Unit::Flop, 210),
        entry("matmul/f32", &[("shape", "3x5")], Unit::Flop, 30),
        entry("matmul/f32", &[("shape", "3x5x7x1")], Unit::Flop, 210),
        entry("matmul/f32", &[("shape", "axbxc")], Unit::Flop, 210),
        entry("stream/triad", &[("array_bytes", "4096")], Unit::Byte, 4096),
        entry("stream/copy", &[("array_bytes", "4096")], Unit::Byte, 4096),
        entry("matmul/i8", &[("shape", "3x5x7")], Unit::Flop, 210),
        entry("matmul/f16", &[("shape", "3x5x7*0")], Unit::Flop, 210),
        entry("matmul/f16", &[("shape", "3x5x7+")], Unit::Flop, 210),
        entry("gemv/f16", &vector("f16", "2x5x7"), Unit::Byte, 104),
        entry("gemv/f16", &vector("f17", "1x5x7"), Unit::Byte, 104),
        entry("gemv/f16", &vector("i8", "1x5x7"), Unit::Byte, 104),
        entry("stream/read", &[("array_bytes", "many")], Unit::Byte, 4096),
        entry(
            "stream/triad",
            &[("array_bytes", "18446744073709551615")],
            Unit::Byte,
            1,
        ),
    ];
    for entry in bad {
        let error = check_entry(&entry).unwrap_err();
        assert!(matches!(error, RuleError::Counting { .. }), "{error}");
        assert!(error.to_string().contains(&entry.id), "{error}");
    }
}

#[test]
fn an_id_says_what_the_entry_is() {
    for id in [
        "sha256d",
        "sha256d/cpu/x86-sha",
        "matmul/f32/cpu/portable",
        "",
    ] {
        let mut entry = entry("sha256d", &[], Unit::Hash, 1);
        entry.id = id.into();
        let error = check_entry(&entry).unwrap_err();
        assert!(matches!(error, RuleError::Id { .. }), "{id:?}: {error}");
    }
}
