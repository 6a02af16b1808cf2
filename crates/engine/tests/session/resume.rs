//! Sessions that are interrupted, and resuming them.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use perwatt_engine::session::{Finished, NewSession, ResumeError, Session};
use perwatt_record::file;

use crate::fake_worker::SICK;
use crate::fixture::*;

trials![
    interrupted_and_completed,
    interrupted_at_once,
    interrupted_twice,
    after_a_failed_check,
    complete_is_refused,
    damaged_is_refused,
];

fn plan() -> NewSession {
    new_session(
        vec![hashing("well"), multiplying("well"), multiplying("other")],
        2,
    )
}

fn completed(path: &Path) -> Finished {
    go_on(resume(path, |_| ()).unwrap(), &command("well"), None)
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
    let ended = completed(&begun.path);
    assert_archived(&ended, false);
    assert_eq!(ended.path, begun.path);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    // The order is that without the interruption, and earlier runs are kept.
    assert_eq!(order(&ended.record), order(&whole.record));
    assert_eq!(ended.record.runs[..4], begun.record.runs);
    assert_eq!(ended.record.session.id, begun.record.session.id);
    let segments = &ended.record.session.segments;
    assert!(segments.iter().map(|s| s.interrupted).eq([true, false]));
    let of_runs: Vec<_> = ended.record.runs.iter().map(|run| run.segment).collect();
    assert_eq!(of_runs, [0, 0, 0, 0, 1, 1]);
    assert!(all_ran(&ended.record));
}

fn interrupted_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let interrupt = AtomicBool::new(true);
    let mut watcher = Watcher::new(&interrupt);
    let begun = watched(plan(), dir.path(), &mut watcher).unwrap();
    assert_eq!(watcher.runs_started, 0);
    assert_incomplete(&begun, 0);
    assert_archived(&completed(&begun.path), false);
}

fn interrupted_twice() {
    let dir = tempfile::tempdir().unwrap();
    let begun = interrupt_in(dir.path(), plan(), 2);
    assert_incomplete(&begun, 1);
    let session = resume(&begun.path, |_| ()).unwrap();
    let again = go_on(session, &command("well"), Some(3));
    assert_incomplete(&again, 3);
    let ended = completed(&begun.path);
    assert_archived(&ended, false);
    assert_eq!(ended.record.session.segments.len(), 3);
}

fn after_a_failed_check() {
    let dir = tempfile::tempdir().unwrap();
    let new = new_session(vec![multiplying(SICK), multiplying("well")], 2);
    let session = Session::create(new, dir.path()).unwrap();
    let begun = go_on(session, &command("unverified"), Some(3));
    assert!(begun.interrupted);
    assert_eq!(begun.record.runs.len(), 2);
    assert!(check_file(&begun.path).failed());
    let ended = completed(&begun.path);
    assert_archived(&ended, true);
    let row = &ended.record.summary[0];
    assert_eq!((row.runs_ok, row.runs_failed), (1, 1));
}

fn complete_is_refused() {
    let (_dir, whole) = run(new_session(vec![multiplying("well")], 1), "well");
    let error = refused(&whole.path, |_| ());
    assert!(matches!(error, ResumeError::Complete(_)), "{error}");
    has(&error, &["complete"]);
}

fn damaged_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let begun = interrupt_in(dir.path(), plan(), 2);
    let bytes = fs::read(&begun.path).unwrap();

    fs::write(&begun.path, &bytes[..bytes.len() / 2]).unwrap();
    let error = refused(&begun.path, |_| ());
    let is_damage = matches!(&error, ResumeError::Read(inner) if inner.is_damage());
    assert!(is_damage, "{error}");

    let text = String::from_utf8(bytes).unwrap();
    fs::write(&begun.path, text.replacen("\"test\"", "\"best\"", 1)).unwrap();
    let error = refused(&begun.path, |_| ());
    assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");
    has(&error, &["digest"]);

    // Sealed again, but with a protocol that no session could have had.
    let mut record = begun.record.clone();
    record.config.protocol.stall_timeout_s = -1.0;
    record.seal().unwrap();
    fs::write(&begun.path, record.to_bytes().unwrap()).unwrap();
    let error = refused(&begun.path, |_| ());
    assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");

    fs::remove_file(&begun.path).unwrap();
    let error = resume(&begun.path, |_| ()).err().expect("a refusal");
    assert!(matches!(error, ResumeError::Read(_)), "{error}");
}
