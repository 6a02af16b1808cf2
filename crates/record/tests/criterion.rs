//! Import and archives of criterion's directory. The files in `tests/criterion/` were
//! written by criterion 0.8.2 (`cargo bench --bench sha256d`, on a busy machine) and are
//! unchanged.

use std::fs;
use std::path::{Path, PathBuf};

use perwatt_host::{Environment, MachineKey};
use perwatt_record::criterion::{self, Archive, Benchmark, ImportError, Loaded, check, collect};
use perwatt_record::schema::Tool;
use perwatt_record::{ReadError, WriteError, digest, file, light};
use serde_json::{Value, json};

/// The directory of files that criterion wrote.
fn real() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/criterion")
}

fn benchmarks(dir: &Path) -> Vec<Benchmark> {
    let found = collect(dir).unwrap().into_iter();
    found.map(|found| found.benchmark.unwrap()).collect()
}

/// A directory with one benchmark, its three files edited by `edit`.
fn edited(edit: impl FnOnce(&mut Value, &mut Value, &mut Value)) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("g/f/new");
    fs::create_dir_all(&new).unwrap();
    let mut id = json!({
        "group_id": "g", "function_id": "f", "value_str": "7",
        "throughput": { "ElementsAndBytes": { "elements": 3, "bytes": 12 } },
        "full_id": "g/f/7", "directory_name": "g/f/7", "title": "g/f/7",
    });
    let mut sample = json!({
        "sampling_mode": "Flat", "iters": [10.0, 10.0, 20.0], "times": [100.0, 300.0, 400.0],
    });
    let mut estimates = json!({ "median": { "point_estimate": 20.0 } });
    edit(&mut id, &mut sample, &mut estimates);
    for (name, value) in [
        ("benchmark.json", id),
        ("sample.json", sample),
        ("estimates.json", estimates),
    ] {
        if !value.is_null() {
            fs::write(new.join(name), value.to_string()).unwrap();
        }
    }
    dir
}

fn error(dir: &Path) -> ImportError {
    let mut found = collect(dir).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].dir.ends_with("g/f/new"));
    found.remove(0).benchmark.unwrap_err()
}

fn archive(benchmarks: Vec<Benchmark>, foreign: bool) -> Archive {
    let host = (!foreign).then(|| Environment::collect(Path::new("/nowhere")));
    Archive {
        schema: Archive::schema(),
        digest: String::new(),
        id: "0123456789abcdef".repeat(2),
        label: "my bench/1".into(),
        note: None,
        created_utc: "2026-11-26T23:59:58.5Z".into(),
        tool: Tool {
            name: "perwatt".into(),
            version: "0.1.0".into(),
            git: None,
            rustc: "rustc 1.95.0".into(),
            target: "x86_64-unknown-linux-gnu".into(),
            profile: "release".into(),
            rustflags: String::new(),
            target_features: String::new(),
        },
        machine: host.as_ref().map(MachineKey::of),
        host,
        benchmarks,
    }
}

/// The archive after writing and reading, with its document edited and sealed again.
fn forged(edit: impl FnOnce(&mut Value)) -> Loaded {
    let mut document = serde_json::to_value(archive(benchmarks(&real()), false)).unwrap();
    edit(&mut document);
    document["digest"] = digest::of_document(&document).unwrap().into();
    criterion::parse(Path::new("x.json"), document.to_string().as_bytes()).unwrap()
}

#[test]
fn what_criterion_wrote_is_read() {
    let found = benchmarks(&real());
    let ids: Vec<&str> = found.iter().map(|b| b.full_id.as_str()).collect();
    assert_eq!(ids, ["sha256d/portable", "sha256d/sha2 crate, naive loop"]);
    let portable = &found[0];
    assert_eq!(portable.group_id, "sha256d");
    assert_eq!(portable.function_id, None);
    assert_eq!(portable.value_str.as_deref(), Some("portable"));
    assert_eq!(
        found[1].function_id.as_deref(),
        Some("sha2 crate, naive loop")
    );
    for benchmark in &found {
        assert_eq!(benchmark.throughput.len(), 1);
        assert_eq!(benchmark.throughput[0].unit, "element");
        assert_eq!(benchmark.throughput[0].per_iter, 1 << 15);
        assert_eq!(benchmark.iters.len(), 20);
        assert!(benchmark.unverified);
        assert!(benchmark.measured_utc.as_ref().unwrap().starts_with("20"));
        // Between 0.1 and 100 ms for the 32768 hashes of an iteration.
        assert!((1e-4..1e-1).contains(&benchmark.median_s_per_iter));
    }
}

#[test]
fn times_are_divided_by_iterations_and_units_named() {
    let dir = edited(|_, _, _| ());
    let [benchmark] = &benchmarks(dir.path())[..] else {
        panic!("one benchmark");
    };
    assert_eq!(benchmark.iters, [10, 10, 20]);
    assert!((benchmark.median_s_per_iter - 20e-9).abs() < 1e-20);
    let lines = criterion::lines("x.json", &archive(vec![benchmark.clone()], true));
    let figures: Vec<(&str, &str, f64)> = lines
        .iter()
        .map(|line| (line.metric, line.unit.as_str(), line.value.unwrap()))
        .collect();
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    assert_eq!((figures[0].0, figures[0].1), ("time", "s/iter"));
    assert_eq!((figures[1].0, figures[1].1), ("rate", "element/s"));
    assert_eq!((figures[2].0, figures[2].1), ("rate", "B/s"));
    assert!(near(figures[0].2, 20e-9) && near(figures[1].2, 1.5e8) && near(figures[2].2, 6e8));
    assert!(lines.iter().all(|line| {
        line.suite == "criterion"
            && !line.verified
            && line.machine_key.is_none()
            && line.params == "{\"value\":\"7\"}"
            && line.time_s.is_some_and(|time_s| near(time_s, 800e-9))
    }));
}

#[test]
fn a_form_that_is_not_known_is_refused_with_its_file() {
    type Edit = fn(&mut Value, &mut Value, &mut Value);
    #[rustfmt::skip]
    let cases: [(Edit, &str); 7] = [
        (|id, _, _| id["throughput"] = json!({ "Furlongs": 3 }), "benchmark.json"),
        (|id, _, _| id["group_id"] = json!(null), "benchmark.json"),
        (|_, sample, _| sample["times"] = json!({ "ns": [1.0] }), "sample.json"),
        (|_, sample, _| sample["times"] = json!([1.0, null, 2.0]), "sample.json"),
        (|_, sample, _| *sample = json!([]), "sample.json"),
        (|_, _, estimates| estimates["median"] = json!(20.0), "estimates.json"),
        (|id, _, _| *id = json!("text"), "benchmark.json"),
    ];
    for (edit, name) in cases {
        let error = error(edited(edit).path());
        assert!(matches!(error, ImportError::Form { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    // Unknown fields are accepted.
    let dir = edited(|id, sample, _| {
        id["new"] = json!(1);
        sample["new"] = json!([1]);
    });
    assert_eq!(benchmarks(dir.path()).len(), 1);
}

#[test]
fn samples_that_are_none_are_refused() {
    type Edit = fn(&mut Value, &mut Value, &mut Value);
    let cases: [Edit; 6] = [
        |_, sample, _| sample["iters"] = json!([10.0, 10.0]),
        |_, sample, _| sample["iters"] = json!([10.0, 0.0, 20.0]),
        |_, sample, _| sample["iters"] = json!([10.0, 1.5, 20.0]),
        |_, sample, _| sample["times"] = json!([10.0, -1.0, 20.0]),
        |_, sample, _| sample["times"] = json!([0.0, 0.0, 0.0]),
        |_, sample, _| (sample["times"], sample["iters"]) = (json!([]), json!([])),
    ];
    for edit in cases {
        let error = error(edited(edit).path());
        assert!(matches!(error, ImportError::Samples { .. }), "{error}");
    }
    let missing = error(edited(|_, _, estimates| *estimates = Value::Null).path());
    assert!(matches!(missing, ImportError::Io(_)), "{missing}");
    let missing = error(edited(|id, _, _| *id = Value::Null).path());
    assert!(matches!(missing, ImportError::Io(_)), "{missing}");
    let apart = edited(|_, _, estimates| estimates["median"]["point_estimate"] = json!(21.0));
    assert!(matches!(error(apart.path()), ImportError::Apart { .. }));
    // Groups with this prefix hold joules by the convention of this workspace.
    let joules = edited(|id, _, _| id["group_id"] = json!("energy sha256d"));
    assert!(matches!(error(joules.path()), ImportError::NotTimes { .. }));
}

#[test]
fn only_what_was_measured_last_counts() {
    let dir = edited(|_, _, _| ());
    let from = dir.path().join("g/f/new");
    for other in ["g/f/base", "g/f/report", "g/new/new"] {
        let to = dir.path().join(other);
        fs::create_dir_all(&to).unwrap();
        for name in ["benchmark.json", "sample.json", "estimates.json"] {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
    // A function that is called `new` has its own directory of that name.
    assert_eq!(benchmarks(dir.path()).len(), 2);
    assert!(collect(&dir.path().join("missing")).is_err());
    assert!(
        collect(tempfile::tempdir().unwrap().path())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_archive_is_written_once_and_read_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut written = archive(benchmarks(&real()), false);
    let path = written.create(dir.path()).unwrap();
    let key: String = written
        .machine
        .as_ref()
        .unwrap()
        .key
        .chars()
        .take(8)
        .collect();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(
        name,
        format!("20261126T235958Z_my-bench-1_{key}_012345.json")
    );
    let loaded = criterion::read(&path).unwrap();
    assert_eq!(loaded.archive, written);
    let report = check(&loaded);
    assert!(!report.failed() && !report.incomplete(), "{report:#?}");
    let again = written.create(dir.path()).unwrap_err();
    assert!(matches!(again, WriteError::Io { .. }), "{again}");

    let mut foreign = archive(benchmarks(&real()), true);
    let path = foreign.create(dir.path()).unwrap();
    assert!(
        path.to_str()
            .unwrap()
            .ends_with("_my-bench-1_foreign_012345.json")
    );
    let read = criterion::read(&path).unwrap();
    assert_eq!((read.archive.machine, read.archive.host), (None, None));
}

#[test]
fn it_is_no_record_and_a_record_is_none_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(benchmarks(&real()), false)
        .create(dir.path())
        .unwrap();
    for error in [
        file::read(&path).unwrap_err(),
        light::read(&path).unwrap_err(),
    ] {
        assert!(
            matches!(error, ReadError::CriterionArchive { .. }),
            "{error}"
        );
        assert!(!error.is_damage());
        assert!(
            error
                .to_string()
                .contains("a criterion archive, not a record")
        );
    }
    for (schema, said) in [
        (
            json!({ "name": "perwatt-record", "major": 1, "minor": 0 }),
            "perwatt-criterion",
        ),
        (
            json!({ "name": "perwatt-criterion", "major": 2, "minor": 1 }),
            "2.1",
        ),
        (json!(null), "perwatt-criterion"),
    ] {
        let text = json!({ "schema": schema }).to_string();
        let error = criterion::parse(Path::new("x"), text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    let text = std::fs::read(&path).unwrap();
    let cut = criterion::parse(Path::new("x"), &text[..text.len() / 2]).unwrap_err();
    assert!(cut.is_damage());
}

#[test]
fn every_edit_of_an_archive_shows() {
    type Edit = fn(&mut Value);
    assert!(!check(&forged(|_| ())).failed());
    let newer: Edit = |d| {
        d["schema"]["minor"] = json!(9);
        d["new"] = json!(1);
    };
    assert!(!check(&forged(newer)).failed());
    #[rustfmt::skip]
    let edits: [(Edit, &str); 6] = [
        (|d| d["benchmarks"] = json!([]), "structure"),
        (|d| d["benchmarks"][0]["iters"][0] = json!(0), "structure"),
        (|d| d["benchmarks"][0]["times_ns"] = json!([1.0]), "structure"),
        (|d| d["benchmarks"][1]["times_ns"][0] = json!(-1.0), "structure"),
        (|d| d["benchmarks"][0]["median_s_per_iter"] = json!(1.0), "median"),
        (|d| d["benchmarks"][0]["unverified"] = json!(false), "unverified"),
    ];
    for (edit, rule) in edits {
        let report = check(&forged(edit));
        let broken = report
            .lines
            .iter()
            .find(|line| line.outcome == perwatt_record::check::Outcome::Fail);
        assert!(broken.unwrap().rule.contains(rule), "{report:#?}");
    }
    let mut unsealed = forged(|_| ());
    unsealed.digest = "sha256:0".into();
    assert!(check(&unsealed).failed());
}

#[test]
fn a_directory_of_criterions_is_read_once_and_what_is_in_it_twice_is_refused() {
    let dir = edited(|_, _, _| ());
    let new = dir.path().join("g/f/new");
    #[cfg(unix)]
    for (link, to) in [("g/up", ".."), ("g/f/again", "new")] {
        std::os::unix::fs::symlink(to, dir.path().join(link)).unwrap();
    }
    assert_eq!(benchmarks(dir.path()).len(), 1);
    assert_eq!(benchmarks(&new).len(), 1);

    let sample = new.join("sample.json");
    let text = fs::read_to_string(&sample).unwrap();
    let doubled = text.replacen("\"times\"", "\"later\": 1, \"later\": 2, \"times\"", 1);
    fs::write(&sample, doubled).unwrap();
    let said = error(dir.path()).to_string();
    assert!(
        said.contains("sample.json has the key \"later\" twice"),
        "{said}"
    );
    for (broken, named) in [
        ("[".repeat(100_000), "recursion limit"),
        (text.replacen("100.0", "NaN", 1), "form"),
        (text.replacen("100.0", "1e999", 1), "out of range"),
        (text.replacen("100.0", "-1.0", 1), "positive"),
    ] {
        fs::write(&sample, broken).unwrap();
        let said = error(dir.path()).to_string();
        assert!(said.contains(named), "{said}");
    }
    fs::remove_file(&sample).unwrap();
    #[cfg(unix)]
    {
        let _listening = std::os::unix::net::UnixListener::bind(&sample).unwrap();
        let said = error(dir.path()).to_string();
        assert!(said.contains("sample.json: it is a socket"), "{said}");
    }
}
