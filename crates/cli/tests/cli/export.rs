//! Output and exit codes of `perwatt export`.

use std::process::Stdio;

use perwatt_record::Record;
use perwatt_record::fixture::{Made, counter, crashed, derive_again};
use perwatt_record::tidy::COLUMNS;
use serde_json::Value;

use crate::records::resealed;
use crate::sandbox::{Sandbox, has, lacks, stderr, stdout};

/// Text that a table, a terminal or a spreadsheet may misinterpret.
const HOSTILE: &str = "=1+1, \"q\"\n;\u{1b}[2J\u{202e}\u{e9}";

fn bytes(record: &Record) -> Vec<u8> {
    record.to_bytes().unwrap()
}

/// Three runs by one meter, of which the last one failed.
fn with_a_failed_run() -> Record {
    let mut made = Made::one("x", 1, &[4e11, 5e11, 6e11]);
    made.meter = Some(counter("rapl", Some(0.03)));
    let mut record = made.record();
    record.runs[2].status = crashed();
    derive_again(&mut record);
    record
}

/// The header and the lines of a CSV.
fn csv(text: &str) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    (header, reader.records().map(Result::unwrap).collect())
}

fn ndjson(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap();
    text.lines().map(parse).collect()
}

/// Writes five sessions to `d`, one line each.
fn five(sandbox: &Sandbox) {
    for i in 0..5_u64 {
        let record = Made::one(&format!("s{i}"), i, &[4e11]).record();
        sandbox.put(&format!("d/{i}.json"), &record);
    }
}

#[test]
fn both_formats_hold_the_same_lines() {
    let sandbox = Sandbox::new();
    sandbox.put("results/a.json", &with_a_failed_run());
    // `results` is the default directory.
    let assert = sandbox.perwatt(["export"]).code(0);
    assert_eq!(stderr(&assert), "");
    let (header, lines) = csv(&stdout(&assert));
    assert_eq!(header.iter().collect::<Vec<_>>(), COLUMNS);
    let objects = sandbox.perwatt(["export", "--format", "ndjson"]).code(0);
    let objects = ndjson(&stdout(&objects));
    assert_eq!((lines.len(), objects.len()), (7, 7));
    for (line, object) in lines.iter().zip(&objects) {
        assert_eq!(object.as_object().unwrap().len(), COLUMNS.len());
        for (column, cell) in COLUMNS.iter().zip(line) {
            match &object[*column] {
                Value::Null => assert_eq!(cell, "", "{column}"),
                Value::String(text) => assert_eq!(cell, text, "{column}"),
                Value::Number(number) => {
                    let cell: f64 = cell.parse().unwrap();
                    assert_eq!(Some(cell), number.as_f64(), "{column}");
                }
                other => assert_eq!(cell, other.to_string(), "{column}"),
            }
        }
    }
}

#[test]
fn a_failed_run_has_a_line_without_a_value_and_says_why() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &with_a_failed_run());
    let args = ["export", "a.json", "--format", "ndjson"];
    let lines = ndjson(&sandbox.out(0, args));
    let of = |name: &str| lines.iter().map(|l| l[name].clone()).collect::<Vec<_>>();
    let metrics = ["rate", "energy", "power", "rate", "energy", "power", "rate"];
    assert_eq!(of("metric"), metrics);
    assert_eq!(of("unit")[..3], ["FLOP/s", "J/FLOP", "W"]);
    assert!((lines[0]["value"].as_f64().unwrap() / 4e11 - 1.0).abs() < 1e-6);
    let failed = &lines[6];
    assert_eq!(failed["run_status"], "failed");
    assert_eq!(failed["failure"], "signal 9");
    assert_eq!(failed["value"], Value::Null);
    // The lines are enough to judge a figure without its file.
    let energy = &lines[1];
    let expected = energy["energy_j"].as_f64().unwrap() / energy["work"].as_f64().unwrap();
    assert!((energy["value"].as_f64().unwrap() / expected - 1.0).abs() < 1e-9);
    assert_eq!(energy["meter"], "rapl");
    assert_eq!(energy["boundary"], "package");
    assert!(energy["uncertainty_rel"].as_f64().unwrap() >= 0.03);
    let params: Value = serde_json::from_str(energy["params"].as_str().unwrap()).unwrap();
    assert_eq!(params["shape"], energy["shape"]);
}

#[test]
fn hostile_text_is_defused_unless_it_is_asked_for_as_it_is() {
    let sandbox = Sandbox::new();
    let mut made = Made::one(HOSTILE, 1, &[4e11]);
    made.cpu = HOSTILE.into();
    sandbox.put("a.json", &made.record());
    let defused = "'=1+1, \"q\"\u{fffd};\u{fffd}[2J\u{fffd}\u{e9}";
    for (args, expected) in [
        (&["export", "a.json"][..], defused),
        (&["export", "a.json", "--raw"], HOSTILE),
    ] {
        let text = sandbox.out(0, args);
        let (header, lines) = csv(&text);
        assert_eq!(lines.len(), 1);
        for name in ["label", "cpu_model"] {
            let column = header.iter().position(|column| column == name).unwrap();
            assert_eq!(&lines[0][column], expected, "{name}");
        }
    }
    let args = ["export", "a.json", "--format", "ndjson"];
    let text = sandbox.out(0, args);
    assert_eq!(text.lines().count(), 1);
    lacks!(text, ['\u{1b}', '\u{202e}']);
    assert_eq!(ndjson(&text)[0]["label"], HOSTILE);
}

#[test]
fn a_newer_minor_version_is_read_and_another_major_one_is_not() {
    let sandbox = Sandbox::new();
    let record = bytes(&Made::one("x", 1, &[4e11]).record());
    let newer = resealed(&record, |document| {
        document["schema"]["minor"] = 99.into();
        document["new"] = "unknown".into();
        document["runs"][0]["new"] = 1.into();
    });
    sandbox.file("a.json", &newer);
    let (_, lines) = csv(&sandbox.out(0, ["export", "a.json"]));
    assert_eq!(lines.len(), 1);

    let other = resealed(&record, |document| document["schema"]["major"] = 2.into());
    sandbox.file("b.json", &other);
    let assert = sandbox.perwatt(["export", "a.json", "b.json"]).code(2);
    has!(stderr(&assert), "perwatt-record 2.");
    assert_eq!(csv(&stdout(&assert)).1.len(), 1);
}

#[test]
fn a_bad_file_among_five_good_ones_is_named_and_skipped() {
    let sandbox = Sandbox::new();
    five(&sandbox);
    let good = bytes(&Made::one("x", 9, &[4e11]).record());
    let forged = resealed(&good, |document| {
        let rate = &mut document["runs"][0]["measured"]["rate_per_s"];
        *rate = (2.0 * rate.as_f64().unwrap()).into();
    });
    let of_another_kind = br#"{"schema": {"name": "hyperfine"}}"#;
    let nested = "[".repeat(100_000);
    for (bad, code, said) in [
        (&of_another_kind[..], 2, "is not a perwatt record"),
        (b"[1, 2]", 2, "is not a perwatt record"),
        (b"", 2, "is not a perwatt record"),
        (&good[..good.len() / 2], 2, "is damaged"),
        (nested.as_bytes(), 2, "is not a perwatt record"),
        (&forged, 4, "not verified"),
    ] {
        sandbox.file("d/2b.json", bad);
        let assert = sandbox.perwatt(["export", "d"]).code(code);
        let errors = stderr(&assert);
        has!(errors, "2b.json", said);
        assert_eq!(errors.lines().count(), 1, "{errors}");
        let (header, lines) = csv(&stdout(&assert));
        let label = header.iter().position(|name| name == "label").unwrap();
        let labels: Vec<&str> = lines.iter().map(|line| &line[label]).collect();
        assert_eq!(labels, ["s0", "s1", "s2", "s3", "s4"]);

        has!(sandbox.err(0, ["export", "d", "--keep-going"]), said);
    }
}

#[test]
fn exporting_nothing_is_never_success() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.file("bad.json", "{}");
    for args in [
        &["export", "empty"][..],
        &["export", "bad.json", "--keep-going"],
        &["export", "empty", "--out", "new.csv"],
    ] {
        let assert = sandbox.perwatt(args).code(3);
        let errors = stderr(&assert);
        has!(errors, "nothing was exported");
        assert_eq!(stdout(&assert), "");
    }
    assert!(!sandbox.path("new.csv").exists());
    has!(sandbox.err(2, ["export", "missing"]), "missing");
    sandbox.ends(2, ["export"]);
}

#[test]
fn a_file_is_written_whole_and_never_over_another() {
    let sandbox = Sandbox::new();
    five(&sandbox);
    let printed = sandbox.out(0, ["export", "d"]);
    let args = ["export", "d", "--out", "runs.csv"];
    assert_eq!(sandbox.out(0, args), "");
    let written = || std::fs::read_to_string(sandbox.path("runs.csv")).unwrap();
    assert_eq!(written(), printed);

    sandbox.file("runs.csv", "mine");
    let errors = sandbox.err(2, args);
    has!(errors, "choose a new file");
    assert_eq!(written(), "mine");
    let left = std::fs::read_dir(sandbox.path("")).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.ends_with(".tmp")).count(), 0);
}

#[test]
fn more_files_than_are_read_at_once_come_in_the_order_of_their_paths() {
    let sandbox = Sandbox::new();
    let record = bytes(&Made::one("x", 1, &[4e11]).record());
    for i in 0..150 {
        sandbox.file(&format!("d/{i:03}.json"), &record);
    }
    let (header, lines) = csv(&sandbox.out(0, ["export", "d"]));
    assert_eq!(&header[0], "file");
    let names: Vec<&str> = lines.iter().map(|line| &line[0]).collect();
    assert_eq!(names.len(), 150);
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let sandbox = Sandbox::new();
    five(&sandbox);
    let mut command = sandbox.command(["export", "d"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), errors.as_ref()), (Some(0), ""));
}
