//! The worker's side of the pipe, in this process.

use std::collections::BTreeMap;
use std::io::Cursor;

use perwatt_engine::serve;
use perwatt_engine::worker::{Assignment, FromWorker, ToWorker};
use perwatt_host::clock;
use perwatt_record::schema::{Entry, FailureKind, Unit, WorkloadKey};

fn assignment(name: &str, backend: &str, params: &[(&str, &str)]) -> Assignment {
    let params: BTreeMap<String, String> = params
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect();
    Assignment {
        gpu: None,
        entry: Entry {
            id: format!("{name}/cpu/{backend}"),
            workload: WorkloadKey {
                name: name.into(),
                version: 1,
                params,
            },
            device: "cpu".into(),
            backend: backend.into(),
            backend_detail: None,
            variant: None,
            backend_warning: None,
            unit: Unit::Flop,
            work_per_step: 1,
            description: "a test".into(),
        },
        threads: 1,
        pinned_cpus: None,
        check_seed: 1,
        session_id: "ab".into(),
        machine_key: "cd".into(),
        round: 0,
        first_time: 5,
        expected_s: 1.0,
        llc_bytes: None,
        clock_ns: clock::monotonic_ns(),
    }
}

/// The messages of a worker that is told to start and, at once, to stop.
fn said(assignment: Assignment) -> Vec<FromWorker> {
    let told = [ToWorker::Start(Box::new(assignment)), ToWorker::Stop]
        .map(|message| serde_json::to_string(&message).unwrap() + "\n")
        .concat();
    let mut output = Vec::new();
    serve(Cursor::new(told), &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn refusal(assignment: Assignment) -> String {
    match said(assignment).pop() {
        Some(FromWorker::Failed {
            kind: FailureKind::Refused,
            message,
        }) => message,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn nothing_to_do_is_no_error() {
    for input in ["", "{\"say\":\"stop\"}\n"] {
        let mut output = Vec::new();
        serve(Cursor::new(input), &mut output).unwrap();
        assert_eq!(output, b"");
    }
}

#[test]
fn nonsense_is_an_error() {
    for input in [
        "hello\n",
        "{\"say\":\"start\"}\n",
        "{\"say\":\"dance\"}\n",
        "[]\n",
    ] {
        let mut output = Vec::new();
        assert!(serve(Cursor::new(input), &mut output).is_err(), "{input:?}");
        assert_eq!(output, b"");
    }
}

#[test]
fn what_cannot_be_run_is_refused_by_name() {
    assert!(refusal(assignment("fft/f32", "simd", &[])).contains("\"fft/f32\""));
    assert!(refusal(assignment("sha256d", "quantum", &[])).contains("quantum"));
    assert!(refusal(assignment("matmul/f32", "embedded", &[])).contains("\"shape\""));
    let shape = [("shape", "64x64"), ("input_seed", "1")];
    assert!(refusal(assignment("matmul/f32", "embedded", &shape)).contains("64x64"));
    let seed = [("shape", "8x8x8"), ("input_seed", "minus one")];
    assert!(!refusal(assignment("matmul/f32", "embedded", &seed)).is_empty());
    let shape = [("shape", "8x8x8"), ("input_seed", "1")];
    assert!(refusal(assignment("matmul/f32", "abacus", &shape)).contains("abacus"));
    assert!(refusal(assignment("stream/read", "simd", &[])).contains("array_bytes"));
    let bytes = [("array_bytes", "18446744073709551615")];
    assert!(!refusal(assignment("stream/read", "simd", &bytes)).is_empty());
}

#[test]
fn a_load_begins_with_ready_and_ends_with_its_proof() {
    let messages = said(assignment("sha256d", "portable", &[]));
    assert_eq!(messages[0], FromWorker::Ready);
    assert!(matches!(messages[1], FromWorker::Work { steps: 0, .. }));
    assert!(matches!(messages.last(), Some(FromWorker::Done { .. })));
    let times: Vec<u64> = messages
        .iter()
        .filter_map(|m| {
            if let FromWorker::Work { t_ns, .. } = m {
                Some(*t_ns)
            } else {
                None
            }
        })
        .collect();
    assert!(times.is_sorted());
}

#[test]
fn messages_survive_the_pipe() {
    let start = ToWorker::Start(Box::new(assignment(
        "sha256d",
        "portable",
        &[("a", "\"\n µ")],
    )));
    for message in [start, ToWorker::Stop] {
        let line = serde_json::to_string(&message).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<ToWorker>(&line).unwrap(), message);
    }
    let message = FromWorker::Failed {
        kind: FailureKind::Refused,
        message: "two\nlines".into(),
    };
    let line = serde_json::to_string(&message).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<FromWorker>(&line).unwrap(), message);
}
