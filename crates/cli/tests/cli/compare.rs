//! Output and exit codes of `perwatt compare`, `selfcheck` and `history`.

use perwatt_record::fixture::{Made, MadeEntry, counter, derive_again, square};
use serde_json::Value;

use crate::sandbox::{Sandbox, ended, fits_a_screen, has, lacks, stderr, stdout, words};

/// Rates with a scatter of about half a percent, the same in each call.
fn rates(centre: f64) -> Vec<f64> {
    [5, 0, 8, 3, 9, 1, 6, 2, 7, 4]
        .map(|i| centre * (1.0 + 0.001 * f64::from(i)))
        .to_vec()
}

pub fn made(label: &str, id: u64, centre: f64) -> Made {
    Made::one(label, id, &rates(centre))
}

/// Two machines with a meter each, and a row that only one of them has.
fn two_machines(sandbox: &Sandbox) {
    let mut old = made("rack-7", 1, 4e11);
    old.cpu = "AMD EPYC 9654 96-Core Processor".into();
    old.meter = Some(counter("rapl", Some(0.03)));
    let mut lone = square("cpu", "cblas");
    lone.id = "matmul/f32/square-8192/cpu/cblas".into();
    let shape = ("shape".into(), "8192x8192x8192".into());
    lone.workload.params.extend([shape]);
    lone.work_per_step = 2 * 8192 * 8192 * 8192;
    old.entries.push(MadeEntry {
        entry: lone,
        rates_per_s: rates(5e13),
        power_w: 300.0,
    });
    let mut new = made("rack-8", 2, 5e11);
    new.cpu = "Intel(R) Xeon(R) Platinum 8592+".into();
    new.meter = Some(counter("rapl", None));
    sandbox.put("old.json", &old.record());
    sandbox.put("new.json", &new.record());
}

#[test]
fn a_table_of_two_machines() {
    let sandbox = Sandbox::new();
    two_machines(&sandbox);
    let assert = sandbox.perwatt(["compare", "old.json", "new.json"]).code(0);
    assert_eq!(stderr(&assert), "");
    let text = stdout(&assert);
    insta::assert_snapshot!("compare_two", text);
    fits_a_screen(&text);
    let explained = sandbox.out(0, ["compare", "old.json", "new.json", "--explain"]);
    has!(explained, "workload.params.shape=2048x2048x2048");
}

#[test]
fn plots_are_in_the_signs_of_the_locale_and_colours_where_they_are_wanted() {
    let sandbox = Sandbox::new();
    two_machines(&sandbox);
    let run = |options: &str, variables: &[(&str, &str)]| {
        let options = words(options);
        let mut command = sandbox.command(
            ["compare", "old.json", "new.json"]
                .into_iter()
                .chain(options),
        );
        for name in ["LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        stdout(&ended(command).code(0))
    };
    let plain = run("--plot", &[]);
    has!(plain, "[-", "* value", "| 1.00x");
    lacks!(plain, ['\u{25cf}', '\u{1b}']);
    let text = run("--plot", &[("LANG", "en_US.UTF-8")]);
    insta::assert_snapshot!("compare_plot", text);
    fits_a_screen(&text);
    let narrow = run("--plot", &[("LANG", "C.UTF-8"), ("COLUMNS", "40")]);
    has!(narrow, "\u{25cf}");
    assert_eq!(
        run("", &[]),
        run("--color never", &[("CLICOLOR_FORCE", "1")])
    );
    for (options, variables) in [
        ("--color always", &[("NO_COLOR", "1")]),
        ("", &[("CLICOLOR_FORCE", "1")]),
    ] {
        has!(run(options, variables), "\u{1b}[33mBETTER HERE\u{1b}[0m");
    }
    let said = sandbox.err(2, words("compare old.json new.json --plot --format json"));
    has!(said, "--plot", "--format text or html");
    has!(sandbox.err(2, words("show old.json --color blue")), "blue");
}

#[test]
fn the_same_in_markdown_csv_and_json() {
    let sandbox = Sandbox::new();
    two_machines(&sandbox);
    let run = |format: &str| {
        let args = ["compare", "a=old.json", "b=new.json", "--format", format];
        sandbox.out(0, args)
    };
    insta::assert_snapshot!("compare_two_markdown", run("md"));

    let mut csv = csv::Reader::from_reader(run("csv").into_bytes().leak() as &[u8]);
    let header = csv.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let lines: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(&lines[1][column("verdict")], "BETTER HERE");
    assert_eq!(&lines[1][column("basis")], "runs");
    assert_eq!(&lines[1][column("column")], "b");
    assert!((lines[1][column("ratio")].parse::<f64>().unwrap() - 1.25).abs() < 0.01);

    let json: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(json["schema"]["name"], "perwatt-comparison");
    assert_eq!(json["family"]["comparisons"], 2);
    let cell = &json["tables"][0]["rows"][0]["cells"][1];
    assert_eq!(cell["outcome"]["verdict"], "better-here");
    assert_eq!(json["unmatched"].as_array().unwrap().len(), 2);
}

#[test]
fn findings_decide_the_exit_code_only_when_asked() {
    let sandbox = Sandbox::new();
    two_machines(&sandbox);
    let backwards = ["compare", "new.json", "old.json"];
    sandbox.ends(0, backwards);
    // One session a side decides nothing about others.
    sandbox.ends(0, [&backwards[..], &["--fail-on", "worse"]].concat());
    let unclear = "compare new.json old.json --fail-on unclear --filter metric=rate";
    sandbox.ends(1, words(unclear));
    for (side, first, centre) in [("a", 10, 4e11), ("b", 20, 5e11)] {
        for id in first..first + 3 {
            sandbox.put(
                &format!("{side}/{id}.json"),
                &made(side, id, centre).record(),
            );
        }
    }
    sandbox.ends(1, words("compare b a --fail-on worse"));
    sandbox.ends(0, words("compare a b --fail-on worse,unclear"));
    // The row that only one machine has was not compared.
    sandbox.ends(1, [&backwards[..], &["--fail-on", "na"]].concat());
}

#[test]
fn nothing_compared_is_never_success() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made("a", 1, 4e11).record());
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    for (args, said) in [
        (&["compare", "empty"][..], "nothing was compared"),
        (&["compare", "a.json"], "only one column"),
        (&["compare", "a.json", "a.json"], "nothing was compared"),
        (&["compare", "a.json", "empty"], "only one column"),
        (
            &["compare", "a.json", "a.json", "--filter", "no-row"],
            "no row is left",
        ),
        (&["history", "a.json"], "no row has two sessions"),
    ] {
        has!(sandbox.err(3, args), said);
    }
    // The same file on both sides is reported.
    let same = sandbox.out(3, ["compare", "a.json", "a.json"]);
    has!(same, "the same runs are on both sides");
}

#[test]
fn bad_files_among_good_ones_are_named_and_skipped() {
    let sandbox = Sandbox::new();
    sandbox.put("d/a.json", &made("a", 1, 4e11).record());
    let mut other = made("b", 2, 4.4e11);
    other.cpu = "Other CPU".into();
    sandbox.put("d/b.json", &other.record());
    sandbox.ends(0, ["compare", "d"]);

    sandbox.file("d/c.json", "{\"schema\": {\"name\": \"hyperfine\"}}");
    let assert = sandbox.perwatt(["compare", "d"]).code(2);
    has!(stderr(&assert), "c.json");
    has!(stdout(&assert), "BETTER HERE");
    sandbox.ends(0, ["compare", "d", "--keep-going"]);

    // A newer minor version is read, another major version is not.
    let mut newer = made("c", 3, 4.4e11).record();
    newer.schema.minor += 7;
    derive_again(&mut newer);
    sandbox.put("d/c.json", &newer);
    assert_eq!(sandbox.err(0, ["compare", "d"]), "");
    let mut text = String::from_utf8(other.record().to_bytes().unwrap()).unwrap();
    text = text.replacen("\"major\": 1", "\"major\": 2", 1);
    sandbox.file("d/c.json", &text);
    let assert = sandbox.perwatt(["compare", "d"]).code(2);
    has!(stderr(&assert), "2.");

    // Edited figures are not accepted.
    let mut record = made("c", 3, 5e11).record();
    record.runs[0].measured.as_mut().unwrap().rate_per_s *= 2.0;
    sandbox.put("d/c.json", &record);
    has!(sandbox.err(4, ["compare", "d"]), "not verified");
    sandbox.ends(0, ["compare", "d", "--keep-going"]);
}

#[test]
fn bad_options_say_what_would_be_right() {
    let sandbox = Sandbox::new();
    two_machines(&sandbox);
    for (extra, said) in [
        (&["--baseline", "nobody"][..], "rack-7, rack-8"),
        (&["--margin", "-1"], "percentage"),
        (&["--alpha", "0.9"], "0.05"),
        (&["--filter", "("], "--filter ("),
        (&["--allow-differ", "verified"], "workload.version"),
        (&["missing.json"], "missing.json"),
    ] {
        let args = [&["compare", "old.json", "new.json"], extra].concat();
        let assert = sandbox.perwatt(args).code(2);
        has!(stderr(&assert), said);
        assert_eq!(stdout(&assert), "");
    }
}

#[test]
fn ten_thousand_runs_and_one() {
    let sandbox = Sandbox::new();
    let many = Vec::from_iter((0..10_000).map(|i| 4e11 + f64::from(i % 97) * 1e8));
    sandbox.put("long.json", &Made::one("long", 1, &many).record());
    sandbox.put("one.json", &Made::one("one", 2, &[9e11]).record());
    sandbox.put("ten.json", &made("ten", 3, 5e11).record());
    let text = sandbox.out(0, ["compare", "long.json", "ten.json"]);
    has!(text, "BETTER");
    let text = sandbox.out(0, ["compare", "ten.json", "one.json"]);
    has!(text, "UNCLEAR", "n=1");
}

#[test]
fn a_directory_gives_each_machine_a_column_and_history_each_session_a_line() {
    let sandbox = Sandbox::new();
    let sessions = [
        ("A", 4e11),
        ("A", 4e11),
        ("B", 4.4e11),
        ("A", 3e11),
        ("C", 4.4e11),
    ];
    for (i, (cpu, centre)) in sessions.into_iter().enumerate() {
        let mut made = made(&format!("m-{cpu}"), i as u64, centre);
        made.cpu = format!("Example CPU {cpu}");
        made.started_unix_s += 86_400 * i as u32;
        sandbox.put(&format!("d/{i}.json"), &made.record());
    }
    let text = sandbox.out(0, ["compare", "d"]);
    insta::assert_snapshot!("compare_directory", text);
    fits_a_screen(&text);
    let text = sandbox.out(0, ["history", "d"]);
    insta::assert_snapshot!("history", text);
    fits_a_screen(&text);
    sandbox.ends(0, ["history", "d", "--fail-on", "worse"]);
    sandbox.ends(1, ["history", "d", "--fail-on", "unclear"]);
    for i in 0..8 {
        let centre = if i < 7 {
            4e11 + 1e9 * f64::from(i % 3)
        } else {
            3e11
        };
        let mut made = made("m", 30 + i as u64, centre);
        made.started_unix_s += 86_400 * i as u32;
        sandbox.put(&format!("e/{i}.json"), &made.record());
    }
    has!(
        sandbox.out(1, ["history", "e", "--fail-on", "worse"]),
        "WORSE!"
    );
    let page = sandbox.out(0, ["history", "d", "--format", "html"]);
    has!(
        page,
        "<title>3 machines \u{b7} 2025-10-09 to 2025-10-13</title>",
        "<svg"
    );
    let plotted = sandbox.out(0, ["history", "d", "--plot"]);
    fits_a_screen(&plotted);
    assert!(plotted.lines().count() > text.lines().count(), "{plotted}");

    let json = sandbox.json(0, ["history", "d", "--format", "json"]);
    assert_eq!(json["schema"]["name"], "perwatt-history");
    sandbox.ends(0, words("compare d/0.json d/1.json d/3.json --by session"));
}

#[test]
fn rows_are_ordered_and_columns_made_as_asked() {
    let sandbox = Sandbox::new();
    let with = |label: &str, id: u64, rates_of: [f64; 3]| {
        let mut made = made(label, id, rates_of[0]);
        made.cpu = format!("Example CPU {label}");
        made.entries[0].rates_per_s = rates(rates_of[0]);
        for (i, centre) in (1..).zip(&rates_of[1..]) {
            let mut entry = square("cpu", "embedded");
            entry.id = format!("matmul/f32/row{i}/cpu/embedded");
            entry.workload.params.insert("row".into(), i.to_string());
            made.entries.push(MadeEntry {
                entry,
                rates_per_s: rates(*centre),
                power_w: 100.0,
            });
        }
        sandbox.put(&format!("{label}.json"), &made.record());
    };
    with("a", 1, [4e11, 4e11, 4e11]);
    with("b", 2, [4e11, 3e11, 6e11]);
    // The square stays the same, row1 gets worse and row2 better.
    let order = |sort: &str| -> Vec<String> {
        let args = ["compare", "a.json", "b.json", "--sort", sort];
        let text = sandbox.out(0, args);
        let headings = text.lines().filter(|line| line.starts_with("matmul/"));
        headings.map(str::to_owned).collect()
    };
    let name = |row: &str| format!("matmul/f32/{row} on cpu");
    let (square, row1, row2) = (name("square-2048"), name("row1"), name("row2"));
    assert_eq!(order("row"), [&square, &row1, &row2].map(Clone::clone));
    assert_eq!(order("ratio"), [&row2, &square, &row1].map(Clone::clone));
    assert_eq!(order("verdict"), [&row1, &row2, &square].map(Clone::clone));

    let machines = sandbox.out(0, words("compare a.json b.json --by machine --format csv"));
    assert_eq!(machines.lines().count(), 7, "{machines}");
    // Each file has only one device, so there is nothing to compare it with.
    sandbox.ends(3, ["compare", "a.json", "--by", "device"]);
    has!(
        sandbox.out(0, words("compare a.json b.json --by device")),
        "b cpu"
    );
    let alpha = words("compare a.json b.json --alpha 0.001 --baseline b");
    let text = sandbox.out(0, alpha);
    has!(text, "a chance of 0.001", "b (baseline)");
}

#[test]
fn joules_on_one_side_only_are_listed() {
    let sandbox = Sandbox::new();
    let mut metered = made("a", 1, 4e11);
    metered.meter = Some(counter("rapl", None));
    sandbox.put("a.json", &metered.record());
    sandbox.put("b.json", &made("b", 2, 4e11).record());
    let text = sandbox.out(0, ["compare", "a.json", "b.json"]);
    has!(text, "only in a: energy of");
    sandbox.ends(3, words("compare a.json b.json --filter metric=energy"));
}

#[test]
fn a_selfcheck_is_archived_and_comparisons_find_it() {
    let sandbox = Sandbox::new();
    let args = words(
        "selfcheck --workload matmul/f32:64x64x64 --backend embedded --seconds 0.1 --threads 1 --rounds 8",
    );
    // In so short a session the machine may differ from itself.
    let assert = sandbox.perwatt(args);
    let code = assert.get_output().status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    has!(stdout(&assert), "noise floor");
    let files = sandbox.result_files();
    assert_eq!(files.len(), 1);
    assert!(files[0].to_string_lossy().contains("_selfcheck_"));
    let record = perwatt_record::file::read(&files[0]).unwrap().record;
    assert!(record.config.selfcheck);
    assert_eq!(record.config.rounds, 8);

    // The noise floor, found beside the files, applies to rows of this machine.
    let as_run = |name: &str, later_ns: u64| {
        let mut record = record.clone();
        record.config.selfcheck = false;
        record.session.salt = Some(name.into());
        for run in &mut record.runs {
            for (i, (t, _)) in (0..).zip(&mut run.work) {
                *t += i * later_ns;
            }
        }
        derive_again(&mut record);
        sandbox.put(&format!("results/{name}"), &record);
    };
    as_run("a.json", 1);
    as_run("b.json", 2);
    let assert = sandbox.perwatt(["compare", "results/a.json", "results/b.json"]);
    lacks!(stdout(&assert), "noise floor: not measured");

    sandbox.ends(2, ["selfcheck", "--rounds", "4"]);
}
