//! Plans for GPUs.

use perwatt_power::{Boundary, Covers, MeterInfo, Pace, Quantity};
use perwatt_record::schema::{Entry, GpuKind};
use perwatt_record::suite::Suite;

use super::{build, facts, has, ids, request};
use crate::device::{GpuFacts, MachineFacts, test_gpu};
use crate::plan::{Choice, Planned, PlannedMeter, Request};
use crate::worker::Tuned;
use crate::workload::plannable;

fn limit(gpu: &mut GpuFacts, name: &str, value: u64) {
    gpu.gpu.limits.insert(name.into(), value);
}

/// A machine with one GPU on which the search was tuned.
fn with_gpu(change: impl Fn(&mut GpuFacts)) -> MachineFacts {
    let mut gpu = GpuFacts::new(test_gpu("gpu:0"));
    limit(&mut gpu, "max_workgroup_invocations", 256);
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

/// A plan for the GPU alone.
fn on_gpu(workloads: &[&str], backends: &[&str], facts: &MachineFacts) -> Result<Planned, String> {
    let wanted = Request {
        devices: vec!["gpu".into()],
        backends: backends.iter().map(|name| (*name).into()).collect(),
        ..request(workloads)
    };
    build(&wanted, facts).map_err(|error| error.to_string())
}

fn hashing_on_gpu(facts: &MachineFacts) -> Entry {
    let mut planned = on_gpu(&["sha256d"], &[], facts).unwrap();
    planned.plan.entries.remove(0)
}

#[test]
fn gpus_are_planned_with_the_form_that_was_found() {
    let facts = with_gpu(|_| ());
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    let ids = ids(&planned);
    assert!(ids[0].starts_with("sha256d/cpu/"), "{ids:?}");
    assert_eq!(ids[1..], ["sha256d/gpu:0/wgsl-rolled"]);
    let entry = &planned.plan.entries[1];
    assert_eq!(entry.variant.as_deref(), Some("form of wgsl-rolled"));
    assert_eq!(entry.backend_warning, None);
    assert_eq!(planned.plan.gpus, [facts.gpus[0].gpu.clone()]);
    let chosen = planned.plan.trials.iter().filter(|trial| trial.chosen);
    let devices: Vec<&str> = chosen.map(|trial| trial.device.as_str()).collect();
    assert_eq!(devices, ["cpu", "gpu:0"]);
    let all = on_gpu(&["sha256d"], &["all"], &facts).unwrap();
    assert_eq!(all.plan.entries.len(), 2);
}

#[test]
fn a_plan_for_gpus_takes_notes_of_their_meters_alone() {
    let facts = with_gpu(|gpu| gpu.gpu.pci_address = Some("0000:01:00.0".into()));
    let slow = |id: &str, covers| {
        let mut info = MeterInfo::new(id, "", covers, Boundary::Wall, Quantity::EnergyJ);
        info.update_period_s = Some(2.0);
        PlannedMeter::new(&info, Pace::LOCAL)
    };
    let meters = [
        slow("cpu-meter", Covers::Cpu),
        slow("card", Covers::Pci("0000:01:00.0".into())),
        slow("other-card", Covers::Pci("0000:02:00.0".into())),
    ];
    let mut wanted = request(&["sha256d"]);
    wanted.devices = vec!["gpu".into()];
    let notes = |wanted: &Request| {
        let choice = Choice::new(wanted, &facts, &plannable()).unwrap();
        let plan = choice.plan(&facts).unwrap();
        assert!(plan.entries.iter().all(|entry| entry.device == "gpu:0"));
        let notes = choice.complete(plan, &meters).notes;
        notes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let said = notes(&wanted);
    assert_eq!(said.len(), 1, "{said:?}");
    has(&said[0], &["too short for card", "--seconds"]);
    wanted.meters_named = true;
    let said = notes(&wanted);
    has(&said[0], &["windows last", "for card"]);
    has(&said[1], &["cpu-meter covers no device of this plan"]);
    has(&said[2], &["other-card covers no device of this plan"]);
    assert_eq!(said.len(), 3, "{said:?}");
}

#[test]
fn figures_of_a_software_adapter_and_of_an_untried_form_are_marked() {
    let facts = with_gpu(|gpu| gpu.gpu.kind = GpuKind::Software);
    let warning = hashing_on_gpu(&facts).backend_warning.unwrap();
    has(&warning, &["software"]);

    let facts = with_gpu(|gpu| {
        gpu.tuned.clear();
        gpu.untuned
            .push(("sha256d".into(), "the driver crashed".into()));
    });
    let entry = hashing_on_gpu(&facts);
    assert_eq!(entry.id, "sha256d/gpu:0/wgsl");
    assert_eq!(entry.variant, None);
    let warning = entry.backend_warning.unwrap();
    assert!(warning.contains("the driver crashed"), "{warning}");
}

/// The quick suite measures it only by name: it is the CPU once more.
#[test]
fn a_quick_session_passes_over_a_software_adapter_that_nobody_named() {
    let of = |kind, change: fn(&mut Request)| {
        let mut wanted = request(&[]);
        wanted.suite = Suite::Quick;
        change(&mut wanted);
        let facts = with_gpu(|gpu| gpu.gpu.kind = kind);
        build(&wanted, &facts).unwrap()
    };
    let on_gpu = |planned: &Planned| ids(planned).iter().any(|id| id.contains("gpu:0"));
    let over = of(GpuKind::Software, |_| ());
    assert!(!on_gpu(&over));
    let skipped = over.plan.skipped.last().unwrap();
    assert_eq!(skipped.what, "gpu:0");
    has(skipped.fix.as_deref().unwrap(), &["--device gpu:0"]);

    assert!(on_gpu(&of(GpuKind::Discrete, |_| ())));
    let named: [fn(&mut Request); 4] = [
        |request| request.devices = vec!["gpu:0".into()],
        |request| request.workloads = vec!["sha256d".into()],
        |request| request.backends = vec!["wgsl-rolled".into()],
        |request| request.suite = Suite::Standard,
    ];
    for named in named {
        assert!(on_gpu(&of(GpuKind::Software, named)));
    }
}

#[test]
fn a_gpu_that_cannot_run_it_is_skipped_with_the_reason() {
    let facts = with_gpu(|gpu| limit(gpu, "max_workgroup_invocations", 128));
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    let skipped = &planned.plan.skipped[0];
    assert_eq!(skipped.what, "sha256d/gpu:0/wgsl-rolled");
    assert!(skipped.reason.contains("128") && skipped.reason.contains("256"));
    assert!(planned.plan.gpus.is_empty());
    assert!(ids(&planned).iter().all(|id| id.contains("/cpu/")));
}

#[test]
fn gpus_that_cannot_be_listed_cost_no_cpu_run() {
    let facts = MachineFacts {
        gpu_error: Some("the driver gave no answer".into()),
        ..facts()
    };
    let planned = build(&request(&["sha256d"]), &facts).unwrap();
    assert!(!planned.plan.entries.is_empty());
    let skipped = planned.plan.skipped.last().unwrap();
    assert_eq!(skipped.reason, "the driver gave no answer");
    let message = on_gpu(&["sha256d"], &[], &facts).unwrap_err();
    assert!(message.contains("the driver gave no answer"), "{message}");
}

fn ids_on_gpu(workloads: &[&str], facts: &MachineFacts) -> Vec<String> {
    let planned = on_gpu(workloads, &[], facts).unwrap();
    ids(&planned).into_iter().map(String::from).collect()
}

/// Cards get large products and whole models, software adapters small ones.
#[test]
fn shapes_scale_to_the_device() {
    let card = with_gpu(|gpu| {
        gpu.gpu.features = vec!["f16".into()];
        limit(gpu, "max_storage_binding_bytes", (1 << 31) - 4);
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
    let software = with_gpu(|gpu| gpu.gpu.kind = GpuKind::Software);
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
    let works = ["matmul/i8:llama8b-1of16-prefill8", "gemv/i8:1x5x7"];
    let entries = on_gpu(&works, &[], &facts).unwrap().plan.entries;
    let params = &entries[0].workload.params;
    assert_eq!(params["tokens_per_step"], "8");
    assert_eq!(params["model"], "llama8b-1of16-prefill8");
    let shape = &params["shape"];
    assert!(shape.starts_with("8x384x256*32+"), "{shape}");
    assert_eq!(entries[1].work_per_step, 6 * 7 + 5 * 4);
    for entry in &entries {
        perwatt_record::workload_rules::check_entry(entry, &[]).unwrap();
    }
}

#[test]
fn what_a_gpu_lacks_or_cannot_hold_is_named() {
    let facts = with_gpu(|gpu| limit(gpu, "max_storage_binding_bytes", 128 << 20));
    let too_large = ["268435456 bytes", "134217728", "gpu:0"];
    for (workload, parts) in [
        ("matmul/f32:8192x8192x8192", &too_large[..]),
        ("matmul/f16", &["no half-precision arithmetic"]),
        ("gemv/i8:2x5x7", &["one row"]),
    ] {
        has(&on_gpu(&[workload], &[], &facts).unwrap_err(), parts);
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
}

/// Comparable products have the same key, whichever device computed them.
#[test]
fn a_product_has_one_key_on_every_device() {
    let facts = with_gpu(|_| ());
    let planned = build(&request(&["matmul/f32:17x31x63"]), &facts).unwrap();
    let on = |device: &str| {
        let mut entries = planned.plan.entries.iter();
        let of = entries.find(|entry| entry.device == device);
        &of.unwrap().workload
    };
    assert_eq!(on("cpu"), on("gpu:0"));
}
