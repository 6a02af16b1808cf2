//! Real workloads in real worker processes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use perwatt_engine::device::MachineFacts;
use perwatt_engine::plan::{Choice, Request};
use perwatt_engine::session::Session;
use perwatt_engine::worker::{Assignment, FromWorker, ToWorker};
use perwatt_engine::workload::plannable;
use perwatt_record::schema::{Entry, FailureKind, Status};

use crate::fixture::*;

trials![
    every_workload_family,
    a_worker_without_coordinator_leaves,
    #[cfg(unix)]
    without_memory_for_a_thread,
    an_unknown_workload_is_refused,
];

fn entries() -> Vec<Entry> {
    let facts = MachineFacts {
        llc_bytes: Some(1 << 18),
        memory_bytes: Some(1 << 30),
        ..facts()
    };
    let workloads = ["sha256d", "matmul/f32:64x48x32", "stream/triad"]
        .map(String::from)
        .to_vec();
    let backends = ["portable", "embedded", "simd"].map(String::from).to_vec();
    let request = Request {
        workloads,
        backends,
        ..Request::default()
    };
    let choice = Choice::new(&request, &facts, &plannable()).unwrap();
    choice.plan(&facts).unwrap().entries
}

fn every_workload_family() {
    let entries = entries();
    assert_eq!(entries.len(), 3);
    // Correct work fails one session in a thousand by chance; two in a row do not.
    for attempt in 0..2 {
        let (_dir, finished) = run(new_session(entries.clone(), 1), "real");
        let by_chance = finished.record.runs.iter().any(|run| {
            matches!(&run.status, Status::Failed(f) if f.kind == FailureKind::Unverified
                && f.message.contains("claimed hashes, where"))
        });
        if by_chance && attempt == 0 {
            continue;
        }
        assert_archived(&finished, false);
        for run in &finished.record.runs {
            assert_eq!(run.status, Status::Ok, "{}", entries[run.entry as usize].id);
        }
        assert!(finished.record.summary.iter().all(|row| row.verified));
        return;
    }
}

/// A stack of 128 TiB stands for a machine without memory for one of 2 MiB.
#[cfg(unix)]
fn without_memory_for_a_thread() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command("real");
    command
        .envs
        .push(("RUST_MIN_STACK".into(), (1_u64 << 47).to_string()));
    let session = Session::create(new_session(entries(), 1), dir.path()).unwrap();
    let finished = go_on(session, &command, None);
    assert_archived(&finished, false);
    for run in &finished.record.runs {
        let failure = failure(run);
        assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
        assert!(failure.message.contains("free some memory"), "{failure:?}");
    }
}

fn an_unknown_workload_is_refused() {
    let mut entry = multiplying("well");
    entry.workload.name = "raytrace/f32".into();
    entry.id = "raytrace/f32/cpu/well".into();
    let (_dir, finished) = run(new_session(vec![entry], 1), "real");
    assert_archived(&finished, false);
    let failure = failure(&finished.record.runs[0]);
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.message.contains("raytrace/f32"), "{failure:?}");
}

fn a_worker_without_coordinator_leaves() {
    for entry in entries() {
        let start = ToWorker::Start(Box::new(Assignment {
            expected_s: 3600.0,
            ..assignment(entry)
        }));
        let command = command("real");
        let mut worker = Command::new(&command.program)
            .args(&command.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = worker.stdin.take().unwrap();
        serde_json::to_writer(&input, &start).unwrap();
        input.write_all(b"\n").unwrap();
        let mut output = BufReader::new(worker.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(
            serde_json::from_str::<FromWorker>(&line).unwrap(),
            FromWorker::Ready
        );

        // As when the coordinator is killed: the pipe ends in both directions.
        drop((input, output));
        let patience = Instant::now() + Duration::from_secs(60);
        while worker.try_wait().unwrap().is_none() {
            assert!(
                Instant::now() < patience,
                "the worker goes on without a coordinator"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
