//! The record on disk during a session, and failures to write it.

use std::fs;
use std::sync::atomic::AtomicBool;

use perwatt_engine::session::{Session, SessionError, StartError};
use perwatt_record::{WriteError, file};

use crate::fixture::*;

trials![
    every_finished_round_is_on_disk,
    a_lost_directory_rescues,
    a_passing_failure_is_made_good,
    no_place_fails_first,
    a_seed_gives_one_order,
];

fn every_finished_round_is_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.at_run_start = Box::new(|nth, path| {
        let loaded = file::read(path).unwrap();
        assert!(perwatt_record::check::check(&loaded).incomplete());
        assert_eq!(loaded.record.runs.len(), (nth - 1) / 2 * 2);
    });
    let new = new_session(vec![hashing("well"), multiplying("well")], 2);
    let finished = watched(new, dir.path(), &mut watcher).unwrap();
    assert_archived(&finished, false);
    assert_eq!((watcher.runs_started, watcher.runs_ended), (4, 4));
    assert_eq!(watcher.started.as_deref(), Some(finished.path.as_path()));
    let segment = &finished.record.session.segments[0];
    assert!(segment.written_utc > segment.started_utc, "{segment:?}");
    // The directory contains no temporary file.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

fn a_lost_directory_rescues() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.at_run_start = Box::new(|nth, _| {
        if nth == 1 {
            fs::remove_dir_all(&out).unwrap();
            fs::write(&out, "a file where the directory was").unwrap();
        }
    });
    let session = Session::create(new_session(vec![multiplying("well")], 2), &out).unwrap();
    let id = session.record().session.id.clone();
    let result = session.run(&command("well"), &mut watcher, &interrupt);
    assert_eq!(watcher.write_failures.len(), 2);
    has(&watcher.write_failures[0], &["--out"]);
    let error = result.expect_err("nothing was lost");
    let SessionError::Rescued { rescued, .. } = &error else {
        panic!("not rescued: {error}")
    };
    let loaded = file::read(rescued).unwrap();
    fs::remove_file(rescued).unwrap();
    has(&error, &[rescued.to_str().unwrap()]);
    assert!(!perwatt_record::check::check(&loaded).failed());
    assert!(loaded.record.complete);
    assert_eq!(loaded.record.session.id, id);
    assert_eq!(loaded.record.runs.len(), 2);
    assert_eq!(fs::read(&out).unwrap(), b"a file where the directory was");
}

fn a_passing_failure_is_made_good() {
    let dir = tempfile::tempdir().unwrap();
    let (out, away) = (dir.path().join("out"), dir.path().join("away"));
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.at_run_start = Box::new(|nth, _| match nth {
        1 => fs::rename(&out, &away).unwrap(),
        2 => fs::rename(&away, &out).unwrap(),
        _ => {}
    });
    let new = new_session(vec![multiplying("well")], 2);
    let finished = watched(new, &out, &mut watcher).unwrap();
    assert_eq!(watcher.write_failures.len(), 1);
    assert_archived(&finished, false);
}

fn no_place_fails_first() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let new = new_session(vec![multiplying("well")], 1);
    let error = Session::create(new, &file.join("x")).err();
    let no_directory = matches!(error, Some(StartError::Write(WriteError::Directory { .. })));
    assert!(no_directory, "{error:?}");
}

fn a_seed_gives_one_order() {
    let entries = || vec![multiplying("a"), multiplying("b"), multiplying("c")];
    let orders: Vec<_> = [7, 7, 8]
        .into_iter()
        .map(|seed| {
            let mut new = new_session(entries(), 2);
            new.seed = seed;
            order(&well(new))
        })
        .collect();
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
    let round_0 = orders[0][..3].iter().map(|(round, at, _)| (*round, *at));
    assert!(round_0.eq([(0, 0), (0, 1), (0, 2)]), "{orders:?}");
}
