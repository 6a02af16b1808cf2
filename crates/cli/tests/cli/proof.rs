//! One changed byte of a record: `check` refuses it and names the rule, with the old seal
//! and with a renewed one.

use serde_json::{Value, json as value};

use crate::records::{HASHES, PRODUCTS, document, edited, resealed};
use crate::sandbox::{Sandbox, flat, json, stderr, stdout};

/// Checks a record and returns the rules that it breaks, with details.
fn broken(bytes: &[u8]) -> Vec<(String, String)> {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", bytes);
    let path = path.to_str().unwrap();
    let assert = sandbox.perwatt(["check", path]);
    let code = assert.get_output().status.code();
    let text = stdout(&assert);
    let report = json(&sandbox.perwatt(["check", "--format", "json", path]));
    let lines = report[0]["lines"].as_array().unwrap();
    let failed: Vec<(String, String)> = lines
        .iter()
        .filter(|line| line["outcome"] == "fail")
        .map(|line| {
            (
                line["rule"].as_str().unwrap().into(),
                line["detail"].as_str().unwrap().into(),
            )
        })
        .collect();
    if failed.is_empty() {
        assert_eq!(code, Some(0), "{text}");
        assert!(text.ends_with("\nverified\n"), "{text}");
        assert!(
            text.lines()
                .filter(|line| line.starts_with("  ["))
                .all(|line| line.starts_with("  [x] "))
        );
    } else {
        assert_eq!(code, Some(4), "{text}");
        assert!(text.ends_with("\nNOT VERIFIED\n"), "{text}");
        for (rule, detail) in &failed {
            assert!(
                flat(&text).contains(&flat(&format!("[ ] FAILED: {rule}: {detail}"))),
                "{text}"
            );
        }
    }
    assert_eq!(stderr(&assert), "");
    failed
}

fn rules(bytes: &[u8]) -> Vec<String> {
    broken(bytes).into_iter().map(|(rule, _)| rule).collect()
}

const DIGEST: &str = "digest of the body";
const SERIES: &str = "structure of the series";
const PROOFS: &str = "every good run proven, shares re-hashed with sha2";
const FIGURES: &str = "figures of each run, re-derived";
const SUMMARY: &str = "summary, re-derived";
const COMPLETE: &str = "every planned run was tried";

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
    let (start, _) = text
        .match_indices(find)
        .nth(nth)
        .expect("the field is in the file");
    let from = start + find.len();
    let at = from
        + text[from..]
            .find(|c: char| ('1'..='8').contains(&c))
            .unwrap();
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
        assert_eq!(
            failed.first().map(String::as_str),
            Some(DIGEST),
            "{field} {nth}: {failed:?}"
        );
    }
}

#[test]
fn an_edited_digest_is_no_seal() {
    let zeros = format!("sha256:{}", "0".repeat(64));
    let failed = broken(&edited(&HASHES, |document| {
        document["digest"] = zeros.clone().into()
    }));
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, DIGEST);
    assert!(failed[0].1.contains(&zeros));
}

#[test]
fn a_field_that_nobody_knows_breaks_the_seal_too() {
    let failed = rules(&edited(&HASHES, |document| document["extra"] = 1.into()));
    assert_eq!(failed, [DIGEST]);
}

#[test]
fn edits_of_shares_show_through_a_renewed_seal() {
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit); 6] = [
        ("leading zero bits", |run| {
            bump(&mut run["proof"]["shares"][0][3])
        }),
        ("leading zero bits", |run| {
            bump(&mut run["proof"]["shares"][7][2])
        }),
        ("time", |run| run["proof"]["shares"][0][1] = 0.into()),
        ("version", |run| run["proof"]["shares"][0][0] = 1.into()),
        ("twice", |run| {
            run["proof"]["shares"][0] = run["proof"]["shares"][1].clone()
        }),
        ("shares for", |run| {
            run["proof"]["shares"].as_array_mut().unwrap().truncate(20)
        }),
    ];
    for (what, edit) in edits {
        let failed = broken(&resealed(&HASHES, |document| {
            edit(&mut document["runs"][1])
        }));
        let line = failed.iter().find(|(rule, _)| rule == PROOFS);
        let detail = &line.unwrap_or_else(|| panic!("{what}: {failed:?}")).1;
        assert!(
            detail.contains(what) && detail.contains("runs[1]"),
            "{what}: {detail}"
        );
        assert!(!failed.iter().any(|(rule, _)| rule == DIGEST));
    }
}

#[test]
fn shares_of_another_session_or_round_prove_nothing() {
    let edits: [fn(&mut Value); 3] = [
        |document| document["session"]["id"] = "0123456789abcdef0123456789abcdef".into(),
        |document| document["machine"]["key"] = "f".repeat(64).into(),
        |document| {
            let shares = document["runs"][0]["proof"].clone();
            document["runs"][1]["proof"] = shares;
        },
    ];
    for (i, edit) in edits.into_iter().enumerate() {
        let failed = rules(&resealed(&HASHES, edit));
        assert!(failed.iter().any(|rule| rule == PROOFS), "{i}: {failed:?}");
    }
}

#[test]
fn more_hashes_than_the_shares_show_are_refused() {
    let failed = rules(&resealed(&HASHES, |document| {
        for run in document["runs"].as_array_mut().unwrap() {
            for sample in run["work"].as_array_mut().unwrap() {
                sample[1] = (sample[1].as_u64().unwrap() * 2).into();
            }
            let claimed = run["proof"]["claimed_hashes"].as_u64().unwrap();
            run["proof"]["claimed_hashes"] = (claimed * 2).into();
            let measured = &mut run["measured"];
            measured["steps"] = (measured["steps"].as_u64().unwrap() * 2).into();
            for name in ["work", "rate_per_s"] {
                measured[name] = (measured[name].as_f64().unwrap() * 2.0).into();
            }
        }
    }));
    assert!(failed.iter().any(|rule| rule == PROOFS), "{failed:?}");
}

#[test]
fn edits_of_figures_show_through_a_renewed_seal() {
    type Edit = (&'static str, &'static str, fn(&mut Value));
    let edits: [Edit; 8] = [
        (SUMMARY, "summary[0].rate_per_s.median", |d| {
            d["summary"][0]["rate_per_s"]["median"] = value!(1e12)
        }),
        (SUMMARY, "summary[0].rate_per_s.relative_spread", |d| {
            d["summary"][0]["rate_per_s"]["relative_spread"] = value!(0.0);
        }),
        (SUMMARY, "summary[0].energy[0]", |d| {
            d["summary"][0]["energy"][0]["energy_per_unit_j"]["median"] = value!(1e-12);
        }),
        (SUMMARY, "summary[0].runs_ok", |d| {
            bump(&mut d["summary"][0]["runs_ok"])
        }),
        (SUMMARY, "summary[0].verification", |d| {
            d["summary"][0]["verification"] = "trust me".into()
        }),
        (FIGURES, "runs[0].measured.rate_per_s", |d| {
            d["runs"][0]["measured"]["rate_per_s"] = value!(1e12)
        }),
        (FIGURES, "runs[1].measured.time_s", |d| {
            d["runs"][1]["measured"]["time_s"] = value!(0.1)
        }),
        (FIGURES, "runs[0].measured.energy[0].power_w", |d| {
            d["runs"][0]["measured"]["energy"][0]["power_w"] = value!(1.0);
        }),
    ];
    for (rule, place, edit) in edits {
        let failed = broken(&resealed(&HASHES, edit));
        let line = failed.iter().find(|(name, _)| name == rule);
        let detail = &line.unwrap_or_else(|| panic!("{place}: {failed:?}")).1;
        assert!(detail.contains(place), "{place}: {detail}");
    }
}

#[test]
fn edits_of_the_series_show_through_a_renewed_seal() {
    let backwards = |document: &mut Value| {
        document["runs"][0]["work"]
            .as_array_mut()
            .unwrap()
            .reverse()
    };
    assert!(
        rules(&resealed(&HASHES, backwards))
            .iter()
            .any(|rule| rule == SERIES)
    );
    let early = |document: &mut Value| {
        // The first sample of the window determines the rate.
        let start = document["runs"][0]["measured"]["start_ns"].clone();
        let work = document["runs"][0]["work"].as_array_mut().unwrap();
        bump(&mut work.iter_mut().find(|sample| sample[0] == start).unwrap()[1]);
    };
    assert!(
        rules(&resealed(&HASHES, early))
            .iter()
            .any(|rule| rule == FIGURES)
    );
    let end = |document: &mut Value| {
        bump(
            &mut document["runs"][0]["work"]
                .as_array_mut()
                .unwrap()
                .last_mut()
                .unwrap()[1],
        )
    };
    assert!(
        rules(&resealed(&HASHES, end))
            .iter()
            .any(|rule| rule == PROOFS)
    );
}

#[test]
fn runs_that_are_missing_or_unplanned_show() {
    let fewer = |document: &mut Value| {
        document["runs"].as_array_mut().unwrap().pop();
    };
    let failed = rules(&resealed(&HASHES, fewer));
    assert!(failed.iter().any(|rule| rule == COMPLETE), "{failed:?}");
    assert!(failed.iter().any(|rule| rule == SUMMARY), "{failed:?}");
    let twice = |document: &mut Value| document["runs"][1] = document["runs"][0].clone();
    assert!(
        rules(&resealed(&HASHES, twice))
            .iter()
            .any(|rule| rule == SERIES)
    );
    for (field, number) in [("entry", 9), ("round", 9), ("segment", 9)] {
        let failed = rules(&resealed(&HASHES, |document| {
            document["runs"][0][field] = number.into()
        }));
        assert!(
            failed.iter().any(|rule| rule == SERIES),
            "{field}: {failed:?}"
        );
    }
}

#[test]
fn a_counted_run_without_its_proof_shows() {
    let none = resealed(&HASHES, |document| {
        document["runs"][0]["proof"] = Value::Null
    });
    assert!(rules(&none).iter().any(|rule| rule == PROOFS));
    let freivalds = document(&PRODUCTS)["runs"][0]["proof"].clone();
    assert_eq!(freivalds["method"], "freivalds");
    let wrong_kind = resealed(&HASHES, |document| document["runs"][0]["proof"] = freivalds);
    assert!(rules(&wrong_kind).iter().any(|rule| rule == PROOFS));
    let too_far = resealed(&PRODUCTS, |document| {
        document["runs"][0]["proof"]["max_ratio"] = value!(1.5)
    });
    assert!(rules(&too_far).iter().any(|rule| rule == PROOFS));
}

/// The largest `u64` that a double represents exactly: other integers have no canonical
/// form.
const LARGEST: u64 = u64::MAX << 11;

#[test]
fn numbers_at_the_edge_of_their_type_do_not_crash_the_check() {
    let places = [
        "/runs/0/work/0/0",
        "/runs/0/work/0/1",
        "/runs/0/steady/from_ns",
        "/runs/0/steady/to_ns",
        "/runs/0/started_ns",
        "/runs/0/proof/claimed_hashes",
        "/runs/0/proof/shares/0/2",
        "/runs/0/energy/0/samples/0/0",
        "/plan/entries/0/work_per_step",
    ];
    for place in places {
        for number in [0, LARGEST] {
            let bytes = resealed(&HASHES, |document| {
                *document.pointer_mut(place).expect(place) = number.into()
            });
            // Any verdict will do, as long as there is one.
            broken(&bytes);
        }
    }
    for (place, number) in [
        ("/runs/0/proof/share_bits", u32::MAX),
        ("/runs/0/entry", u32::MAX),
        ("/config/rounds", u32::MAX),
    ] {
        let failed = rules(&resealed(&HASHES, |document| {
            *document.pointer_mut(place).expect(place) = number.into()
        }));
        assert!(!failed.is_empty(), "{place}");
    }
}

#[test]
fn show_warns_of_an_edited_file() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", flip_digit(&HASHES, "\"median\": ", 0));
    let assert = sandbox.perwatt(["show", path.to_str().unwrap()]).code(0);
    let shown = stdout(&assert);
    assert!(
        shown.starts_with("WARNING: this file is not verified"),
        "{shown}"
    );
    assert!(shown.contains("was edited after it was written"), "{shown}");
}
