//! Truthful output: no spread of a single run, no figure that is not a number, suggestions
//! for misspelt words, and warnings about files that failed verification.

use std::path::Path;

use perwatt_record::Record;
use perwatt_record::fixture::{Made, counter};
use serde_json::Value;

use crate::records::eight_above;
use crate::sandbox::{Sandbox, ended, has, json, lacks, stderr, stdout};

fn made(label: &str, id: u64, centre: f64) -> Record {
    Made::one(label, id, &eight_above(centre)).record()
}

#[test]
fn misspelt_words_find_theirs() {
    let sandbox = Sandbox::new();
    for (args, said) in [
        (&["rnu"][..], "'run'"),
        (&["hsow", "x"], "'show'"),
        (&["compair", "a", "b"], "'compare'"),
        (&["mesure"], "the commands are run, "),
        (&["compare", "a", "--format", "jsno"], "'json'"),
        (&["compare", "a", "--formt", "json"], "'--format'"),
        (&["run", "--suite", "quik"], "a similar one is quick"),
    ] {
        let assert = sandbox.perwatt(args).code(2);
        has!(stderr(&assert), said);
        assert_eq!(stdout(&assert), "");
    }
}

#[test]
fn a_dash_is_standard_output_or_refused_and_never_a_name() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made("a", 1, 4e11));
    for args in [&["export", "a.json"][..], &["report", "a.json"]] {
        let printed = sandbox.out(0, args);
        let dashed = [args, &["--out", "-"]].concat();
        assert_eq!(sandbox.out(0, dashed), printed);
    }
    #[rustfmt::skip]
    let cases = [
        &["run", "--dry-run", "--out", "-"][..],
        &["selfcheck", "--dry-run", "--out", "-"],
        &["join", "a.json", "--meter", "csv=l.csv,boundary=wall", "--out", "-"],
        &["import-criterion", "--out", "-"],
        &["import-criterion", "--out=-"],
    ];
    for args in cases {
        has!(sandbox.err(2, args), "name a directory");
    }
    let mut command = sandbox.command(["run", "--dry-run"]);
    command.env("PERWATT_OUT", "-");
    let assert = ended(command).code(2);
    has!(stderr(&assert), "PERWATT_OUT");
    assert!(!sandbox.path("-").exists());
}

#[test]
fn a_second_join_says_that_the_file_is_there() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made("a", 1, 4e11));
    // Four times a second, as its windows of one second need.
    let reading = |n| format!("{:.2},100.0\n", 1_760_000_000.0 + f64::from(n) * 0.25);
    let readings: String = (0..240).map(reading).collect();
    sandbox.file("l.csv", format!("time,power_w\n{readings}"));
    let args = ["join", "a.json", "--meter", "csv=l.csv,boundary=wall"];
    let joined = sandbox.out(0, args);
    let errors = sandbox.err(2, args);
    has!(errors, "what is there stays as it is");
    lacks!(errors, "space");
    // The log is not added to the joined file a second time either.
    let path = joined.lines().last().unwrap();
    let args = ["join", path, "--meter", "csv=l.csv,boundary=wall"];
    let errors = sandbox.err(2, args);
    has!(errors, "the same log adds nothing");
}

#[test]
fn one_run_has_no_spread() {
    let sandbox = Sandbox::new();
    sandbox.put("one.json", &Made::one("x", 1, &[4e11]).record());
    for args in [["show", "one.json"], ["report", "one.json"]] {
        let shown = sandbox.out(0, args);
        lacks!(shown, "0.0 %");
    }
    let shown = sandbox.out(0, ["show", "one.json"]);
    let row = shown.lines().find(|line| line.contains("one run")).unwrap();
    assert!(row.contains("  one run  yes"), "{shown}");
    lacks!(shown, "range of all runs");
}

#[test]
fn a_short_search_takes_more_than_no_time() {
    let sandbox = Sandbox::new();
    let header = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
    let args = ["search", header, "--nonces", "0..=1000", "--threads", "1"];
    let said = sandbox.err(1, args);
    has!(said, "H/s");
    lacks!(said, " 0 s");
}

/// A record with figures so large that sums and multiples of them overflow.
fn endless() -> Vec<u8> {
    fn enlarge(of: &mut Value) {
        match of {
            Value::Number(number) if number.is_f64() => *of = 1.7e308.into(),
            Value::Array(all) => all.iter_mut().for_each(enlarge),
            Value::Object(fields) => fields.values_mut().for_each(enlarge),
            _ => {}
        }
    }
    let mut made = Made::one("endless", 3, &[4e11; 8]);
    made.meter = Some(counter("rapl", None));
    let mut document = serde_json::to_value(made.record()).unwrap();
    for part in ["runs", "summary"] {
        enlarge(&mut document[part]);
    }
    serde_json::to_vec(&document).unwrap()
}

#[test]
fn no_command_prints_a_figure_that_is_none() {
    let sandbox = Sandbox::new();
    sandbox.file("e.json", endless());
    sandbox.put("a.json", &made("a", 1, 4e11));
    let mut all: Vec<Vec<&str>> = vec![
        vec!["show", "e.json"],
        vec!["show", "e.json", "--format", "json"],
        vec!["check", "e.json"],
        vec!["report", "e.json", "a.json"],
        vec!["export", "e.json"],
        vec!["export", "e.json", "--format", "ndjson"],
        vec!["history", "e.json", "a.json"],
    ];
    for format in ["text", "md", "csv", "json", "html"] {
        all.push(vec!["compare", "e.json", "a.json", "--format", format]);
        if format != "csv" {
            all.push(vec!["gap", "e.json", "--format", format]);
        }
    }
    for args in all {
        let printed = stdout(&sandbox.perwatt(&args));
        for word in printed.split(|c: char| !c.is_alphanumeric()) {
            let none = ["NaN", "nan", "inf", "infinity"].contains(&word);
            assert!(!none, "{args:?}: {printed}");
        }
        let shown = ["show", "report"].contains(&args[0]) && args.len() < 4;
        let said = !shown || printed.contains("not measured");
        assert!(said, "{args:?}: {printed}");
    }
}

#[test]
fn every_reader_says_first_that_a_file_does_not_stand() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made("a", 1, 4e11));
    sandbox.put("b.json", &made("b", 2, 5e11));
    let mut edited = made("c", 3, 4e11);
    edited.runs[0].measured.as_mut().unwrap().rate_per_s *= 2.0;
    sandbox.put("c.json", &edited);
    let three = ["a.json", "b.json", "c.json"];
    let said = |printed: &str, first: usize| {
        let at = printed.find("WARNING: left out: c.json: not verified:");
        at.is_some_and(|at| at <= first)
    };
    for (args, first) in [
        (&["compare", "--format", "md"][..], 2),
        (&["history", "--format", "md"], 2),
        (&["gap"], 0),
        (&["gap", "--format", "md"], 2),
        // In HTML the warning comes after the style and the title of the page.
        (&["compare", "--format", "html"], usize::MAX),
        (&["gap", "--format", "html"], usize::MAX),
        (&["report"], usize::MAX),
    ] {
        let assert = sandbox.perwatt([args, &three].concat());
        let printed = stdout(&assert);
        assert!(said(&printed, first), "{args:?}: {printed:.600}");
        assert!(stderr(&assert).contains("not verified"), "{args:?}");
    }
    // On a terminal the file is named once, and the last line counts what is left out.
    for verb in ["compare", "history"] {
        let assert = sandbox.perwatt([&[verb][..], &three].concat());
        let printed = stdout(&assert);
        assert!(!printed.contains("c.json"), "{printed}");
        has!(
            printed,
            "every record that is shown was verified in full; left out: 1 failed"
        );
        let told = stderr(&assert);
        assert_eq!(told.matches("c.json").count(), 1, "{told}");
    }
    let none = sandbox.err(4, ["history", "c.json"]);
    has!(none, "no record is left (1 failed verification)");
    let unknown = sandbox.err(2, ["history", "a.json", "b.json", "--machine", "node99"]);
    has!(
        unknown,
        "no machine has such a key, specimen or node; there are "
    );
    let twice = sandbox.err(3, ["compare", "a.json", "a.json"]);
    has!(twice, "the same runs are on both sides: session");
    for verb in ["compare", "history", "gap"] {
        let args = [&[verb, "--format", "json"], &three[..]].concat();
        let document: Value = json(&sandbox.perwatt(args));
        assert_eq!(document["skipped"][0]["kind"], "unverified", "{verb}");
    }
    let shown = sandbox.out(0, ["show", "c.json"]);
    let warning = "WARNING: this file is not verified";
    assert!(shown.starts_with(warning), "{shown}");
    let assert = sandbox.perwatt(["show", "c.json", "--format=json"]).code(0);
    assert!(stderr(&assert).starts_with(warning));
    let whole: Value = serde_json::from_slice(&edited.to_bytes().unwrap()).unwrap();
    assert_eq!(json(&assert), whole);
    // An edited label counts as much as an edited figure.
    let mut renamed = made("d", 4, 4e11);
    renamed.session.note = Some("other".into());
    sandbox.put("d.json", &renamed);
    for verb in ["export", "compare", "history", "gap"] {
        let errors = sandbox.err(4, [verb, "a.json", "b.json", "d.json"]);
        has!(
            errors,
            "d.json: not verified: the rule \"digest of the body\" is broken: "
        );
    }
    for format in ["csv", "ndjson"] {
        let args = [&["export", "--format", format], &three[..]].concat();
        has!(sandbox.err(4, args), "c.json: not verified");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_that_cannot_be_printed_stops_nothing() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made("a", 1, 4e11));
    sandbox.put("b.json", &made("b", 2, 5e11));
    sandbox.file("none.json", "{}");
    let mut command = sandbox.command(["compare", "a.json", "b.json", "none.json"]);
    command.stderr(std::fs::File::create(Path::new("/dev/full")).unwrap());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stdout).unwrap().contains("BETTER"));
}
