//! Plans of the existing workloads.

mod gpu;

use perwatt_record::work::Work;

use super::plannable;
use crate::device::MachineFacts;
use crate::plan::{Choice, PlanError, Planned, Request};

fn build(request: &Request, facts: &MachineFacts) -> Result<Planned, PlanError> {
    let choice = Choice::new(request, facts, &plannable())?;
    let plan = choice.plan(facts)?;
    Ok(choice.complete(plan, &[]))
}

fn facts() -> MachineFacts {
    MachineFacts {
        cpus: vec![0, 2, 70],
        default_threads: 3,
        threads_reason: "one for each CPU".into(),
        llc_bytes: Some(32 << 20),
        memory_bytes: Some(8 << 30),
        ..MachineFacts::default()
    }
}

fn request(workloads: &[&str]) -> Request {
    Request {
        workloads: workloads.iter().map(|w| (*w).into()).collect(),
        ..Request::default()
    }
}

fn error(request: &Request) -> String {
    build(request, &facts()).unwrap_err().to_string()
}

#[track_caller]
fn has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

fn ids(planned: &Planned) -> Vec<&str> {
    let entries = planned.plan.entries.iter();
    entries.map(|entry| entry.id.as_str()).collect()
}

#[test]
fn the_default_plan_covers_every_family_and_repeats_nothing() {
    let planned = build(&Request::default(), &facts()).unwrap();
    let ids = ids(&planned);
    let of = |family: &str| ids.iter().filter(|id| id.starts_with(family)).count();
    assert_eq!(of("sha256d/"), 1);
    for family in ["matmul/f32/", "stream/"] {
        assert!(of(family) > 0, "{family} is missing from {ids:?}");
    }
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    assert_eq!(planned.config.rounds, 6);
    assert_eq!(planned.threads.count, 3);
}

#[test]
fn all_backends_are_planned_or_skipped_with_a_reason() {
    let mut wanted = request(&["sha256d"]);
    wanted.backends = vec!["all".into()];
    let plan = build(&wanted, &facts()).unwrap().plan;
    let known = perwatt_sha256d::Backend::all().len();
    assert_eq!(plan.entries.len() + plan.skipped.len(), known);
    assert!(plan.skipped.iter().all(|one| !one.reason.is_empty()));
}

#[test]
fn a_shape_may_be_named_or_written_out() {
    let planned = build(&request(&["matmul/f32:17x31x63"]), &facts()).unwrap();
    let entry = &planned.plan.entries[0];
    assert_eq!(entry.workload.params["shape"], "17x31x63");
    assert_eq!(entry.work_per_step, 2 * 17 * 31 * 63);
}

#[test]
fn asking_twice_plans_once() {
    let once = build(&request(&["stream"]), &facts()).unwrap();
    let twice = build(&request(&["stream", "stream/read"]), &facts()).unwrap();
    assert_eq!(once.plan.entries, twice.plan.entries);
}

#[test]
fn pinning_follows_a_sparse_mask() {
    let mut wanted = request(&["stream/read"]);
    wanted.pin = true;
    wanted.threads = Some(2);
    let threads = build(&wanted, &facts()).unwrap().threads;
    assert_eq!(threads.pinned_cpus, Some(vec![0, 2]));
    wanted.threads = Some(4);
    assert!(error(&wanted).contains("--threads 4"));
}

#[test]
fn every_bad_request_names_its_value_and_the_remedy() {
    let case = |wanted: Request, parts: &[&str]| has(&error(&wanted), parts);
    for (workload, parts) in [
        ("sha265d", ["\"sha265d\"", "sha256d", "stream/triad"]),
        ("sha256d:7", ["sha256d", "\"7\"", ""]),
        ("matmul/f32:0x1x1", ["0x1x1", "", ""]),
        (
            "matmul:400000x400000x400000",
            ["400000x400000x400000", "", ""],
        ),
    ] {
        case(request(&[workload]), &parts);
    }
    type Change = fn(&mut Request);
    let changes: [(Change, &[&str]); 9] = [
        (
            |r| r.backends = vec!["gpu-magic".into()],
            &["\"gpu-magic\"", "portable"],
        ),
        (|r| r.devices = vec!["gpu:7".into()], &["\"gpu:7\"", "cpu"]),
        (|r| r.seconds = Some(0.0), &["--seconds 0", "from 0.001"]),
        (|r| r.seconds = Some(-1.0), &["--seconds -1", "from 0.001"]),
        (
            |r| r.seconds = Some(f64::NAN),
            &["--seconds NaN", "from 0.001"],
        ),
        (
            |r| r.stall_timeout_s = Some(f64::INFINITY),
            &["--timeout inf"],
        ),
        (|r| r.rounds = Some(0), &["--rounds 0"]),
        (|r| r.threads = Some(0), &["--threads 0", "12"]),
        (|r| r.threads = Some(4000), &["--threads 4000", "12"]),
    ];
    for (change, parts) in changes {
        let mut wanted = Request::default();
        change(&mut wanted);
        case(wanted, parts);
    }
}

/// The workloads that records define can be measured.
#[test]
fn every_defined_workload_is_registered_once() {
    let all = crate::workload::REGISTRY.iter();
    let mut registered: Vec<&str> = all.flat_map(|workload| workload.kinds()).collect();
    let mut defined: Vec<&str> = Work::all().map(Work::name).collect();
    registered.sort_unstable();
    defined.sort_unstable();
    assert_eq!(registered, defined);
}
