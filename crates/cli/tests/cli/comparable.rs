//! What `perwatt compare` refuses to compare, and what it can be told to compare all
//! the same.

use perwatt_power::{Boundary, Covers};
use perwatt_record::Record;
use perwatt_record::fixture::{Made, counter, derive_again};
use perwatt_record::schema::{Failure, FailureKind, Gpu, GpuKind, Status};

use crate::sandbox::{Sandbox, stderr, stdout};

type Change = fn(&mut Record);

/// One change for each field of the key that a sound record can hold two values of,
/// and whether only joules have it. The unit, the format and the work in a step follow
/// from the workload: a record that says otherwise is not verified and never gets so far.
const CHANGES: [(&str, bool, Change); 10] = [
    ("workload.params.input_distribution", false, |r| {
        let params = &mut r.plan.entries[0].workload.params;
        params.insert("input_distribution".into(), "zeros".into());
    }),
    ("workload.params.shape", false, |r| {
        let entry = &mut r.plan.entries[0];
        entry.id = entry.id.replace("square-2048", "1024x1024x8192");
        let params = &mut entry.workload.params;
        params.insert("shape".into(), "1024x1024x8192".into());
    }),
    ("device.software", false, |r| {
        r.plan.gpus.push(Gpu {
            name: "cpu".into(),
            model: "llvmpipe".into(),
            kind: GpuKind::Software,
            interface: "vulkan".into(),
            driver: "llvmpipe".into(),
            driver_info: String::new(),
            vendor_id: 0,
            device_id: 0,
            pci_address: None,
            features: Vec::new(),
            limits: Default::default(),
        });
    }),
    ("protocol.window_s", false, |r| {
        r.config.protocol.window_s = 0.9;
    }),
    ("protocol.warmup_min_s", false, |r| {
        r.config.protocol.warmup_min_s = 0.7;
    }),
    ("protocol.warmup_max_s", false, |r| {
        r.config.protocol.warmup_max_s = 9.0;
    }),
    ("protocol.steady_tolerance", false, |r| {
        r.config.protocol.steady_tolerance = 0.5;
    }),
    ("energy.boundary", true, |r| {
        r.meters[0].boundary = Boundary::Wall;
    }),
    ("energy.covers", true, |r| r.meters[0].covers = Covers::Cpu),
    ("verified", false, |r| {
        for run in &mut r.runs {
            run.status = Status::Failed(Failure {
                kind: FailureKind::Crashed,
                message: "signal 9".into(),
            });
        }
    }),
];

fn record(id: u64) -> Record {
    let mut made = Made::one("x", id, &[4e11, 4.01e11, 4.02e11, 4.01e11, 4.03e11, 4e11]);
    made.meter = Some(counter("rapl", Some(0.01)));
    made.record()
}

fn put(sandbox: &Sandbox, name: &str, record: &Record) {
    sandbox.file(name, record.to_bytes().unwrap());
}

#[test]
fn each_key_field_alone_ends_with_3_and_its_name() {
    let sandbox = Sandbox::new();
    put(&sandbox, "a.json", &record(1));
    for (field, joules_only, change) in CHANGES {
        let mut other = record(2);
        change(&mut other);
        derive_again(&mut other);
        put(&sandbox, "b.json", &other);
        let metric = match joules_only {
            true => "metric=energy",
            false => "metric=.",
        };
        let args = ["compare", "a.json", "b.json", "--filter", metric];
        let assert = sandbox.perwatt(args).code(3);
        assert!(
            stderr(&assert).contains(field),
            "{field}: {}",
            stderr(&assert)
        );
        assert!(
            stdout(&assert).contains("N/A"),
            "{field}: {}",
            stdout(&assert)
        );
        if field != "verified" {
            let allowed = [&args[..], &["--allow-differ", field]].concat();
            let allowed = stdout(&sandbox.perwatt(allowed).code(0));
            assert!(
                allowed.starts_with(&format!("NOT LIKE FOR LIKE: {field}")),
                "{allowed}"
            );
        }
    }
}
