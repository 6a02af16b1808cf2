//! `perwatt gap --explain`: popular claims and the arithmetic that tests them.

use perwatt_record::fixture::{Made, counter};
use serde_json::Value;

use crate::sandbox::{Sandbox, stderr, stdout};

fn explain(more: &[&str]) -> String {
    let args = [&["gap", "--explain"], more].concat();
    let assert = Sandbox::new().perwatt(args).code(0);
    assert_eq!(stderr(&assert), "");
    stdout(&assert)
}

/// What is printed of the claim that holds these words.
fn part<'a>(text: &'a str, words: &str) -> &'a str {
    let mut parts = text.split("\n\n").filter(|part| part.contains(words));
    let found = parts
        .next()
        .unwrap_or_else(|| panic!("no {words:?}: {text}"));
    assert_eq!(parts.next(), None, "two of {words:?}");
    found
}

/// A record that can be set against the catalogue.
fn record() -> Vec<u8> {
    let mut made = Made::one("made up", 1, &[0.99e12, 1e12, 1.01e12]);
    made.meter = Some(counter("rapl", Some(0.03)));
    made.record().to_bytes().unwrap()
}

#[test]
fn claims_alone_as_text() {
    let text = explain(&[]);
    assert!(text.starts_with("popular claims, tested\n"), "{text}");
    // Addresses stay whole.
    let fits = |line: &str| line.chars().count() <= 80 || !line.trim().contains(' ');
    assert!(text.lines().all(fits), "{text}");
    for verdict in ["wrong", "right", "partly right", "unsupported"] {
        assert!(text.contains(&format!("verdict: {verdict}. ")), "{verdict}");
    }
    insta::assert_snapshot!("claim_per_kwh", part(&text, "per kilowatt-hour, while"));
    insta::assert_snapshot!("claim_of_the_cap", part(&text, "21 million coins"));
}

#[test]
fn claims_alone_as_markdown() {
    let md = explain(&["--format", "md"]);
    assert!(md.starts_with("## popular claims, tested\n\n"), "{md}");
    assert_eq!(md.matches("\n### \"").count(), 8, "{md}");
    for line in [
        "1. the cap, as claimed: 21,000,000 BTC \\[sourced: a news article, Bitcoin Miners Pivot \
         to AI Data Centers\\]",
        "verdict: partly right. The cap is 20,999,999.9769 BTC",
    ] {
        assert!(md.contains(&format!("\n{line}")), "{line}: {md}");
    }
}

#[test]
fn claims_alone_as_json() {
    let json: Value = serde_json::from_str(&explain(&["--format", "json"])).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 1, "{json}");
    let claims = json["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 8);
    let first = &claims[0];
    assert_eq!(first["verdict"], "wrong");
    assert_eq!(first["date"], "2026-01-14");
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    assert!(text(&first["claim"]) && text(&first["said_by"]) && text(&first["conclusion"]));
    let mut steps = first["steps"].as_array().unwrap().iter();
    let node = steps
        .find(|step| step["text"] == "what a node of 8 H100 draws")
        .unwrap();
    assert_eq!(node["value"], 10.2);
    assert_eq!(node["unit"], "kW");
    assert_eq!(node["mark"], "sourced");
    assert!(text(&node["text"]) && text(&node["formula"]) && text(&node["source"]));
}

#[test]
fn with_records_claims_follow_the_gap() {
    let sandbox = Sandbox::new();
    sandbox.file("a.json", record());
    let text = stdout(&sandbox.perwatt(["gap", "a.json", "--explain"]).code(0));
    let gap = stdout(&sandbox.perwatt(["gap", "a.json"]).code(0));
    assert_eq!(text, format!("{gap}\n{}", explain(&[])));

    let json = |args: &[&str]| -> Value {
        let args = [&["gap", "a.json", "--format", "json"], args].concat();
        serde_json::from_str(&stdout(&sandbox.perwatt(args).code(0))).unwrap()
    };
    let mut both = json(&["--explain"]);
    let claims = both.as_object_mut().unwrap().remove("claims").unwrap();
    assert_eq!(claims.as_array().unwrap().len(), 8);
    assert_eq!(both, json(&[]));
}

#[test]
fn claims_do_not_hide_what_is_wrong_with_the_records() {
    let sandbox = Sandbox::new();
    sandbox.file("a.json", record());
    sandbox.file("junk.json", "{}");
    for file in ["junk.json", "nowhere.json"] {
        let assert = sandbox.perwatt(["gap", file, "--explain"]).code(2);
        assert_eq!(stdout(&assert), "");
        assert!(stderr(&assert).contains(file), "{}", stderr(&assert));
    }
    let args = ["gap", "a.json", "junk.json", "--explain"];
    let assert = sandbox.perwatt(args).code(2);
    assert!(stdout(&assert).contains("popular claims"));
    assert!(stderr(&assert).contains("skipped: junk.json"));
    // What a gap is set against means nothing without one.
    for option in [["--asic", "S9"], ["--power-price", "60"]] {
        let args = ["gap", "--explain", option[0], option[1]];
        let assert = sandbox.perwatt(args).code(2);
        assert!(stderr(&assert).contains("RECORD"), "{}", stderr(&assert));
    }
}
