//! Units of work in the entries of each workload.

mod common;

use perwatt_record::schema::{Entry, Unit, WorkloadKey};
use perwatt_record::workload_rules::{RuleError, check_entry};

/// A prefill pass of a small model, and the shapes of its products.
const PREFILL: &str = "llama8b-1of16-prefill8";
const PREFILL_SHAPES: &str = "8x384x256*32+8x256x256*32+8x1792x256*32+8x256x896*32+8x8016x256";

fn entry(name: &str, params: &[(&str, &str)], unit: Unit, work_per_step: u64) -> Entry {
    let mut entry = common::honest().plan.entries[0].clone();
    let of = |key| params.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    entry.id = match of("model").or(of("shape")) {
        Some(shape) => format!("{name}/{shape}/cpu/portable"),
        None => format!("{name}/cpu/portable"),
    };
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
            &[("model", PREFILL), ("shape", PREFILL_SHAPES)],
            Unit::Flop,
            2 * 8 * (32 * (256 * 384 + 256 * 256 + 256 * 1792 + 896 * 256) + 256 * 8016),
        ),
        entry(
            "gemv/f16",
            &vector("f16", "1x5x7"),
            Unit::Byte,
            6 * 7 * 2 + 5 * 4,
        ),
        entry("gemv/i8", &vector("i8", "1x5x7"), Unit::Byte, 6 * 7 + 5 * 4),
    ] {
        assert_eq!(check_entry(&good, &[]), Ok(()), "{}", good.id);
    }
}

#[test]
fn other_counting_is_rejected_and_named() {
    #[rustfmt::skip]
    let bad = [
        entry("sha256d", &[], Unit::Hash, 2),
        entry("sha256d", &[], Unit::Hash, 0),
        entry("sha256d", &[], Unit::Byte, 1),
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
        entry("matmul/f32", &[("shape", "3x5x7*1000")], Unit::Flop, 210_000),
        entry("matmul/f32", &[("shape", "3x5x7+3x5x7")], Unit::Flop, 420),
        entry("gemv/i8", &vector("i8", "1x5x7*2"), Unit::Byte, 124),
        entry("matmul/f16", &[("model", PREFILL), ("shape", "3x5x7")], Unit::Flop, 210),
        entry("matmul/f16", &[("model", "llama9b"), ("shape", "3x5x7")], Unit::Flop, 210),
        entry("gemv/f16", &vector("f16", "2x5x7"), Unit::Byte, 104),
        entry("gemv/f16", &vector("f17", "1x5x7"), Unit::Byte, 104),
        entry("gemv/i8", &vector("f64", "1x5x7"), Unit::Byte, 356),
        entry("matmul/f32", &[("shape", "03x5x7")], Unit::Flop, 210),
        entry("matmul/f32", &[("shape", "3x5x7"), ("dtype_in", "i8")], Unit::Flop, 210),
        entry(
            "matmul/f16",
            &[
                ("model", PREFILL),
                ("shape", PREFILL_SHAPES),
                ("tokens_per_step", "1000"),
            ],
            Unit::Flop,
            2 * 8 * (32 * (256 * 384 + 256 * 256 + 256 * 1792 + 896 * 256) + 256 * 8016),
        ),
        entry("gemv/f16", &vector("i8", "1x5x7"), Unit::Byte, 104),
        entry("stream/read", &[("array_bytes", "many")], Unit::Byte, 4096),
        entry("stream/triad", &[("array_bytes", "18446744073709551615")], Unit::Byte, 1),
    ];
    for entry in bad {
        let error = check_entry(&entry, &[]).unwrap_err();
        assert!(matches!(error, RuleError::Counting { .. }), "{error}");
        assert!(error.to_string().contains(&entry.id), "{error}");
    }
}

#[test]
fn a_workload_of_another_version_is_not_taken_at_its_word() {
    for unknown in [
        entry("fft/f32", &[], Unit::Flop, 12345),
        entry("sha512d", &[], Unit::Hash, 1),
        entry("matmul/f64", &[("shape", "3x5x7")], Unit::Flop, 210),
        Entry {
            workload: WorkloadKey {
                version: 99,
                ..entry("sha256d", &[], Unit::Hash, 1).workload
            },
            ..entry("sha256d", &[], Unit::Hash, 1)
        },
        entry("stream/scale", &[("array_bytes", "4096")], Unit::Byte, 8192),
        entry("", &[], Unit::Flop, 1),
    ] {
        let error = check_entry(&unknown, &[]).unwrap_err();
        assert!(
            matches!(error, RuleError::UnknownWorkload { .. }),
            "{error}"
        );
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
        let error = check_entry(&entry, &[]).unwrap_err();
        assert!(matches!(error, RuleError::Id { .. }), "{id:?}: {error}");
    }
    // The name of a larger product with the parameters of a small one.
    let mut entry = entry("matmul/f32", &[("shape", "64x64x64")], Unit::Flop, 2 << 18);
    assert_eq!(check_entry(&entry, &[]), Ok(()));
    for name in ["512x4096x4096", "square-2048"] {
        entry.id = format!("matmul/f32/{name}/cpu/portable");
        let error = check_entry(&entry, &[]).unwrap_err();
        assert!(matches!(error, RuleError::Id { .. }), "{name}: {error}");
    }
}
