//! One changed byte of a record: `check` refuses it and names the rule, with the old seal
//! and with a renewed one. The rules are tested one by one where they are written.

use serde_json::{Value, json as value};

use crate::records::{HASHES, PRODUCTS, edited, resealed};
use crate::sandbox::{Sandbox, flat, has, items, json, stderr, stdout, word};

/// Checks a record and returns the rules that it breaks, with details.
fn broken(bytes: &[u8]) -> Vec<(String, String)> {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", bytes);
    let path = path.to_str().unwrap();
    let assert = sandbox.perwatt(["check", path]);
    let code = assert.get_output().status.code();
    let text = stdout(&assert);
    let report = json(&sandbox.perwatt(["check", "--format", "json", path]));
    let lines = items(&report[0]["lines"]).iter();
    let failed = lines.filter(|line| line["outcome"] == "fail");
    let failed = failed.map(|line| (word(&line["rule"]).into(), word(&line["detail"]).into()));
    let failed: Vec<(String, String)> = failed.collect();
    if failed.is_empty() {
        assert_eq!(code, Some(0), "{text}");
        assert!(text.ends_with("\nverified\n"), "{text}");
        let mut rules = text.lines().filter(|line| line.starts_with("  ["));
        assert!(rules.all(|line| line.starts_with("  [x] ")), "{text}");
    } else {
        assert_eq!(code, Some(4), "{text}");
        assert!(text.ends_with("\nNOT VERIFIED\n"), "{text}");
        for (rule, detail) in &failed {
            has!(flat(&text), &flat(&format!("[ ] FAILED: {rule}: {detail}")));
        }
    }
    assert_eq!(stderr(&assert), "");
    failed
}

fn rules(bytes: &[u8]) -> Vec<String> {
    broken(bytes).into_iter().map(|(rule, _)| rule).collect()
}

const DIGEST: &str = "digest of the body";
const PROOFS: &str = "every good run proven, shares re-hashed with sha2";
const FIGURES: &str = "figures of each run, re-derived";
const SUMMARY: &str = "summary, re-derived";

/// Adds 1 to a whole number.
fn bump(number: &mut Value) {
    *number = (number.as_u64().expect("a whole number") + 1).into();
}

#[test]
fn records_as_measured_are_verified() {
    assert_eq!(rules(&HASHES), [""; 0]);
    assert_eq!(rules(&PRODUCTS), [""; 0]);
}

#[test]
fn white_space_and_key_order_are_not_edits() {
    // `edited` writes the document compactly and with its keys in another order.
    assert_eq!(rules(&edited(&HASHES, |_| {})), [""; 0]);
}

/// Adds 1 to one digit of the file, after the `nth` occurrence of `find`.
fn flip_digit(bytes: &[u8], find: &str, nth: usize) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (start, _) = text.match_indices(find).nth(nth).expect("the field");
    let from = start + find.len();
    let digit = |c: char| ('1'..='8').contains(&c);
    let at = from + text[from..].find(digit).unwrap();
    let mut flipped = bytes.to_vec();
    flipped[at] += 1;
    serde_json::from_slice::<Value>(&flipped).expect("it is still JSON");
    flipped
}

#[test]
fn one_byte_of_any_part_breaks_the_seal() {
    for (field, nth) in [
        ("\"shares\": [[", 0),
        ("\"shares\": [[", 1),
        ("\"work\": [[", 0),
        ("\"samples\": [[", 1),
        ("\"median\": ", 0),
        ("\"started_unix_s\": ", 0),
        ("\"total_bytes\": ", 0),
        ("\"key\": \"", 0),
        ("\"commit\": \"", 0),
    ] {
        let failed = rules(&flip_digit(&HASHES, field, nth));
        let first = failed.first().map(String::as_str);
        assert_eq!(first, Some(DIGEST), "{field} {nth}: {failed:?}");
    }
}

#[test]
fn an_edited_digest_is_no_seal() {
    let zeros = format!("sha256:{}", "0".repeat(64));
    let edit = |document: &mut Value| document["digest"] = zeros.clone().into();
    let [(rule, detail)] = &broken(&edited(&HASHES, edit))[..] else {
        panic!("not one rule")
    };
    assert_eq!(rule, DIGEST);
    has!(detail, &zeros);
}

#[test]
fn a_field_that_nobody_knows_breaks_the_seal_too() {
    let failed = rules(&edited(&HASHES, |document| document["extra"] = 1.into()));
    assert_eq!(failed, [DIGEST]);
}

#[test]
fn edits_of_shares_show_through_a_renewed_seal() {
    type Edit = fn(&mut Value);
    #[rustfmt::skip]
    let edits: [(&str, Edit); 6] = [
        ("leading zero bits", |run| { bump(&mut run["proof"]["shares"][0][3]) }),
        ("leading zero bits", |run| { bump(&mut run["proof"]["shares"][7][2]) }),
        ("time", |run| run["proof"]["shares"][0][1] = 0.into()),
        ("version", |run| run["proof"]["shares"][0][0] = 1.into()),
        ("twice", |run| { run["proof"]["shares"][0] = run["proof"]["shares"][1].clone() }),
        ("shares for", |run| { run["proof"]["shares"].as_array_mut().unwrap().truncate(20) }),
    ];
    for (what, edit) in edits {
        let failed = broken(&resealed(&HASHES, |d| edit(&mut d["runs"][1])));
        let line = failed.iter().find(|(rule, _)| rule == PROOFS);
        let detail = &line.unwrap_or_else(|| panic!("{what}: {failed:?}")).1;
        has!(detail, what, "runs[1]");
        assert!(!failed.iter().any(|(rule, _)| rule == DIGEST));
    }
}

#[test]
fn edits_of_figures_show_through_a_renewed_seal() {
    // Rule, place that the message names, rest of the path to the edited field, new value.
    let edits = [
        (SUMMARY, "summary[0].rate_per_s.median", "", value!(1e12)),
        (
            SUMMARY,
            "summary[0].rate_per_s.relative_spread",
            "",
            value!(0.75),
        ),
        (
            SUMMARY,
            "summary[0].energy[0]",
            "/energy_per_unit_j/median",
            value!(1e-12),
        ),
        (SUMMARY, "summary[0].runs_ok", "", value!(3)),
        (SUMMARY, "summary[0].verification", "", value!("trust me")),
        (FIGURES, "runs[0].measured.rate_per_s", "", value!(1e12)),
        (FIGURES, "runs[1].measured.time_s", "", value!(0.1)),
        (
            FIGURES,
            "runs[0].measured.energy[0].power_w",
            "",
            value!(1.0),
        ),
    ];
    for (rule, place, rest, edit) in edits {
        let at = format!("/{}{rest}", place.replace(['.', '['], "/").replace(']', ""));
        let failed = broken(&resealed(&HASHES, |document| {
            *document.pointer_mut(&at).unwrap() = edit;
        }));
        let line = failed.iter().find(|(name, _)| name == rule);
        let detail = &line.unwrap_or_else(|| panic!("{place}: {failed:?}")).1;
        assert!(detail.contains(place), "{place}: {detail}");
    }
}

#[test]
fn show_warns_of_an_edited_file() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", flip_digit(&HASHES, "\"median\": ", 0));
    let shown = sandbox.out(0, ["show", path.to_str().unwrap()]);
    let warning = "WARNING: this file is not verified";
    assert!(shown.starts_with(warning), "{shown}");
    has!(shown, "was edited after it was written");
}
