//! `perwatt run`, `show` and `check` on real, tiny sessions.

use perwatt_record::schema::Flag;
use serde_json::Value;

use crate::records::{HASHES, PRODUCTS, document, read, typed};
use crate::sandbox::{
    Sandbox, ended, has, items, json, lacks, printed_path, stderr, stdout, tiny, word, words,
};

#[test]
fn the_path_comes_last_and_the_file_stands_up() {
    let sandbox = Sandbox::new();
    let assert = sandbox.perwatt(tiny(&["--out", "deep/er"])).code(0);
    let path = printed_path(&sandbox, &assert);
    assert!(path.starts_with(sandbox.path("deep/er")), "{path:?}");
    assert!(path.is_file(), "{path:?}");
    let names = std::fs::read_dir(sandbox.path("deep/er")).unwrap().count();
    assert_eq!(names, 1, "no temporary file stays behind");
    let text = stdout(&assert);
    has!(text, "\nnext: perwatt check deep/er/");

    let report = stdout(&sandbox.about("check", &path).code(0));
    let rules = || report.lines().filter(|line| line.starts_with("  ["));
    assert!(rules().count() >= 8, "{report}");
    assert!(rules().all(|line| line.starts_with("  [x] ")), "{report}");
    assert!(report.ends_with("\nverified\n"), "{report}");

    // The printed table is the one that `show` prints later.
    let show = sandbox.about("show", &path).code(0);
    assert!(text.starts_with(&stdout(&show)), "{text}");
}

#[test]
fn progress_goes_to_standard_error_as_plain_lines() {
    let sandbox = Sandbox::new();
    let assert = sandbox.perwatt(tiny(&[])).code(0);
    let errors = stderr(&assert);
    // What is said of a busy machine depends on the machine.
    let lines = errors.lines().filter(|line| !line.starts_with("warning: "));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 3, "{errors}");
    let starts = ["2 rounds of 1 entry, about ", "[1/2] matmul/f32", "[2/2] "];
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{errors}");
    }
    has!(lines[1], "FLOP/s");
    lacks!(errors, ['\r', '\u{1b}']);
    lacks!(stdout(&assert), "[1/2]");
}

#[test]
fn json_output_is_the_record_alone() {
    let sandbox = Sandbox::new();
    let assert = sandbox.perwatt(tiny(&["--format", "json"])).code(0);
    let printed = json(&assert);
    let files = sandbox.result_files();
    assert_eq!(files.len(), 1);
    assert_eq!(printed, document(&std::fs::read(&files[0]).unwrap()));
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(stderr(&assert).ends_with(&format!("\nresults/{name}\n")));
    assert_eq!(printed["complete"], true);
}

#[test]
fn no_meter_says_not_measured_and_why() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, tiny(&["--meter", "none"]));
    has!(text, "energy: not measured\n", "perwatt run --watts N");
    lacks!(text, "J/TH");
}

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, tiny(&["--dry-run"]));
    let start = "2 rounds of 1 entry on 1 thread, about ";
    assert!(text.starts_with(start), "{text}");
    has!(text, "64x64x64/cpu/embedded\n");
    let plan = sandbox.json(0, ["run", "--dry-run", "--format", "json"]);
    for family in ["sha256d/", "matmul/f32", "stream/"] {
        let mut ids = items(&plan["entries"])
            .iter()
            .map(|entry| word(&entry["id"]));
        assert!(ids.any(|id| id.starts_with(family)), "{plan}");
    }
    assert!(!sandbox.results().exists());
}

#[test]
fn a_dry_run_of_a_resumption_measures_nothing() {
    let sandbox = Sandbox::new();
    let bytes = crate::records::unfinished(&PRODUCTS, |_| {});
    let path = sandbox.file("part.json", &bytes);
    sandbox.perwatt(["run", "--dry-run", "--resume", "part.json"]);
    let after = std::fs::read(&path).unwrap();
    assert!(after == bytes, "--dry-run measured and wrote");
}

#[test]
fn the_same_seed_gives_the_same_order() {
    let sandbox = Sandbox::new();
    let order = |seed: &str| -> Vec<(u32, u32, u32)> {
        let args = words(
            "run --workload matmul/f32:16x16x16 --workload matmul/f32:24x24x24 \
             --workload matmul/f32:32x32x32 --backend embedded --rounds 2 --seconds 0.05 \
             --threads 1 --format json --seed",
        );
        let record = typed(sandbox.out(0, [&args[..], &[seed]].concat()).as_bytes());
        assert_eq!(record.session.seed.to_string(), seed);
        let runs = record.runs.iter();
        runs.map(|run| (run.round, run.position, run.entry))
            .collect()
    };
    let first = order("7");
    assert_eq!(first, order("7"));
    let places = first.iter().map(|(round, position, _)| (*round, *position));
    assert!(places.eq([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]));
    for round in [&first[..3], &first[3..]] {
        let mut entries: Vec<u32> = round.iter().map(|(.., entry)| *entry).collect();
        entries.sort_unstable();
        assert_eq!(entries, [0, 1, 2], "each entry once in each round");
    }
}

#[test]
fn sessions_differ_in_id_and_random_seed() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        sandbox.ends(0, tiny(&[]));
    }
    let files = sandbox.result_files();
    let records: Vec<_> = files.iter().map(|path| read(path)).collect();
    assert_eq!(records.len(), 2);
    assert_ne!(records[0].session.id, records[1].session.id);
    assert_ne!(records[0].session.seed, records[1].session.seed);
    assert_eq!(records[0].machine.key, records[1].machine.key);
}

#[cfg(target_os = "linux")]
#[test]
fn pinning_is_done_and_recorded() {
    let sandbox = Sandbox::new();
    let printed = sandbox.out(0, tiny(&["--pin", "--format", "json"]));
    let record = typed(printed.as_bytes());
    assert_eq!(record.threads.count, 1);
    assert_eq!(record.threads.pinned_cpus.as_ref().map(Vec::len), Some(1));
    assert_eq!(typed(&HASHES).threads.pinned_cpus, None);
}

#[test]
fn label_note_and_command_line_are_kept() {
    let sandbox = Sandbox::new();
    let args = tiny(&["--label", "night run", "--note", "fan at 100 %"]);
    let assert = sandbox.perwatt(args).code(0);
    let path = printed_path(&sandbox, &assert);
    let name = path.file_name().unwrap().to_str().unwrap();
    has!(name, "Z_night-run_");
    let record = read(&path);
    assert_eq!(record.session.label, "night run");
    assert_eq!(record.session.note.as_deref(), Some("fan at 100 %"));
    let last = ["--note".into(), "fan at 100 %".into()];
    assert!(record.session.argv.ends_with(&last));
    // The directory of the program is not recorded.
    let program = format!("perwatt{}", std::env::consts::EXE_SUFFIX);
    assert_eq!(record.session.argv[0], program);
    let text = stdout(&assert);
    has!(text, "label night run", "note: fan at 100 %");
}

#[test]
fn a_node_is_named_by_the_option_or_the_scheduler_and_never_by_the_host() {
    let sandbox = Sandbox::new();
    let node = |extra: &[&str], set: &[(&str, &str)]| {
        let mut command = sandbox.command(tiny(extra));
        command.envs(set.iter().copied());
        let assert = ended(command).code(0);
        let path = printed_path(&sandbox, &assert);
        sandbox.about("check", &path).code(0);
        (read(&path).session.node, stdout(&assert))
    };
    let slurm = [("SLURMD_NODENAME", "n07"), ("HOSTNAME", "secret-host")];
    let (named, text) = node(&["--node", "rack 3, n01"], &slurm);
    assert_eq!(named.as_deref(), Some("rack 3, n01"));
    has!(text, "node rack 3, n01 ");
    let (named, text) = node(&[], &slurm);
    assert_eq!(named.as_deref(), Some("n07"));
    has!(text, "node n07 ");
    assert_eq!(node(&["--node="], &slurm).0, None);
    let (named, text) = node(&[], &slurm[1..]);
    assert_eq!(named, None);
    lacks!(text, "node");
}

#[test]
fn a_resumed_session_keeps_its_node() {
    let sandbox = Sandbox::new();
    let part = crate::records::unfinished(&PRODUCTS, |r| r.session.node = Some("n01".into()));
    let path = sandbox.file("part.json", part);
    let mut command = sandbox.command(["run", "--resume", "part.json"]);
    command.env("SLURMD_NODENAME", "n02");
    ended(command).code(0);
    let record = read(&path);
    assert_eq!(record.session.node.as_deref(), Some("n01"));
    assert!(record.complete);
}

#[test]
fn a_hostile_label_harms_neither_the_name_nor_the_table() {
    let sandbox = Sandbox::new();
    let hostile = "../../etc/x\n\u{1b}[2Jü\u{7f}|*?:<>\"\\ \t";
    let args = tiny(&["--label", hostile, "--note", hostile]);
    let assert = sandbox.perwatt(args).code(0);
    let path = printed_path(&sandbox, &assert);
    // The file is in the directory of results, and the record keeps the text.
    assert_eq!(sandbox.result_files(), std::slice::from_ref(&path));
    let name = path.file_name().unwrap().to_str().unwrap();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    assert!(name.chars().all(plain), "{name}");
    assert_eq!(read(&path).session.label, hostile);
    let mut command = sandbox.command(["show".as_ref(), path.as_os_str()]);
    command.env("CLICOLOR_FORCE", "1");
    let text = stdout(&ended(command).code(0));
    lacks!(text, |c: char| c.is_control() && c != '\n');
    let printed = stdout(&assert);
    assert!(
        printed.starts_with(&text),
        "the label adds no line:\n{printed}\n{text}"
    );
    sandbox.about("check", &path).code(0);
}

#[test]
fn a_directory_without_a_parent_works_and_an_empty_label_is_refused() {
    let sandbox = Sandbox::new();
    let refused = sandbox
        .perwatt(tiny(&["--label", " ", "--out", "."]))
        .code(2);
    has!(stderr(&refused), "--label", "names nothing");
    let assert = sandbox.perwatt(tiny(&["--out", "."])).code(0);
    assert!(printed_path(&sandbox, &assert).is_file());
}

#[test]
fn resuming_a_file_by_its_bare_name() {
    let sandbox = Sandbox::new();
    sandbox.file("part.json", crate::records::unfinished(&PRODUCTS, |_| {}));
    let text = sandbox.out(0, ["run", "--resume", "part.json"]);
    assert!(text.ends_with("\npart.json\n"), "{text}");
    sandbox.ends(0, ["check", "part.json"]);
    let record = read(&sandbox.path("part.json"));
    assert_eq!((record.complete, record.session.segments.len()), (true, 2));
}

#[test]
fn defaults_from_the_environment_do_not_stand_in_the_way_of_resume() {
    let sandbox = Sandbox::new();
    sandbox.file("part.json", crate::records::unfinished(&PRODUCTS, |_| {}));
    let mut command = sandbox.command(["run", "--resume", "part.json"]);
    command
        .env("PERWATT_OUT", "elsewhere")
        .env("PERWATT_SUITE", "standard");
    ended(command).code(0);
    assert!(!sandbox.path("elsewhere").exists());
}

#[test]
fn the_environment_sets_directory_and_suite() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(tiny(&[]));
    command
        .env("PERWATT_OUT", "from-env")
        .env("PERWATT_SUITE", "standard");
    let assert = ended(command).code(0);
    assert!(printed_path(&sandbox, &assert).starts_with(sandbox.path("from-env")));
    has!(stdout(&assert), "suite standard");
}

#[test]
fn an_interval_comes_with_six_runs() {
    let sandbox = Sandbox::new();
    let args = words(
        "run --workload matmul/f32:32x32x32 --backend embedded --rounds 6 --seconds 0.05 --threads 1",
    );
    let assert = sandbox.perwatt(args).code(0);
    let path = printed_path(&sandbox, &assert);
    // As on a quiet machine, where no run is left out.
    let mut record = read(&path);
    for run in &mut record.runs {
        run.cpu_time = None;
        run.flags
            .retain(|flag| ![Flag::LackedCpu, Flag::Disturbed].contains(flag));
    }
    record.summary = perwatt_record::derive::summarise(&record);
    record.seal().unwrap();
    let rate = record.summary[0].rate_per_s.clone().unwrap();
    assert!(rate.low.unwrap() <= rate.median && rate.median <= rate.high.unwrap());
    assert!(rate.confidence.unwrap() >= 0.95);
    let text = stdout(&sandbox.about("show", sandbox.put("quiet.json", &record)));
    let row = text.lines().find(|line| line.contains("32x32x32")).unwrap();
    has!(row, '±');
}

#[test]
fn bandwidth_is_measured_and_checked_exactly() {
    let sandbox = Sandbox::new();
    // The size of the arrays is fixed by the suite; one round of one kind covers the code
    // path.
    let args =
        words("run --workload stream/triad --rounds 1 --seconds 0.4 --threads 1 --format json");
    let printed = sandbox.json(0, args);
    assert_eq!(printed["plan"]["entries"][0]["unit"], "B");
    assert_eq!(printed["runs"][0]["proof"]["method"], "exact");
    assert_eq!(printed["summary"][0]["verified"], true);
    assert_ne!(printed["summary"][0]["rate_per_s"]["median"], Value::Null);
}
