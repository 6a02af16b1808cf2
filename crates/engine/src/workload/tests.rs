//! Plans of the existing workloads.

use perwatt_record::work::Work;

use super::plannable;
use crate::device::{GpuFacts, MachineFacts, test_gpu};
use crate::plan::{Choice, PlanError, Planned, Request};
use crate::worker::Tuned;

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
        gpus: Vec::new(),
        gpu_error: None,
        library: None,
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

#[test]
fn the_default_plan_covers_every_family_and_repeats_nothing() {
    let planned = build(&Request::default(), &facts()).unwrap();
    let ids: Vec<&str> = planned.plan.entries.iter().map(|e| e.id.as_str()).collect();
    for family in ["sha256d/", "matmul/f32/", "stream/"] {
        assert!(
            ids.iter().any(|id| id.starts_with(family)),
            "{family} is missing from {ids:?}"
        );
    }
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert_eq!(
        ids.iter().filter(|id| id.starts_with("sha256d/")).count(),
        1
    );
    assert_eq!(planned.config.rounds, 6);
    assert_eq!(planned.threads.count, 3);
}

#[test]
fn all_backends_are_planned_or_skipped_with_a_reason() {
    let mut wanted = request(&["sha256d"]);
    wanted.backends = vec!["all".into()];
    let planned = build(&wanted, &facts()).unwrap();
    let known = perwatt_sha256d::Backend::all().len();
    assert_eq!(
        planned.plan.entries.len() + planned.plan.skipped.len(),
        known
    );
    assert!(
        planned
            .plan
            .skipped
            .iter()
            .all(|skipped| !skipped.reason.is_empty())
    );
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
    assert_eq!(
        build(&wanted, &facts()).unwrap().threads.pinned_cpus,
        Some(vec![0, 2])
    );
    wanted.threads = Some(4);
    assert!(error(&wanted).contains("--threads 4"));
}

#[test]
fn every_bad_request_names_its_value_and_the_remedy() {
    let case = |change: &dyn Fn(&mut Request), parts: &[&str]| {
        let mut wanted = Request::default();
        change(&mut wanted);
        let message = error(&wanted);
        for part in parts {
            assert!(
                message.contains(part),
                "{message:?} does not mention {part:?}"
            );
        }
    };
    case(
        &|r| r.workloads = vec!["sha265d".into()],
        &["\"sha265d\"", "sha256d", "stream/triad"],
    );
    case(
        &|r| r.workloads = vec!["sha256d:7".into()],
        &["sha256d", "\"7\""],
    );
    case(
        &|r| r.workloads = vec!["matmul/f32:0x1x1".into()],
        &["0x1x1"],
    );
    case(
        &|r| r.workloads = vec!["matmul:400000x400000x400000".into()],
        &["400000x400000x400000"],
    );
    case(
        &|r| r.backends = vec!["gpu-magic".into()],
        &["\"gpu-magic\"", "portable"],
    );
    case(&|r| r.devices = vec!["gpu:7".into()], &["\"gpu:7\"", "cpu"]);
    case(&|r| r.seconds = Some(0.0), &["--seconds 0", "from 0.001"]);
    case(&|r| r.seconds = Some(-1.0), &["--seconds -1"]);
    case(&|r| r.seconds = Some(f64::NAN), &["--seconds NaN"]);
    case(
        &|r| r.stall_timeout_s = Some(f64::INFINITY),
        &["--timeout inf"],
    );
    case(&|r| r.rounds = Some(0), &["--rounds 0"]);
    case(&|r| r.threads = Some(0), &["--threads 0"]);
    case(&|r| r.threads = Some(4000), &["--threads 4000", "12"]);
}

/// A machine with one GPU on which the search was tuned.
fn with_gpu(change: impl Fn(&mut GpuFacts)) -> MachineFacts {
    let mut gpu = GpuFacts::new(test_gpu("gpu:0"));
    gpu.gpu
        .limits
        .insert("max_workgroup_invocations".into(), 256);
    for (backend, rate_per_s) in [("wgsl", 5e9), ("wgsl-rolled", 6e9)] {
        gpu.tuned.push(Tuned {
            workload: "sha256d".into(),
            backend: backend.into(),
            variant: format!("form of {backend}"),
            rate_per_s,
            tried: 4,
            forms: 4,
        });
    }
    change(&mut gpu);
    MachineFacts {
        gpus: vec![gpu],
        ..facts()
    }
}

fn hashing_on_gpu(facts: &MachineFacts, backends: &[&str]) -> Planned {
    let wanted = Request {
        devices: vec!["gpu:0".into()],
        backends: backends.iter().map(|name| (*name).into()).collect(),
        ..request(&["sha256d"])
    };
    build(&wanted, facts).unwrap()
}

#[test]
fn gpus_are_planned_with_the_form_that_was_found() {
    let facts = with_gpu(|_| ());
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    let ids: Vec<&str> = planned.plan.entries.iter().map(|e| e.id.as_str()).collect();
    assert!(ids[0].starts_with("sha256d/cpu/"), "{ids:?}");
    assert_eq!(ids[1..], ["sha256d/gpu:0/wgsl-rolled"]);
    let entry = &planned.plan.entries[1];
    assert_eq!(entry.variant.as_deref(), Some("form of wgsl-rolled"));
    assert_eq!(entry.backend_warning, None);
    assert_eq!(planned.plan.gpus, [facts.gpus[0].gpu.clone()]);
    let chosen = planned.plan.trials.iter().filter(|trial| trial.chosen);
    let devices: Vec<&str> = chosen.map(|trial| trial.device.as_str()).collect();
    assert_eq!(devices, ["cpu", "gpu:0"]);
    let all = hashing_on_gpu(&facts, &["all"]);
    assert_eq!(all.plan.entries.len(), 2);
}

#[test]
fn figures_of_a_software_adapter_and_of_an_untried_form_are_marked() {
    let facts = with_gpu(|gpu| gpu.gpu.kind = perwatt_record::schema::GpuKind::Software);
    let entry = &hashing_on_gpu(&facts, &[]).plan.entries[0];
    assert!(entry.backend_warning.as_ref().unwrap().contains("software"));

    let facts = with_gpu(|gpu| {
        gpu.tuned.clear();
        gpu.untuned
            .push(("sha256d".into(), "the driver crashed".into()));
    });
    let entry = &hashing_on_gpu(&facts, &[]).plan.entries[0];
    assert_eq!(
        (entry.id.as_str(), &entry.variant),
        ("sha256d/gpu:0/wgsl", &None)
    );
    assert!(
        entry
            .backend_warning
            .as_ref()
            .unwrap()
            .contains("the driver crashed")
    );
}

#[test]
fn a_gpu_that_cannot_run_it_is_skipped_with_the_reason() {
    let facts = with_gpu(|gpu| {
        gpu.gpu
            .limits
            .insert("max_workgroup_invocations".into(), 128);
    });
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    let skipped = &planned.plan.skipped[0];
    assert_eq!(skipped.what, "sha256d/gpu:0/wgsl-rolled");
    assert!(skipped.reason.contains("128") && skipped.reason.contains("256"));
    assert!(planned.plan.gpus.is_empty());
    assert!(
        planned
            .plan
            .entries
            .iter()
            .all(|entry| entry.device == "cpu")
    );
}

#[test]
fn gpus_that_cannot_be_listed_cost_no_cpu_run() {
    let facts = MachineFacts {
        gpu_error: Some("the driver gave no answer".into()),
        ..facts()
    };
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    assert!(!planned.plan.entries.is_empty());
    assert_eq!(
        planned.plan.skipped.last().unwrap().reason,
        "the driver gave no answer"
    );
    let wanted = Request {
        devices: vec!["gpu:0".into()],
        ..request(&["sha256d"])
    };
    let message = build(&wanted, &facts).unwrap_err().to_string();
    assert!(message.contains("the driver gave no answer"), "{message}");
}

fn ids_on_gpu(workloads: &[&str], facts: &MachineFacts) -> Vec<String> {
    let wanted = Request {
        devices: vec!["gpu".into()],
        ..request(workloads)
    };
    let entries = build(&wanted, facts).unwrap().plan.entries;
    entries.into_iter().map(|entry| entry.id).collect()
}

/// Cards get large products and whole models, software adapters small ones.
#[test]
fn shapes_scale_to_the_device() {
    let card = with_gpu(|gpu| {
        gpu.gpu.features = vec!["f16".into()];
        let limit = "max_storage_binding_bytes".into();
        gpu.gpu.limits.insert(limit, (1 << 31) - 4);
    });
    let ids = ids_on_gpu(&["matmul", "gemv/i8:llama8b-decode1"], &card);
    assert_eq!(
        ids,
        [
            "matmul/f32/square-4096/gpu:0/wgsl",
            "matmul/f16/square-4096/gpu:0/wgsl",
            "matmul/f16-f32/square-4096/gpu:0/wgsl",
            "matmul/i8/square-4096/gpu:0/wgsl",
            "gemv/i8/llama8b-decode1/gpu:0/wgsl",
        ]
    );
    let software = with_gpu(|gpu| {
        gpu.gpu.kind = perwatt_record::schema::GpuKind::Software;
    });
    let ids = ids_on_gpu(&["matmul/f32", "gemv/i8", "stream/copy"], &software);
    assert_eq!(
        ids,
        [
            "matmul/f32/256x256x256/gpu:0/wgsl",
            "gemv/i8/llama8b-1of16-decode1/gpu:0/wgsl",
            "stream/copy/gpu:0/wgsl",
        ]
    );
}

#[test]
fn the_work_of_a_model_is_counted_by_its_products() {
    let facts = with_gpu(|_| ());
    let wanted = Request {
        devices: vec!["gpu".into()],
        ..request(&["matmul/i8:llama8b-1of16-prefill8", "gemv/i8:1x5x7"])
    };
    let entries = build(&wanted, &facts).unwrap().plan.entries;
    let params = &entries[0].workload.params;
    assert_eq!(params["tokens_per_step"], "8");
    assert_eq!(params["model"], "llama8b-1of16-prefill8");
    assert!(
        params["shape"].starts_with("8x384x256*32+"),
        "{}",
        params["shape"]
    );
    assert_eq!(entries[1].work_per_step, 6 * 7 + 5 * 4);
    for entry in &entries {
        perwatt_record::rules::check_entry(entry).unwrap();
    }
}

#[test]
fn what_a_gpu_lacks_or_cannot_hold_is_named() {
    let facts = with_gpu(|gpu| {
        gpu.gpu
            .limits
            .insert("max_storage_binding_bytes".into(), 128 << 20);
    });
    let wanted = Request {
        devices: vec!["gpu".into()],
        ..request(&["matmul/f32:8192x8192x8192"])
    };
    let message = build(&wanted, &facts).unwrap_err().to_string();
    for part in ["268435456 bytes", "134217728", "gpu:0"] {
        assert!(message.contains(part), "{message}");
    }
    // Products that do not fit are not part of a suite.
    let ids = ids_on_gpu(&["matmul/f32", "gemv/f16"], &facts);
    assert_eq!(
        ids,
        [
            "matmul/f32/square-4096/gpu:0/wgsl",
            "gemv/f16/decode1-ffn-up-4096x14336/gpu:0/wgsl"
        ]
    );
    let wanted = Request {
        devices: vec!["gpu".into()],
        ..request(&["matmul/f16"])
    };
    let message = build(&wanted, &facts).unwrap_err().to_string();
    assert!(
        message.contains("no half-precision arithmetic"),
        "{message}"
    );

    let wanted = Request {
        devices: vec!["gpu".into()],
        ..request(&["gemv/i8:2x5x7"])
    };
    let message = build(&wanted, &facts).unwrap_err().to_string();
    assert!(message.contains("one row"), "{message}");
}

/// Comparable products have the same key, whichever device computed them.
#[test]
fn a_product_has_one_key_on_every_device() {
    let facts = with_gpu(|_| ());
    let planned = build(&request(&["matmul/f32:17x31x63"]), &facts).unwrap();
    let on = |device: &str| {
        let mut entries = planned.plan.entries.iter();
        entries
            .find(|entry| entry.device == device)
            .unwrap()
            .workload
            .clone()
    };
    assert_eq!(on("cpu"), on("gpu:0"));
}

/// The workloads that records define can be measured, and are counted as defined.
#[test]
fn every_defined_workload_is_registered_once() {
    let mut registered: Vec<&str> = Vec::new();
    for workload in crate::workload::REGISTRY {
        for kind in workload.kinds() {
            let work = Work::find(kind).unwrap();
            assert_eq!(workload.unit(), work.unit(), "{kind}");
            assert_eq!(workload.family(), work.family().name(), "{kind}");
            registered.push(kind);
        }
    }
    let mut defined: Vec<&str> = Work::all().map(Work::name).collect();
    registered.sort_unstable();
    defined.sort_unstable();
    assert_eq!(registered, defined);
}
