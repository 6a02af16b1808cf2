//! The answer on one screen: its lines, its formats and its errors.

use std::path::{Path, PathBuf};

use crate::sandbox::{Sandbox, fits_a_screen, has, json, words};

/// An archived record with stated watts.
fn archived() -> PathBuf {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    results.join("20261130T172737Z_stated-watts_46dcb2fe_dee4b1.json")
}

#[test]
fn the_answer_is_a_screen() {
    let sandbox = Sandbox::new();
    sandbox.file("results/a.json", std::fs::read(archived()).unwrap());
    let text = sandbox.out(0, ["answer"]);
    assert!(text.lines().count() <= 24, "{text}");
    fits_a_screen(&text);
    insta::assert_snapshot!("answer", text);
    let page = sandbox.out(0, words("answer results/a.json --format html"));
    has!(
        page,
        "<title>Intel(R) Xeon(R)",
        "2026-11-30",
        "ONE JOULE BUYS"
    );
    let markdown = sandbox.out(0, words("answer results/a.json --format md"));
    has!(markdown, "| ONE kWh");
    let assert = sandbox.perwatt(words(
        "answer results/a.json --format json --power-price 60",
    ));
    let answer = json(&assert.code(0));
    assert_eq!(answer["money"]["power_price"]["usd_per_mwh"], 60.0);
    assert_eq!(answer["bought"][0]["estimate"], true);
}

#[test]
fn what_has_no_answer_is_said() {
    let sandbox = Sandbox::new();
    let said = sandbox.err(2, ["answer", "nowhere"]);
    has!(said, "nowhere", "give a result file");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    has!(sandbox.err(3, ["answer", "empty"]), "no answer");
    for (option, value) in [
        ("--watts", "0"),
        ("--watts", "nan"),
        ("--watts", "1e308"),
        ("--power-price", "-5"),
        ("--rent-usd-per-hour", "inf"),
    ] {
        let said = sandbox.err(2, ["answer", "empty", option, value]);
        has!(said, value, option);
    }
    sandbox.file("a.json", std::fs::read(archived()).unwrap());
    has!(sandbox.err(2, words("answer a.json --asic S99")), "nearest");
    has!(
        sandbox.err(2, words("answer a.json --site none.toml")),
        "none.toml"
    );
}
