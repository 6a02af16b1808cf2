//! Untrusted text in a record, a file name or an argument: in all commands and formats,
//! none of it acts on the screen, the page or the table.

use std::path::Path;
use std::process::Output;

use perwatt_host::MachineKey;
use perwatt_record::Record;
use perwatt_record::check::check;
use perwatt_record::file;
use perwatt_record::fixture::{Made, counter, derive_again};
use perwatt_report::plain::is_unseen;
use serde_json::Value;

use crate::records::{document, eight_above, resealed};
use crate::sandbox::{Sandbox, ended, has};

/// Each kind of character that acts on a screen, markup of HTML and Markdown, and a
/// formula.
const HOSTILE: &str = "=cmd|\u{1b}[2J\u{9b}31m\u{85}\u{7f}\u{8}\r\n\t\u{202e}\u{2066}\u{200b}\u{200d}\u{61c}\u{2028}\u{2029}\u{feff}\u{ad}\u{e0041}<img src=x>![a](b)`c`;=1+1";

/// The part of [`HOSTILE`] that must not occur in a page or a Markdown text.
const MARKUP: &str = "<img";

/// Texts that stay unchanged, since they decide which records are comparable.
const KEPT: [&str; 3] = ["/workload/name", "/device", "/schema/name"];

fn record(id: u64) -> Record {
    let mut made = Made::one("x", id, &eight_above(4e11));
    made.meter = Some(counter("rapl", None));
    let mut record = made.record();
    record.session.note = Some("n".into());
    let hostile = || (HOSTILE.to_owned(), HOSTILE.to_owned());
    record.session.segments[0].settings.extend([hostile()]);
    record.plan.entries[0].workload.params.extend([hostile()]);
    record.plan.entries[0].backend_warning = Some("w".into());
    record.meters[0].notes.push("n".into());
    sound_again(&mut record);
    record
}

/// Recomputes the fields that are derived from the rest of a record.
fn sound_again(record: &mut Record) {
    record.machine = MachineKey::of(&record.host);
    derive_again(record);
}

/// The JSON pointers to all texts of a document.
fn texts(of: &Value, at: &str, found: &mut Vec<String>) {
    match of {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(all) => {
            for (i, value) in all.iter().enumerate() {
                texts(value, &format!("{at}/{i}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                texts(value, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// A record with hostile text in each field that allows it: with `sound`, in each that
/// leaves the record verified, else in each that leaves it readable.
fn hostile(id: u64, sound: bool) -> Vec<u8> {
    let mut document = serde_json::to_value(record(id)).unwrap();
    let mut pointers = Vec::new();
    texts(&document, "", &mut pointers);
    pointers.retain(|pointer| !KEPT.iter().any(|end| pointer.ends_with(end)));
    let replaced = replace(&mut document, &pointers, sound);
    assert!(replaced > 20, "{replaced} of {}", pointers.len());
    serde_json::to_vec(&document).unwrap()
}

/// Replaces as many of these texts as are accepted, all at once if possible; returns their
/// number.
fn replace(document: &mut Value, pointers: &[String], sound: bool) -> usize {
    let mut tried = document.clone();
    for pointer in pointers {
        *tried.pointer_mut(pointer).unwrap() = HOSTILE.into();
    }
    if let Some(kept) = accepted(&tried, sound) {
        *document = kept;
        return pointers.len();
    }
    match pointers.split_at(pointers.len() / 2) {
        ([], _) => 0,
        (left, right) => replace(document, left, sound) + replace(document, right, sound),
    }
}

fn accepted(document: &Value, sound: bool) -> Option<Value> {
    let parse = |bytes: &[u8]| file::parse(Path::new("x"), bytes);
    let mut bytes = serde_json::to_vec(document).unwrap();
    if sound {
        let mut record = parse(&bytes).ok()?.record;
        sound_again(&mut record);
        bytes = record.to_bytes().unwrap();
        if check(&parse(&bytes).ok()?).failed() {
            return None;
        }
    } else {
        bytes = resealed(&bytes, |_| {});
        parse(&bytes).ok()?;
    }
    serde_json::from_slice(&bytes).ok()
}

/// Runs a command and checks each character of its output.
fn harmless(sandbox: &Sandbox, args: &[&str]) -> String {
    let Output { stdout, stderr, .. } = ended(sandbox.command(args)).get_output().clone();
    for bytes in [&stdout, &stderr] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{args:?}: {e}"));
        let acts = |c: char| c != '\n' && is_unseen(c);
        if let Some(at) = text.find(acts) {
            let before: String = text[..at].chars().rev().take(60).collect();
            let before: String = before.chars().rev().collect();
            panic!("{args:?}: {:?} after {before:?}", text[at..].chars().next());
        }
    }
    String::from_utf8(stdout).unwrap()
}

/// Two sound records, two that fail verification, and a file that is not a record.
fn files(sandbox: &Sandbox) -> [&'static str; 5] {
    let names = [
        "d/a\u{1b}[31m\u{202e}.json",
        "d/b.json",
        "e/c\u{9b}2J.json",
        "e/d.json",
        "e/\u{200b}none.json",
    ];
    for dir in ["d", "e"] {
        std::fs::create_dir(sandbox.path(dir)).unwrap();
    }
    for (name, id) in names.iter().zip(1..=4) {
        sandbox.file(name, hostile(id, id < 3));
    }
    sandbox.file(names[4], format!("{{\"schema\": {HOSTILE:?}"));
    names
}

#[test]
fn hostile_records_go_through_every_command_and_format() {
    let sandbox = Sandbox::new();
    let names = files(&sandbox);
    let labelled = format!("{HOSTILE}={}", names[0]);
    for name in names {
        for args in [
            &["show", name][..],
            &["show", name, "--format", "json"],
            &["check", name],
            &["check", name, "--format", "json"],
            &["report", name],
            &["run", "--resume", name],
            &["run", "--resume", name, "--dry-run"],
        ] {
            let printed = harmless(&sandbox, args);
            assert!(args[0] != "report" || !printed.contains(MARKUP), "{args:?}");
        }
    }
    for format in ["text", "md", "csv", "json", "html"] {
        for input in [&names[..2], &["d", "e"], &[&labelled, names[1]]] {
            let args = [&["compare", "--format", format, "--explain"], input].concat();
            let printed = harmless(&sandbox, &args);
            let free = ["text", "csv", "json"].contains(&format);
            let markup = printed.replace("\\<img", "").contains(MARKUP);
            assert!(free || !markup, "{args:?}: {printed}");
            if format == "csv" {
                no_formula(&printed);
            }
        }
    }
    for by in ["machine", "device", "backend", "session"] {
        harmless(&sandbox, &["compare", "d", "--by", by]);
    }
    for format in ["text", "json"] {
        harmless(&sandbox, &["history", "d", "e", "--format", format]);
    }
    for format in ["text", "md", "json", "html"] {
        harmless(&sandbox, &["gap", "d", "e", "--format", format]);
    }
    for format in ["csv", "ndjson"] {
        let printed = harmless(&sandbox, &["export", "d", "e", "--format", format]);
        match format {
            "csv" => no_formula(&printed),
            _ => printed.lines().for_each(|line| {
                serde_json::from_str::<Value>(line).unwrap();
            }),
        }
    }
    let compared = harmless(&sandbox, &["compare", names[0], names[1]]);
    has!(compared, "SAME");
}

/// Checks that no text of a table begins like a formula; figures may have a sign.
fn no_formula(csv: &str) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for cell in reader.records().flat_map(|line| {
        let line = line.unwrap();
        line.iter().map(str::to_owned).collect::<Vec<_>>()
    }) {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!formula || cell.parse::<f64>().is_ok(), "{cell:?}");
    }
}

#[test]
fn json_escapes_and_loses_nothing() {
    let sandbox = Sandbox::new();
    let names = files(&sandbox);
    let printed = harmless(&sandbox, &["show", names[0], "--format", "json"]);
    let file = std::fs::read(sandbox.path(names[0])).unwrap();
    let printed = document(printed.as_bytes());
    assert_eq!(printed, document(&file));
    assert_eq!(printed["session"]["label"], HOSTILE);
}

#[test]
fn hostile_arguments_and_other_files_are_harmless_too() {
    let sandbox = Sandbox::new();
    // An argument cannot hold a NUL, and this text has none.
    let log = sandbox.file("l\u{9b}og.csv", format!("time,{HOSTILE:?}\n1,2\n"));
    let meter = format!("csv={},boundary=wall,name={HOSTILE}", log.display());
    let escape = |c| format!("\\U{:08x}", u32::from(c));
    let escaped: String = HOSTILE.chars().map(escape).collect();
    let example = harmless(&sandbox, &["site", "--example", "20mw"]);
    let example = example.replace("20 MW mining site", &escaped);
    sandbox.file("s\u{9b}.toml", example);
    sandbox.file("s.json", serde_json::to_vec(&record(1)).unwrap());
    let catalogue = harmless(&sandbox, &["catalogue", "asics", "--format", "csv"]);
    let mut lines = catalogue.lines();
    let (header, row) = (lines.next().unwrap(), lines.next().unwrap());
    let model = format!("\"{HOSTILE}\"");
    let row = row.replacen("Antminer S23 XP Hyd", &model, 1);
    let row = row.replacen("Antminer", &model, 1);
    sandbox.file("c\u{9b}.csv", format!("{header}\n{row}\n"));
    #[rustfmt::skip]
    let cases = [
        &[HOSTILE][..],
        &["run", HOSTILE],
        &["run", "--workload", HOSTILE, "--dry-run"],
        &["run", "--device", HOSTILE, "--dry-run"],
        &["run", "--backend", HOSTILE, "--dry-run"],
        &["run", "--meter", HOSTILE, "--dry-run"],
        &["run", "--suite", HOSTILE],
        &["run", "--out", HOSTILE, "--resume", HOSTILE],
        &["search", HOSTILE],
        &["show", HOSTILE],
        &["compare", HOSTILE],
        &["compare", "s.json", "--baseline", HOSTILE],
        &["compare", "s.json", "--filter", HOSTILE],
        &["compare", "s.json", "--allow-differ", HOSTILE],
        &["export", HOSTILE],
        &["gap", "s.json", "--asic", HOSTILE],
        &["gap", "s.json", "--accelerator", HOSTILE],
        &["join", "s.json", "--meter", &meter],
        &["import-criterion", HOSTILE],
        &["site", "s\u{9b}.toml", "--draws", "100"],
        &["site", "s\u{9b}.toml", "--draws", "100", "--format", "md"],
        &["site", "s\u{9b}.toml", "--draws", "100", "--format", "json"],
        &["site", "s\u{9b}.toml", "--draws", "100", "--format", "html"],
        &["site", "s\u{9b}.toml", "--set", HOSTILE],
        &["report", "s.json", "--scenario", "s\u{9b}.toml"],
        &["catalogue", "asics", "--catalogue", "c\u{9b}.csv", "--sources"],
        &["catalogue", "asics", "--catalogue", "c\u{9b}.csv", "--format", "md"],
        &["catalogue", "asics", "--catalogue", "c\u{9b}.csv", "--format", "json"],
        &["catalogue", "asics", "--catalogue", "c\u{9b}.csv", "--format", "csv"],
        &["catalogue", "--sort", HOSTILE],
        &["catalogue", "--filter", HOSTILE],
    ];
    for args in cases {
        let printed = harmless(&sandbox, args);
        if args.last() == Some(&"html") {
            assert!(!printed.contains(MARKUP), "{args:?}");
        }
        // The output of these commands contains the text.
        let shown = args[0] == "site" && !args.contains(&"--set") || args.contains(&"--catalogue");
        assert!(!shown || printed.contains("cmd"), "{args:?}: {printed}");
    }
}
