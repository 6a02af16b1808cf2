//! `perwatt import-criterion`, and the handling of its files by other commands.

use std::path::{Path, PathBuf};

use perwatt_record::fixture::Made;
use serde_json::Value;

use crate::records::{document, edited, resealed};
use crate::sandbox::{Sandbox, has, lacks, printed_path, stderr, stdout, word, words};

/// The original output of `cargo bench --bench sha256d`.
const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../record/tests/criterion");

/// The archive of [`REAL`].
fn imported(sandbox: &Sandbox) -> PathBuf {
    let assert = sandbox.perwatt(["import-criterion", REAL]).code(0);
    assert_eq!(stderr(&assert), "");
    printed_path(sandbox, &assert)
}

/// A copy of [`REAL`] that may be edited.
fn copied(sandbox: &Sandbox, to: &str) {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            match entry.path().is_dir() {
                true => copy(&entry.path(), &to),
                false => drop(std::fs::copy(entry.path(), to).unwrap()),
            }
        }
    }
    copy(Path::new(REAL), &sandbox.path(to));
}

#[test]
fn what_cargo_bench_measured_is_archived_shown_and_checked() {
    let sandbox = Sandbox::new();
    // The directory that cargo writes to, and the directory of archives.
    copied(&sandbox, "target/criterion");
    let args = words("import-criterion --label nightly --note n\u{1b}[2J");
    let assert = sandbox.perwatt(args).code(0);
    let text = stdout(&assert);
    has!(
        text,
        "sha256d/portable",
        "Melement/s",
        "one process",
        "note: n\u{fffd}[2J"
    );
    let path = printed_path(&sandbox, &assert);
    assert_eq!(sandbox.result_files(), std::slice::from_ref(&path));
    let name = path.file_name().unwrap().to_str().unwrap();
    has!(name, "_nightly_");

    let shown = stdout(&sandbox.about("show", &path).code(0));
    assert!(text.starts_with(&shown), "{shown}");
    let args = ["show".as_ref(), path.as_os_str(), "--format=json".as_ref()];
    let document = sandbox.json(0, args);
    assert_eq!(document["schema"]["name"], "perwatt-criterion");
    assert!(document["machine"]["key"].is_string());
    assert!(document["host"]["cpu"].is_object());
    assert_eq!(document["benchmarks"][0]["unverified"], true);

    let checked = stdout(&sandbox.about("check", &path).code(0));
    has!(checked, "NOT VERIFIED by criterion");
}

#[test]
fn benchmarks_from_elsewhere_name_no_machine() {
    let sandbox = Sandbox::new();
    let args = ["import-criterion", REAL, "--foreign", "--out", "other"];
    let assert = sandbox.perwatt(args).code(0);
    has!(stdout(&assert), "machine not known");
    let path = printed_path(&sandbox, &assert);
    assert!(path.to_str().unwrap().contains("_criterion_foreign_"));
    let document = document(&std::fs::read(path).unwrap());
    assert_eq!(document["machine"], Value::Null);
    assert_eq!(document["host"], Value::Null);
}

#[test]
fn it_is_exported_beside_records_and_compared_with_none() {
    let sandbox = Sandbox::new();
    imported(&sandbox);
    let record = Made::one("x", 1, &[4e11, 5e11]).record();
    sandbox.put("results/z.json", &record);
    let assert = sandbox.perwatt(["export", "--format", "ndjson"]).code(0);
    assert_eq!(stderr(&assert), "");
    let text = stdout(&assert);
    let lines: Vec<Value> = text.lines().map(|line| document(line.as_bytes())).collect();
    let told = lines
        .iter()
        .map(|line| (word(&line["suite"]), word(&line["unit"])));
    let bench = [("criterion", "s/iter"), ("criterion", "element/s")];
    let runs = [("quick", "FLOP/s"); 2];
    assert!(told.eq([&bench[..], &bench, &runs].concat()), "{text}");
    assert_eq!(lines[0]["metric"], "time");
    assert_eq!(lines[0]["verified"], false);
    assert_eq!(lines[0]["threads"], Value::Null);
    let rate = lines[1]["value"].as_f64().unwrap() * lines[0]["value"].as_f64().unwrap();
    assert!((rate / 32768.0 - 1.0).abs() < 1e-9);
    let csv = sandbox.out(0, ["export"]);
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(table.records().count(), 6);

    let bench = sandbox.result_files().remove(0);
    let args = ["compare", bench.to_str().unwrap(), "results/z.json"];
    let compared = sandbox.perwatt(args).code(3);
    let errors = stderr(&compared);
    has!(errors, "nothing was compared");
    let text = stdout(&compared);
    has!(text, "only in criterion: time of sha256d/portable");
}

#[test]
fn an_archive_that_was_edited_shows_everywhere() {
    let sandbox = Sandbox::new();
    let path = imported(&sandbox);
    let bytes = std::fs::read(&path).unwrap();
    let slower = |d: &mut Value| d["benchmarks"][0]["median_s_per_iter"] = 1.0.into();
    for (bytes, said) in [
        (edited(&bytes, slower), "digest"),
        (resealed(&bytes, slower), "median"),
    ] {
        sandbox.file("edited.json", bytes);
        let checked = sandbox.out(4, ["check", "edited.json"]);
        has!(checked, said);
        assert!(checked.ends_with("NOT VERIFIED\n"), "{checked}");
        has!(sandbox.err(4, ["export", "edited.json"]), "not verified");
    }
    let path = sandbox.file("edited.json", edited(&bytes, slower));
    let shown = stdout(&sandbox.about("show", &path).code(0));
    has!(shown, "WARNING");
    let half = sandbox.file("half.json", &bytes[..bytes.len() / 2]);
    sandbox.about("show", &half).code(4);
}

#[test]
fn what_cannot_be_read_is_named_and_skipped() {
    let sandbox = Sandbox::new();
    copied(&sandbox, "c");
    let new = sandbox.path("c/sha256d/portable/new");
    std::fs::write(new.join("sample.json"), r#"{"sampling_mode":"Log"}"#).unwrap();
    let assert = sandbox.perwatt(["import-criterion", "c"]).code(2);
    let errors = stderr(&assert);
    has!(errors, "portable", "sample.json");
    // The other benchmarks are archived nevertheless.
    let text = stdout(&assert);
    has!(text, "naive loop");
    lacks!(text, "sha256d/portable");
    sandbox.ends(0, ["import-criterion", "c", "--keep-going"]);

    // A benchmark that is known to hold joules is left out, which is not an error.
    copied(&sandbox, "c");
    let id = new.join("benchmark.json");
    let text = std::fs::read_to_string(&id).unwrap();
    let text = text.replace(r#""group_id":"sha256d""#, r#""group_id":"energy sha256d""#);
    std::fs::write(&id, text).unwrap();
    let assert = sandbox.perwatt(["import-criterion", "c"]).code(0);
    has!(stderr(&assert), "joules");
}

#[test]
fn importing_nothing_is_an_error_that_names_the_directory() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("empty/g/f/report")).unwrap();
    for (args, said) in [
        (&["import-criterion"][..], "target/criterion"),
        (&["import-criterion", "empty"], "empty"),
        (&["import-criterion", "empty", "--keep-going"], "empty"),
    ] {
        let assert = sandbox.perwatt(args).code(2);
        let errors = stderr(&assert);
        has!(errors, said, "cargo bench");
        assert_eq!(stdout(&assert), "");
    }
    let long = "x".repeat(5000);
    sandbox.ends(2, ["import-criterion", REAL, "--label", &long]);
    assert!(sandbox.result_files().is_empty());
}
