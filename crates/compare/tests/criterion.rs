//! Criterion archives: a file is one process, and so one value for each benchmark.

use std::path::Path;

use perwatt_compare::model::Outcome;
use perwatt_compare::{Comparison, Input, Metric, Options, Remedy, Verdict, compare, load};
use perwatt_record::criterion::{Archive, Benchmark, Throughput};
use perwatt_record::fixture::Made;

fn archive(id: u32, s_per_iter: f64) -> Archive {
    let record = Made::one("x", 1, &[4e11; 2]).record();
    let times_ns = (1..=10).map(|iters| f64::from(iters) * s_per_iter * 1e9);
    let mut benchmark = Benchmark {
        group_id: "search".into(),
        function_id: Some("avx2".into()),
        value_str: None,
        full_id: "search/avx2".into(),
        title: "search/avx2".into(),
        throughput: vec![Throughput {
            unit: "element".into(),
            per_iter: 65536,
        }],
        sampling_mode: "Linear".into(),
        measured_utc: None,
        unverified: true,
        iters: (1..=10).collect(),
        times_ns: times_ns.collect(),
        median_s_per_iter: 0.0,
    };
    benchmark.median_s_per_iter = benchmark.derive_median_s().unwrap();
    Archive {
        schema: Archive::schema(),
        digest: String::new(),
        id: format!("{id:032x}"),
        label: "bench".into(),
        note: None,
        created_utc: format!("2026-11-24T08:00:{id:02}Z"),
        tool: record.tool,
        machine: Some(record.machine),
        host: Some(record.host),
        benchmarks: vec![benchmark],
    }
}

fn side(dir: &Path, label: &str, first: u32, times_s: &[f64]) -> Input {
    let dir = dir.join(label);
    for (i, time_s) in (0..).zip(times_s) {
        archive(first + i, *time_s).create(&dir).unwrap();
    }
    Input {
        label: Some(label.into()),
        path: dir,
    }
}

fn compared(a: &[f64], b: &[f64]) -> Comparison {
    let dir = tempfile::tempdir().unwrap();
    let inputs = [side(dir.path(), "a", 0, a), side(dir.path(), "b", 20, b)];
    let loaded = load(&inputs, false).unwrap();
    assert!(loaded.skipped.is_empty(), "{:?}", loaded.skipped);
    compare(&loaded, &Options::default()).unwrap()
}

#[test]
fn two_imports_show_a_ratio_and_decide_nothing() {
    let comparison = compared(&[1e-3], &[0.8e-3]);
    assert_eq!(comparison.tables[0].metric, Metric::Time);
    assert!(!comparison.tables[0].higher_is_better);
    let cell = &comparison.tables[0].rows[0].cells[1];
    let Outcome::Compared(found) = &cell.outcome else {
        panic!("{cell:?}");
    };
    assert_eq!(found.verdict, Verdict::Unclear);
    assert_eq!(found.remedy, Some(Remedy::AtLeast { runs: 4 }));
    assert!((found.ratio - 0.8).abs() < 1e-9);
    let is_said = |note: &String| note.contains("nothing verified");
    assert!(cell.notes.iter().any(is_said), "{:?}", cell.notes);
}

#[test]
fn several_processes_a_side_can_decide_and_less_time_is_better() {
    let slow = [1e-3, 1.001e-3, 1.002e-3, 1.003e-3];
    let fast = slow.map(|time_s| 0.9 * time_s);
    let comparison = compared(&slow, &fast);
    assert_eq!(comparison.count(Verdict::Better), 1);
    assert_eq!(compared(&fast, &slow).count(Verdict::Worse), 1);
}

#[test]
fn the_same_samples_imported_again_are_no_other_process() {
    let comparison = compared(&[1e-3; 4], &[1e-3]);
    let cells = &comparison.tables[0].rows[0].cells;
    assert_eq!(cells[0].figure.as_ref().unwrap().values.len(), 1);
    let Outcome::NotComparable { reason, .. } = &cells[1].outcome else {
        panic!("{cells:?}");
    };
    assert!(reason.contains("same runs"), "{reason}");
}

#[test]
fn times_never_face_rates() {
    let dir = tempfile::tempdir().unwrap();
    let record = Made::one("run", 9, &[4e11; 8]).record();
    let path = dir.path().join("run.json");
    std::fs::write(&path, record.to_bytes().unwrap()).unwrap();
    let run = Input { label: None, path };
    let inputs = [side(dir.path(), "a", 0, &[1e-3]), run];
    let comparison = compare(&load(&inputs, false).unwrap(), &Options::default()).unwrap();
    assert_eq!(comparison.compared().count(), 0);
    assert_eq!(comparison.unmatched.len(), 2);
}
