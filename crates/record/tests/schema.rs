//! The published JSON Schema, and the oldest record.

mod common;

use std::path::Path;

use perwatt_record::check::{Outcome, check};
use perwatt_record::file::parse;
use perwatt_record::schema::json_schema;
use serde_json::{Value, json};

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&json_schema()).unwrap()
}

fn document() -> Value {
    serde_json::to_value(common::honest()).unwrap()
}

#[test]
fn the_published_schema_is_the_generated_one() {
    let published = std::fs::read_to_string(here("schema/record.v1.schema.json")).unwrap();
    let generated = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    // Compared as lines, as a checkout may have other line ends.
    assert!(
        published.lines().eq(generated.lines()),
        "the schema has changed; if that is meant, run: \
         cargo run -- schema > crates/record/schema/record.v1.schema.json"
    );
}

#[test]
fn records_follow_the_schema() {
    let validator = validator();
    for record in [
        common::honest(),
        common::incomplete(3),
        common::incomplete(0),
    ] {
        let document = serde_json::to_value(record).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn the_schema_describes_every_field_of_a_record() {
    let schema = json_schema();
    for name in document().as_object().unwrap().keys() {
        let property = &schema["properties"][name];
        let described = property.get("description").or_else(|| property.get("$ref"));
        assert!(described.is_some(), "{name} is not described");
    }
}

#[test]
fn mutilated_records_do_not_follow_the_schema() {
    let validator = validator();
    let edits: [(&str, Value); 7] = [
        ("/complete", json!(1)),
        ("/runs", json!({})),
        ("/runs/0/entry", json!(-1)),
        ("/runs/0/work/0", json!([1])),
        ("/runs/0/work/0/0", json!("soon")),
        ("/runs/0/status", json!({ "state": "splendid" })),
        ("/plan/entries/0/unit", json!("kWh")),
    ];
    for (at, value) in edits {
        let mut document = document();
        *document.pointer_mut(at).unwrap() = value;
        assert!(!validator.is_valid(&document), "{at}");
    }
    let mut document = document();
    document.as_object_mut().unwrap().remove("runs");
    assert!(!validator.is_valid(&document));
}

/// Written once by the first version; it must never be changed. If this test fails, the
/// current perwatt cannot read old archives. The file was made up before checks compared
/// windows, warm-ups, the order of runs and the seeds of proofs with the protocol, and
/// follows none of these rules.
#[test]
fn the_first_record_reads_and_checks_for_ever() {
    let bytes = std::fs::read(here("tests/golden/v1.json")).unwrap();
    let loaded = parse(&here("tests/golden/v1.json"), &bytes).unwrap();
    let report = check(&loaded);
    let broken: Vec<_> = report
        .lines
        .iter()
        .filter(|line| line.outcome != Outcome::Pass)
        .map(|line| line.rule)
        .collect();
    assert_eq!(
        broken,
        [
            "facts held twice agree",
            "one run at a time, in the order of the seed",
            "every window the one that the protocol picks",
            "every good run proven, shares re-hashed with sha2"
        ],
        "{report:#?}"
    );
    assert_eq!(loaded.record.runs.len(), 12);
    let median = loaded.record.summary[0].rate_per_s.as_ref().unwrap().median;
    assert!((median - 4050.0).abs() < 1e-6, "{median}");
    assert!(validator().is_valid(&serde_json::from_slice(&bytes).unwrap()));
}
