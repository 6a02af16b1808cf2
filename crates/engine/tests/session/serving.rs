//! The worker's side of the pipe, in this process.

use std::io::Cursor;

use perwatt_engine::serve;
use perwatt_engine::worker::{Assignment, FromWorker, ToWorker};
use perwatt_record::schema::FailureKind;

use crate::fixture::*;

trials![
    nothing_to_do_is_no_error,
    nonsense_is_an_error,
    what_cannot_be_run_is_refused_by_name,
    a_load_begins_with_ready_and_ends_with_its_proof,
    messages_survive_the_pipe,
];

fn told(name: &str, backend: &str, params: &[(&str, &str)]) -> Assignment {
    let mut entry = hashing(backend);
    let params = params.iter().map(|(k, v)| ((*k).into(), (*v).into()));
    entry.workload.params = params.collect();
    entry.workload.name = name.into();
    assignment(entry)
}

/// The messages of a worker that is told to start and, at once, to stop.
fn said(assignment: Assignment) -> Vec<FromWorker> {
    let lines = [ToWorker::Start(Box::new(assignment)), ToWorker::Stop]
        .map(|message| serde_json::to_string(&message).unwrap() + "\n")
        .concat();
    let mut output = Vec::new();
    serve(Cursor::new(lines), &mut output).unwrap();
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

fn nothing_to_do_is_no_error() {
    for input in ["", "{\"say\":\"stop\"}\n"] {
        let mut output = Vec::new();
        serve(Cursor::new(input), &mut output).unwrap();
        assert_eq!(output, b"");
    }
}

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

fn what_cannot_be_run_is_refused_by_name() {
    assert!(refusal(told("fft/f32", "simd", &[])).contains("\"fft/f32\""));
    assert!(refusal(told("sha256d", "quantum", &[])).contains("quantum"));
    assert!(refusal(told("matmul/f32", "embedded", &[])).contains("\"shape\""));
    let shape = [("shape", "64x64"), ("input_seed", "1")];
    assert!(refusal(told("matmul/f32", "embedded", &shape)).contains("64x64"));
    let seed = [("shape", "8x8x8"), ("input_seed", "minus one")];
    assert!(!refusal(told("matmul/f32", "embedded", &seed)).is_empty());
    let shape = [("shape", "8x8x8"), ("input_seed", "1")];
    assert!(refusal(told("matmul/f32", "abacus", &shape)).contains("abacus"));
    assert!(refusal(told("stream/read", "simd", &[])).contains("array_bytes"));
    let bytes = [("array_bytes", "18446744073709551615")];
    assert!(!refusal(told("stream/read", "simd", &bytes)).is_empty());
}

fn a_load_begins_with_ready_and_ends_with_its_proof() {
    let messages = said(told("sha256d", "portable", &[]));
    assert_eq!(messages[0], FromWorker::Ready);
    assert!(matches!(messages[1], FromWorker::Work { steps: 0, .. }));
    assert!(matches!(messages.last(), Some(FromWorker::Done { .. })));
    let times: Vec<u64> = messages
        .iter()
        .filter_map(|message| match message {
            FromWorker::Work { t_ns, .. } => Some(*t_ns),
            _ => None,
        })
        .collect();
    assert!(times.is_sorted());
}

fn messages_survive_the_pipe() {
    let quoted = told("sha256d", "portable", &[("a", "\"\n µ")]);
    let start = ToWorker::Start(Box::new(quoted));
    for message in [start, ToWorker::Stop] {
        let line = serde_json::to_string(&message).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<ToWorker>(&line).unwrap(), message);
    }
}
