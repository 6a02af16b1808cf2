//! Output and exit codes of `perwatt site`.

use serde_json::Value;

use crate::sandbox::{Sandbox, has, items, lacks, stderr, stdout, word};

/// Writes an example scenario to a file of the sandbox.
fn example(sandbox: &Sandbox, name: &str, file: &str) -> String {
    let text = sandbox.out(0, ["site", "--example", name]);
    let path = sandbox.file(file, text.into_bytes());
    path.to_str().unwrap().to_owned()
}

fn json(sandbox: &Sandbox, args: &[&str]) -> Value {
    let args = [&["site", "--format", "json", "--draws", "50"], args].concat();
    sandbox.json(0, args)
}

/// A figure of a use, by its ID.
fn figure(report: &Value, kind: &str, id: &str) -> Option<f64> {
    let of = |list: &'static str, key: &'static str, name: &str, from: &Value| {
        let found = from[list].as_array().unwrap().iter();
        found.clone().find(|item| item[key] == name).cloned()
    };
    let outcome = of("uses", "kind", kind, report)?;
    of("lines", "id", id, &outcome)?["value"].as_f64()
}

#[test]
fn a_small_site() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "20mw", "s.toml");
    let assert = sandbox.perwatt(["site", &path, "--draws", "200"]).code(0);
    assert_eq!(stderr(&assert), "");
    let text = stdout(&assert);
    // A long address is not broken and has a line of its own.
    let fits = |line: &str| line.chars().count() <= 80 || !line.trim().contains(' ');
    assert!(text.lines().all(fits), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_large_site_reads_prices_beside_its_scenario() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "200mw", "large.toml");
    let assert = sandbox.perwatt(["site", &path]).code(2);
    let error = stderr(&assert);
    has!(error, "prices-example.csv", "large.toml");
    example(&sandbox, "prices", "prices-example.csv");
    let report = json(&sandbox, &[&path]);
    assert_eq!(report["curtailment"]["step_min"], 60.0);
    assert!((report["curtailment"]["covers_days"].as_f64().unwrap() - 28.0).abs() < 0.1);
    // A use that stops when power is expensive pays a lower price for it than the file's
    // mean, which a load that never stops pays.
    let price = |kind| {
        figure(&report, kind, "power_usd").unwrap() / figure(&report, kind, "energy_mwh").unwrap()
    };
    let (keep, cloud) = (price("keep-mining"), price("gpu-cloud"));
    assert!(
        (cloud - 49.52).abs() < 0.01,
        "the mean of the file: {cloud}"
    );
    assert!(keep < 24.0, "{keep}");
    let npv = figure(&report, "keep-mining", "npv_usd").unwrap();
    assert!((80e6..95e6).contains(&npv), "stopped in dear hours: {npv}");
    // Four weeks do not stand for years in silence.
    let text = sandbox.out(0, ["site", &path, "--draws", "0"]);
    has!(
        text,
        "extrapolated: 28 days of prices, 2025-10-20 to 2025-11-16"
    );
}

#[test]
fn a_gap_in_the_prices_is_named_with_its_line() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "200mw", "large.toml");
    let prices = "start,usd_per_mwh\n2026-01-01T00:00:00Z,10\n2026-01-01T01:00:00Z,11\n\
                  2026-01-01T03:00:00Z,12\n2026-01-01T04:00:00Z,12\n";
    sandbox.file("prices-example.csv", prices.as_bytes());
    let error = sandbox.err(2, ["site", &path]);
    has!(error, "line 4", "no price from 2026-01-01T02:00:00+00:00");
}

#[test]
fn settings_of_the_command_line_stand_over_the_scenario() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "20mw", "s.toml");
    let base = json(&sandbox, &[&path]);
    let other = json(&sandbox, &[&path, "--set", "site.gross_mw=40"]);
    let npv = |report: &Value| figure(report, "hosting", "npv_usd").unwrap();
    assert!((npv(&other) / npv(&base) - 2.0).abs() < 1e-9);
    // The same site and seed give the same document.
    assert_eq!(base, json(&sandbox, &[&path]));
    let drawn = json(&sandbox, &[&path, "--seed", "2"]);
    assert_ne!(base["monte_carlo"], drawn["monte_carlo"]);
}

#[test]
fn every_figure_says_what_it_rests_on() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "20mw", "s.toml");
    let report = json(&sandbox, &[&path]);
    let marks = ["exact", "measured", "nameplate", "sourced", "assumed"];
    let mut lines = 0;
    for outcome in items(&report["uses"]) {
        for line in items(&outcome["lines"]) {
            assert!(marks.contains(&word(&line["mark"])), "{line}");
            assert_ne!(word(&line["formula"]), "", "{line}");
            let there = line["value"].is_number();
            assert!(there || line["note"].is_string(), "{line}");
            lines += 1;
        }
    }
    assert!(lines > 80, "{lines}");
    for input in items(&report["inputs"]) {
        assert_ne!(word(&input["source"]["text"]), "");
    }
}

#[test]
fn what_a_scenario_says_wrong_is_said_at_once() {
    let sandbox = Sandbox::new();
    #[rustfmt::skip]
    let cases = [
        ("gross_mw = 20", "gross_mw = -1", ":13: site.gross_mw: is -1, and must be above 0"),
        ("gross_mw", "gros_mw", "did you mean site.gross_mw?"),
        ("Antminer S19 XP", "Antminer S19 ZP", ": mining.asic: "),
        ("= \"tenant\"", "= \"nobody\"", "must be \"tenant\" or \"landlord\""),
        ("[hosting]", "[hosting]\npue = 0.9", "hosting.pue: is 0.9, and must be 1 or above"),
        ("[site]", "[site", "this is not TOML"),
    ];
    let text = sandbox.out(0, ["site", "--example", "20mw"]);
    for (from, to, wanted) in cases {
        assert!(text.contains(from), "{from}");
        let path = sandbox.file("bad.toml", text.replacen(from, to, 1).into_bytes());
        let assert = sandbox.perwatt(["site", path.to_str().unwrap()]).code(2);
        assert_eq!(stdout(&assert), "");
        has!(stderr(&assert), wanted, "bad.toml");
    }
    let error = sandbox.err(2, ["site", "nowhere.toml"]);
    has!(error, "nowhere.toml", "--example");
    let path = example(&sandbox, "20mw", "s.toml");
    let set = ["site", &path, "--set", "mining.pue=0.5"];
    has!(sandbox.err(2, set), "mining.pue: is 0.5");
    let answer = ["site", &path, "--set", "uses=hosting", "--answer", "mixed"];
    has!(sandbox.err(2, answer), "uses");
}

#[test]
fn defaults_are_listed_with_their_sources() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, ["site", "--defaults"]);
    for (key, default) in [
        ("site.gross_mw ", "no default, MW"),
        ("hosting.rent_usd_per_kw_month ", "$154.2/kW-month"),
    ] {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        has!(line, default);
    }
    has!(text, "sourced: SEC press release");
    let all = sandbox.json(0, ["site", "--defaults", "--format=json"]);
    assert!(items(&all).len() > 50);
    let page = sandbox.out(0, ["site", "--defaults", "--format=html"]);
    has!(page, "site.gross_<wbr>mw</th>");
}

#[test]
fn markdown_and_explanations() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "20mw", "s.toml");
    let args = ["site", &path, "--draws", "0", "--format", "md", "--explain"];
    let text = sandbox.out(0, args);
    has!(text, "## inputs", "rests on site.gross");
    lacks!(text, "all parameters with a range drawn");
}

/// The verdict comes first, and the report of an example needs no file.
#[test]
fn an_example_is_reported_as_json() {
    let sandbox = Sandbox::new();
    let path = example(&sandbox, "20mw", "s.toml");
    let of_example = sandbox.json(
        0,
        [
            "site",
            "--example",
            "20mw",
            "--format",
            "json",
            "--draws",
            "50",
        ],
    );
    let of_file = json(&sandbox, &[&path]);
    assert_eq!(of_example["uses"], of_file["uses"]);
    let sell = figure(&of_file, "sell-now", "npv_usd").unwrap();
    assert!((2.7e6..2.8e6).contains(&sell), "{sell}");
    let summary = &of_file["summary"];
    assert_eq!(items(&summary["uses"]).len(), 6);
    let text = sandbox.out(0, ["site", &path, "--draws", "50"]);
    let third = text.lines().nth(2).unwrap();
    assert!(third.starts_with(word(&summary["verdict"])), "{third}");
}

/// The script computes all money a second time, and the draws of the same seed; without
/// Python there is nothing to run.
#[test]
fn the_script_recomputes_every_figure() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/recompute/site.py");
    let mut python = std::process::Command::new("python3");
    let program = env!("CARGO_BIN_EXE_perwatt");
    match python.args([script, program, "100"]).output() {
        Ok(run) => {
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(run.status.success(), "{said}");
            has!(said, "20mw: ", "200mw: ", "figures agree");
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}
