//! Any behaviour of a worker costs at most one run, and the record has the reason.

use libtest_mimic::Trial;
use perwatt_engine::session::Session;
use perwatt_engine::worker::WorkerCommand;
use perwatt_record::schema::{Entry, FailureKind, Status, Summary};

use crate::fake_worker::SICK;
use crate::fixture::*;
use crate::trial;

/// The system's words for a process that called `abort`.
const ABORTED: &[&str] = if cfg!(unix) {
    &["ended early", "signal: 6"]
} else {
    &["ended early"]
};

struct Case {
    script: &'static str,
    entry: fn(&str) -> Entry,
    kind: FailureKind,
    parts: &'static [&'static str],
    stall_timeout_s: f64,
}

fn case(script: &'static str, kind: FailureKind, parts: &'static [&'static str]) -> Case {
    Case {
        script,
        entry: multiplying,
        kind,
        parts,
        stall_timeout_s: 20.0,
    }
}

fn crashes(script: &'static str, parts: &'static [&'static str]) -> Case {
    case(script, FailureKind::Crashed, parts)
}

/// Breaks the rules of the pipe.
fn breaks(script: &'static str, parts: &'static [&'static str]) -> Case {
    case(script, FailureKind::Protocol, parts)
}

fn hashes(script: &'static str, parts: &'static [&'static str]) -> Case {
    Case {
        entry: hashing,
        ..case(script, FailureKind::Unverified, parts)
    }
}

fn hangs(script: &'static str, parts: &'static [&'static str]) -> Case {
    Case {
        stall_timeout_s: 1.5,
        ..case(script, FailureKind::Hung, parts)
    }
}

fn cases() -> Vec<Case> {
    use FailureKind::*;
    vec![
        crashes("crash-early", &["ended early", "3", "no such kernel"]),
        crashes("crash-mid", &["ended early", "3", "lost the device"]),
        crashes("crash-late", &["ended early", "lost the device late"]),
        crashes("abort", ABORTED),
        crashes("leave", &["ended early", "0"]),
        crashes("flood-crash", &["ended early", "last words"]),
        breaks("nonsense", &["hello", "世"]),
        breaks("binary", &["the worker said"]),
        breaks("long-line", &["xxxx"]),
        breaks("fewer-steps", &["work went from 25 steps", "to 24"]),
        breaks("back-in-time", &["work went from 25 steps", "to 25"]),
        breaks("other-clock", &["clock"]),
        breaks("early-done", &["before it was told"]),
        case("refuse", Refused, &["3 of 8 GiB"]),
        case("unverified", Unverified, &["element 7"]),
        case("wrong-product", Unverified, &["1.5"]),
        case("idle", TooShort, &["steady", "--seconds"]),
        hashes("overclaim", &["shares for", "claimed hashes"]),
        hashes("other-claim", &["work series ends at"]),
        hashes("false-shares", &["leading zero bits"]),
        hashes("double-shares", &["twice"]),
        hashes("wrong-proof", &["Freivalds"]),
        hangs("hang-early", &["said nothing for 1.5 s", "--timeout"]),
        hangs("hang-mid", &["said nothing for 1.5 s"]),
        hangs("deaf", &["did not come to an end"]),
        hangs("chatter", &["did not come to an end"]),
    ]
}

pub fn trials() -> Vec<Trial> {
    let of_case = |case: Case| {
        let name = format!("failures::{}", case.script);
        trial(&name, move || costs_one_run(&case))
    };
    let mut trials: Vec<_> = cases().into_iter().map(of_case).collect();
    trials.extend([
        trial("failures::flood-well", || harmless("flood-well")),
        trial("failures::lingers", || harmless("lingers")),
        trial("failures::no-program", a_program_that_is_not_there),
        trial("failures::keeps-failing", an_entry_that_always_fails),
    ]);
    #[cfg(unix)]
    trials.push(trial("failures::escape", || {
        let began = std::time::Instant::now();
        costs_one_run(&crashes("escape", &["one has escaped"]));
        assert!(began.elapsed().as_secs() < 25, "it was waited for");
    }));
    #[cfg(unix)]
    trials.push(trial("failures::orphan", || {
        costs_one_run(&crashes("orphan", &["an orphan is left"]));
    }));
    trials
}

/// Successful runs, failed runs, and whether all were verified.
fn outcomes(row: &Summary) -> (u32, u32, bool) {
    (row.runs_ok, row.runs_failed, row.verified)
}

fn costs_one_run(case: &Case) {
    let mut new = new_session(vec![multiplying("well"), (case.entry)(SICK)], 1);
    new.planned.config.protocol.stall_timeout_s = case.stall_timeout_s;
    let (_dir, finished) = run(new, case.script);
    assert_archived(&finished, case.kind == FailureKind::Unverified);

    let record = &finished.record;
    let well = run_of(record, "well");
    assert_eq!(well.status, Status::Ok);
    assert!(well.measured.is_some());
    let sick = run_of(record, SICK);
    let failure = failure(sick);
    assert_eq!(failure.kind, case.kind, "{}", failure.message);
    has(&failure.message, case.parts);
    assert!(failure.message.len() < 2500, "{}", failure.message.len());
    assert_eq!(sick.measured, None);
    for row in &record.summary {
        let well = record.plan.entries[row.entry as usize].backend == "well";
        assert_eq!(outcomes(row), (well.into(), (!well).into(), well));
    }
    #[cfg(target_os = "linux")]
    for run in &record.runs {
        let process = format!("/proc/{}", run.pid.unwrap());
        assert!(!std::path::Path::new(&process).exists(), "a worker is left");
    }
}

fn harmless(script: &str) {
    let (_dir, finished) = run(
        new_session(vec![multiplying(SICK), hashing("well")], 1),
        script,
    );
    assert_archived(&finished, false);
    assert!(all_ran(&finished.record));
    assert!(finished.record.summary.iter().all(|row| row.verified));
}

fn a_program_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("no-such-program");
    let session = Session::create(new_session(vec![multiplying("well")], 2), dir.path()).unwrap();
    let command = WorkerCommand {
        program,
        ..command("well")
    };
    let finished = go_on(session, &command, None);
    assert_archived(&finished, false);
    assert_eq!(finished.record.runs.len(), 2);
    for run in &finished.record.runs {
        let failure = failure(run);
        assert_eq!(failure.kind, FailureKind::Crashed);
        assert!(failure.message.contains("no-such-program"), "{failure:?}");
        assert_eq!(run.pid, None);
    }
}

fn an_entry_that_always_fails() {
    let (_dir, finished) = run(
        new_session(vec![multiplying(SICK), hashing("well")], 3),
        "crash-mid",
    );
    assert_archived(&finished, false);
    let rows = &finished.record.summary;
    assert_eq!(outcomes(&rows[0]), (0, 3, false));
    assert_eq!(outcomes(&rows[1]), (3, 0, true));
    assert!(rows[0].rate_per_s.is_none() && rows[1].rate_per_s.is_some());
}
