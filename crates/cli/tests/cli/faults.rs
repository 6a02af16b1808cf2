//! Faults in the middle of a session, and the record that remains.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use perwatt_record::schema::{FailureKind, Status};
use rustix::process::Signal;

use crate::processes::{
    Running, check, dead, failed, read, rescued, resume, resume_with, signal, text,
};
use crate::records::typed;
use crate::sandbox::{Sandbox, has, piped, stdout, words};

#[test]
fn a_killed_coordinator_leaves_a_record_to_resume_and_no_load() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 3, &[]);
    let path = session.wait_for_runs(1);
    let worker = session.worker();
    let coordinator = session.id();
    signal(coordinator, Signal::KILL);
    assert_eq!(session.end().status.code(), None);
    let deadline = Instant::now() + Duration::from_secs(5);
    while !dead(worker) {
        let late = Instant::now() >= deadline;
        assert!(!late, "worker {worker} outlived its coordinator by 5 s");
        std::thread::sleep(Duration::from_millis(20));
    }

    let before = read(&path);
    assert!(!before.complete && !before.runs.is_empty());
    let report = check(&sandbox, &path, 1);
    has!(report, "[ ] every planned run was tried: ");
    let end = "\nINCOMPLETE: what is there is verified\n";
    assert!(report.ends_with(end), "{report}");
    let shown = stdout(&sandbox.about("show", &path).code(0));
    has!(shown, "INCOMPLETE: ", "--resume");

    let after = resume(&sandbox, &path);
    assert!(
        after.runs.starts_with(&before.runs),
        "what was measured stays"
    );
    assert_eq!((after.runs.len(), after.session.segments.len()), (3, 2));
    assert_eq!(after.session.id, before.session.id);
}

#[test]
fn a_killed_worker_costs_its_run_alone() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 3, &[]);
    let worker = session.worker();
    signal(worker, Signal::KILL);
    let path = session.record_path();
    let output = session.end();
    // The entry has figures, so the exit code is 0; the failed run is reported.
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    has!(errors, "FAILED: the worker ended early");
    has!(errors, "warning: 1 of 3 runs failed");
    has!(text(&output.stdout), "crashed run failed: ");

    let record = read(&path);
    has!(failed(&record, FailureKind::Crashed), "signal: 9");
    assert_eq!(record.runs.len(), 3);
    assert_eq!(record.runs[0].pid, Some(worker));
    assert_eq!(record.runs[0].measured, None);
    let row = &record.summary[0];
    assert_eq!((row.runs_ok, row.runs_failed), (2, 1));
    check(&sandbox, &path, 0);
}

#[test]
fn an_entry_whose_every_run_crashed_is_not_success() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    signal(session.worker(), Signal::KILL);
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    has!(text(&output.stdout), "FAILED");
    assert!(read(&path).complete);
}

#[test]
fn a_worker_that_hangs_is_ended_and_recorded() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 2, &["--timeout", "2"]);
    let worker = session.worker();
    signal(worker, Signal::STOP);
    let path = session.record_path();
    let output = session.end();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    has!(errors, "said nothing for 2 s", "--timeout");
    assert!(dead(worker), "the stopped worker is still there");
    let record = read(&path);
    assert_eq!(record.runs.len(), 2);
    failed(&record, FailureKind::Hung);
    has!(text(&output.stdout), "hung run failed: ");
    check(&sandbox, &path, 0);
}

#[test]
fn an_interrupt_ends_the_session_and_keeps_what_there_is() {
    for how in [Signal::INT, Signal::TERM, Signal::HUP] {
        let sandbox = Sandbox::new();
        // Resumed with the watts that the record states.
        let session = Running::start(&sandbox, 3, &["--watts", "65.5"]);
        let path = session.wait_for_runs(1);
        let worker = session.worker();
        signal(session.id(), how);
        let output = session.end();
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{how:?}: {errors}");
        assert!(dead(worker), "{how:?}");
        let out = text(&output.stdout);
        let last = out.lines().last().unwrap();
        assert_eq!(sandbox.path(last), path);
        has!(
            out,
            &format!("next: perwatt run --resume {last}"),
            "INCOMPLETE: "
        );

        let before = read(&path);
        assert!(!before.complete && before.session.segments[0].interrupted);
        let well = before.runs.iter().all(|run| run.status == Status::Ok);
        assert!(well, "no half run is kept");
        check(&sandbox, &path, 1);
        let after = resume(&sandbox, &path);
        assert_eq!(after.runs[..before.runs.len()], before.runs[..]);
        assert!(after.complete && !after.session.segments[1].interrupted);
    }
}

#[test]
fn a_session_with_a_meter_by_name_says_how_to_go_on() {
    let sandbox = Sandbox::new();
    let meter = ["--meter", "user-watts", "--watts", "65"];
    let session = Running::start(&sandbox, 2, &meter);
    let path = session.wait_for_runs(1);
    signal(session.id(), Signal::INT);
    let out = text(&session.end().stdout);
    let last = out.lines().last().unwrap();
    let next = format!("next: perwatt run --resume {last} --meter user-watts\n");
    has!(out, &next);
    // Without a meter the session is not resumed, and the message names the option to add.
    let none = ["run", "--resume", last, "--meter", "none"];
    let error = sandbox.err(3, none);
    has!(error, "user-watts, here none", "Repeat the --meter");
    resume_with(&sandbox, &path, &meter[..2]);
}

#[test]
fn an_interrupt_before_the_first_run_leaves_a_session_to_resume() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    let path = session.record_path();
    session.worker();
    signal(session.id(), Signal::INT);
    assert_eq!(session.end().status.code(), Some(130));
    assert_eq!(read(&path).runs.len(), 0);
    check(&sandbox, &path, 1);
    assert_eq!(resume(&sandbox, &path).runs.len(), 1);
}

#[test]
fn an_output_directory_that_vanishes_does_not_take_the_results_along() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 2, &[]);
    session.record_path();
    session.worker();
    std::fs::remove_dir_all(sandbox.results()).unwrap();
    std::fs::write(sandbox.results(), "in its place").unwrap();
    let output = session.end();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    has!(errors, "warning: cannot write");
    let rescued = rescued(&sandbox);
    has!(errors, rescued.to_str().unwrap());
    assert_eq!(read(&rescued).runs.len(), 2);
    check(&sandbox, &rescued, 0);
}

#[test]
fn results_that_fit_nowhere_are_printed() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    session.record_path();
    session.worker();
    for name in ["results", "tmp"] {
        std::fs::remove_dir_all(sandbox.path(name)).unwrap();
        std::fs::write(sandbox.path(name), "in its place").unwrap();
    }
    let output = session.end();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    has!(text(&output.stderr), "standard output");
    let kept = typed(&output.stdout);
    assert_eq!(kept.runs.len(), 1);
}

#[test]
fn a_reader_of_progress_that_leaves_does_not_end_the_session() {
    let sandbox = Sandbox::new();
    let mut session = Running::start(&sandbox, 2, &[]);
    let mut progress = BufReader::new(session.child().stderr.take().unwrap());
    let mut line = String::new();
    progress.read_line(&mut line).unwrap();
    drop(progress);
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(0));
    assert!(read(&path).complete);
}

#[test]
fn a_reader_of_the_table_that_leaves_does_not_end_the_session() {
    let sandbox = Sandbox::new();
    let mut session = Running::start(&sandbox, 1, &[]);
    drop(session.child().stdout.take());
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(read(&path).complete);
}

#[test]
fn a_second_session_waits_and_can_be_interrupted() {
    let sandbox = Sandbox::new();
    let first = Running::start(&sandbox, 1, &["--pin"]);
    let path = first.record_path();
    first.worker();
    // While stopped, the first session keeps the lock as long as this test needs it.
    signal(first.id(), Signal::STOP);
    let args = words("run --workload sha256d --rounds 1 --seconds 0.2 --out second");
    let mut second = piped(sandbox.command(args));
    let mut errors = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    has!(line, "another perwatt is measuring");
    signal(second.id(), Signal::INT);
    let output = second.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(text(&output.stdout), "");
    assert!(!sandbox.path("second").exists());

    signal(first.id(), Signal::CONT);
    assert!(first.end().status.code().is_some());
    assert!(read(&path).complete);
}
