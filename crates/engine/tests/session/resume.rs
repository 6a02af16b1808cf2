//! Sessions that are interrupted, and resuming them.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use libtest_mimic::Trial;
use perwatt_engine::session::{Finished, NewSession, ResumeError, Session};
use perwatt_host::Environment;
use perwatt_record::file;
use perwatt_record::schema::Tool;

use crate::fake_worker::SICK;
use crate::fixture::*;
use crate::meters::Counter;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "resume::interrupted_and_completed",
            interrupted_and_completed,
        ),
        trial("resume::interrupted_at_once", interrupted_at_once),
        trial("resume::interrupted_twice", interrupted_twice),
        trial("resume::after_a_failed_check", after_a_failed_check),
        trial("resume::complete_is_refused", complete_is_refused),
        trial("resume::elsewhere_is_refused", elsewhere_is_refused),
        trial("resume::damaged_is_refused", damaged_is_refused),
    ]
}

fn plan() -> NewSession {
    new_session(
        vec![hashing("well"), multiplying("well"), multiplying("other")],
        2,
    )
}

fn resume(path: &Path) -> Finished {
    let interrupt = AtomicBool::new(false);
    let session = resume_here(path).unwrap();
    session
        .run(&command("well"), &mut Watcher::new(&interrupt), &interrupt)
        .unwrap()
}

fn assert_incomplete(finished: &Finished, runs: usize) {
    assert!(finished.interrupted && !finished.record.complete);
    assert_eq!(finished.record.runs.len(), runs);
    assert!(finished.record.session.segments.last().unwrap().interrupted);
    assert_eq!(file::read(&finished.path).unwrap().record, finished.record);
    let report = check_file(&finished.path);
    assert!(report.incomplete(), "{report:#?}");
}

fn interrupted_and_completed() {
    let (_dir, whole) = run(plan(), "well");
    assert_archived(&whole, false);

    let dir = tempfile::tempdir().unwrap();
    // During the second round.
    let begun = interrupt_in(dir.path(), plan(), 5);
    assert_incomplete(&begun, 4);
    let ended = resume(&begun.path);
    assert_archived(&ended, false);
    assert_eq!(ended.path, begun.path);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    // The order is that without the interruption, and earlier runs are kept.
    assert_eq!(order(&ended.record), order(&whole.record));
    assert_eq!(ended.record.runs[..4], begun.record.runs);
    assert_eq!(ended.record.session.id, begun.record.session.id);
    let segments = &ended.record.session.segments;
    assert_eq!(
        segments.iter().map(|s| s.interrupted).collect::<Vec<_>>(),
        [true, false]
    );
    let of_runs: Vec<_> = ended.record.runs.iter().map(|run| run.segment).collect();
    assert_eq!(of_runs, [0, 0, 0, 0, 1, 1]);
    assert!(all_ran(&ended.record));
}

fn interrupted_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let interrupt = AtomicBool::new(true);
    let session = Session::create(plan(), dir.path()).unwrap();
    let mut watcher = Watcher::new(&interrupt);
    let begun = session
        .run(&command("well"), &mut watcher, &interrupt)
        .unwrap();
    assert_eq!(watcher.runs_started, 0);
    assert_incomplete(&begun, 0);
    assert_archived(&resume(&begun.path), false);
}

fn interrupted_twice() {
    let dir = tempfile::tempdir().unwrap();
    let begun = interrupt_in(dir.path(), plan(), 2);
    assert_incomplete(&begun, 1);
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.interrupt_in = Some(3);
    let session = resume_here(&begun.path).unwrap();
    let again = session
        .run(&command("well"), &mut watcher, &interrupt)
        .unwrap();
    assert_incomplete(&again, 3);
    let ended = resume(&begun.path);
    assert_archived(&ended, false);
    assert_eq!(ended.record.session.segments.len(), 3);
}

fn after_a_failed_check() {
    let dir = tempfile::tempdir().unwrap();
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.interrupt_in = Some(3);
    let new = new_session(vec![multiplying(SICK), multiplying("well")], 2);
    let session = Session::create(new, dir.path()).unwrap();
    let begun = session
        .run(&command("unverified"), &mut watcher, &interrupt)
        .unwrap();
    assert!(begun.interrupted);
    assert_eq!(begun.record.runs.len(), 2);
    assert!(check_file(&begun.path).failed());
    let ended = resume(&begun.path);
    assert_archived(&ended, true);
    assert_eq!(
        (
            ended.record.summary[0].runs_ok,
            ended.record.summary[0].runs_failed
        ),
        (1, 1)
    );
}

/// Asserts a refusal that leaves the file unchanged.
fn refused(
    path: &Path,
    host: &Environment,
    tool: &Tool,
    meters: Vec<perwatt_power::Found>,
) -> ResumeError {
    let before = fs::read(path).unwrap();
    let Err(error) = resume_with(path, host, &facts(), tool, meters) else {
        panic!("resumed")
    };
    assert_eq!(fs::read(path).unwrap(), before);
    error
}

fn complete_is_refused() {
    let (_dir, whole) = run(new_session(vec![multiplying("well")], 1), "well");
    let error = refused(&whole.path, &host(), &tool(), Vec::new());
    assert!(matches!(error, ResumeError::Complete(_)), "{error}");
    assert!(error.to_string().contains("complete"));
}

fn elsewhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let begun = interrupt_in(dir.path(), plan(), 1);
    let other = |error: ResumeError, part: &str| {
        assert!(matches!(error, ResumeError::Other { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };

    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("proc")).unwrap();
    fs::write(
        tree.path().join("proc/meminfo"),
        "MemTotal:       65536000 kB\n",
    )
    .unwrap();
    let machine = Environment::collect(tree.path());
    other(
        refused(&begun.path, &machine, &tool(), Vec::new()),
        "machine",
    );

    let newer = Tool {
        version: "0.2.0".into(),
        ..tool()
    };
    other(refused(&begun.path, &host(), &newer, Vec::new()), "0.2.0");
    let debug = Tool {
        profile: "debug".into(),
        ..tool()
    };
    other(refused(&begun.path, &host(), &debug, Vec::new()), "debug");

    let meters = vec![available(Counter::new("new-meter"))];
    other(refused(&begun.path, &host(), &tool(), meters), "new-meter");
}

fn damaged_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let begun = interrupt_in(dir.path(), plan(), 2);
    let bytes = fs::read(&begun.path).unwrap();

    fs::write(&begun.path, &bytes[..bytes.len() / 2]).unwrap();
    let error = refused(&begun.path, &host(), &tool(), Vec::new());
    assert!(
        matches!(&error, ResumeError::Read(inner) if inner.is_damage()),
        "{error}"
    );

    let edited = String::from_utf8(bytes)
        .unwrap()
        .replacen("\"test\"", "\"best\"", 1);
    fs::write(&begun.path, edited).unwrap();
    let error = refused(&begun.path, &host(), &tool(), Vec::new());
    assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("digest"), "{error}");

    // Sealed again, but with a protocol that no session could have had.
    let mut record = begun.record.clone();
    record.config.protocol.stall_timeout_s = -1.0;
    record.seal().unwrap();
    fs::write(&begun.path, record.to_bytes().unwrap()).unwrap();
    let error = refused(&begun.path, &host(), &tool(), Vec::new());
    assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");

    fs::remove_file(&begun.path).unwrap();
    let Err(error) = resume_here(&begun.path) else {
        panic!("resumed")
    };
    assert!(matches!(error, ResumeError::Read(_)), "{error}");
}
