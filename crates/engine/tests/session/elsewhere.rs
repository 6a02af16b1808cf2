//! Resuming a record where something has changed: refused, with the name of the difference.

use std::fs;

use perwatt_engine::device::GpuFacts;
use perwatt_engine::session::{Finished, ResumeError};
use perwatt_engine::worker::Library;
use perwatt_host::{Environment, MachineKey};
use perwatt_power::{Boundary, MeterInfo, Quantity};
use perwatt_record::schema::{Gpu, GpuKind, Tool};
use perwatt_record::{Record, commitment, derive};

use crate::fixture::*;
use crate::meters::{counter, counting, info};

trials![
    another_host,
    fewer_cpus,
    other_devices,
    other_meters,
    another_program,
    numbers_out_of_range,
];

type Change<T> = fn(&mut T);

/// The file of an interrupted session after a change.
fn begun(change: impl Fn(&mut Record)) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let new = new_session(vec![multiplying("well"), multiplying("other")], 2);
    let begun = interrupt_in(dir.path(), new, 2);
    edit(&begun, change);
    (dir, begun.path)
}

/// Changes the file of a session and seals it again as an expert could do.
fn edit(begun: &Finished, change: impl Fn(&mut Record)) {
    let mut record = begun.record.clone();
    change(&mut record);
    record.session.id = commitment::id(&record).unwrap();
    record.seal().unwrap();
    fs::write(&begun.path, record.to_bytes().unwrap()).unwrap();
}

/// All differences are named; a fact that cannot be read here is not a difference.
fn another_host() {
    let (_dir, path) = begun(|record| {
        record.host.cpu.microcode = Some("0x2b".into());
        record.host.os.kernel = Some("6.1.0".into());
        record.host.board.bios_version = Some("1.2".into());
        record.host.virtualization.hypervisor = Some("KVM".into());
    });
    let parts = [
        "microcode (0x2b, here 0x2c)",
        "kernel (6.1.0, here 6.2.0)",
        "KVM",
    ];
    let newer = |here: &mut Around| {
        here.host.cpu.microcode = Some("0x2c".into());
        here.host.os.kernel = Some("6.2.0".into());
    };
    differs(&path, newer, &parts);
    let error = refused(&path, newer).to_string();
    assert!(!error.contains("firmware"), "{error}");

    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("proc")).unwrap();
    let memory = "MemTotal:       65536000 kB\n";
    fs::write(tree.path().join("proc/meminfo"), memory).unwrap();
    let other = |here: &mut Around| here.host = Environment::collect(tree.path());
    differs(&path, other, &["machine"]);
}

fn fewer_cpus() {
    let (_dir, path) = begun(|record| {
        record.threads.count = 2;
        record.threads.reason = "one for each of the 2 CPUs".into();
    });
    differs(&path, |_| (), &["usable CPUs (one for each of the 2 CPUs"]);

    for (count, pinned, part) in [
        (100_000, None, "100000 threads"),
        (1, Some(vec![3]), "pin to (3,"),
    ] {
        let (_dir, path) = begun(|record| {
            record.threads.count = count;
            record.threads.reason =
                "as asked for (--threads), where this process may use 2 CPUs".into();
            record.threads.pinned_cpus = pinned.clone();
        });
        differs(&path, |_| (), &["CPU", part]);
    }
}

fn card(driver_info: &str) -> Gpu {
    Gpu {
        name: "gpu:0".into(),
        model: "a card".into(),
        kind: GpuKind::Discrete,
        interface: "vulkan".into(),
        driver: "a driver".into(),
        driver_info: driver_info.into(),
        vendor_id: 1,
        device_id: 2,
        pci_address: Some("0000:01:00.0".into()),
        features: Vec::new(),
        limits: std::collections::BTreeMap::new(),
    }
}

fn other_devices() {
    let (_dir, path) = begun(|record| record.plan.gpus.push(card("1.0")));
    let gone = ["gpu:0 (a card at 0000:01:00.0", "1.0", "not there"];
    differs(&path, |_| (), &gone);
    let newer = |here: &mut Around| here.facts.gpus = vec![GpuFacts::new(card("1.1"))];
    differs(&path, newer, &["1.0", "1.1"]);

    let (_dir, path) = begun(|record| {
        record.plan.entries[1].id = "matmul/f32/tiny/cpu/cblas".into();
        record.plan.entries[1].backend = "cblas".into();
        record.plan.entries[1].backend_detail = Some("OpenBLAS 0.3.21, /lib/a.so".into());
    });
    let library = |detail: &str, unavailable: Option<&str>| {
        let library = Library {
            backend: "cblas".into(),
            format: "f32".into(),
            detail: detail.into(),
            unavailable: unavailable.map(str::to_owned),
            warning: None,
            environment: Vec::new(),
        };
        |here: &mut Around| here.facts.libraries = vec![library]
    };
    let newer = library("OpenBLAS 0.3.29, /lib/a.so", None);
    differs(&path, newer, &["library", "0.3.21", "0.3.29"]);
    let gone = library("", Some("ended by signal 11"));
    differs(&path, gone, &["0.3.21", "signal 11"]);
    let same = library("OpenBLAS 0.3.21, /lib/a.so", None);
    resume(&path, same).unwrap();
}

/// A meter with the same name may still be another one.
fn other_meters() {
    let dir = tempfile::tempdir().unwrap();
    let mut new = new_session(vec![multiplying("well"), multiplying("other")], 2);
    new.instruments.meters = vec![counter("m")];
    let begun = interrupt_in(dir.path(), new, 2);
    let elsewhere = |change: fn(&mut MeterInfo), parts: &[&str]| {
        let mut meter = info("m", Quantity::EnergyJ);
        change(&mut meter);
        differs(
            &begun.path,
            |here| here.meters = vec![counting(meter)],
            parts,
        );
    };
    elsewhere(
        |meter| meter.boundary = Boundary::PsuIn,
        &["meter m: boundary (wall, here psu-in)"],
    );
    elsewhere(
        |meter| meter.description = "at 10.0.0.2:80".into(),
        &["meter m: description", "10.0.0.2"],
    );
    elsewhere(
        |meter| meter.gain_uncertainty_rel = Some(0.77),
        &["gain uncertainty"],
    );
    let none = [
        "set of meters (m, here none)",
        "Repeat the --meter and --watts",
    ];
    differs(&begun.path, |_| (), &none);
    // The period is measured at each start; twice the period means another meter.
    edit(&begun, |record| {
        record.meters[0].update_period_s = Some(1.0)
    });
    elsewhere(
        |meter| meter.update_period_s = Some(2.5),
        &["update period (1 s, here 2.5 s)"],
    );
}

fn another_program() {
    let (_dir, path) = begun(|_| ());
    let changes: [(Change<Tool>, &str); 5] = [
        (
            |tool| tool.rustflags = "-C target-cpu=native".into(),
            "rustflags",
        ),
        (|tool| tool.rustc = "rustc 1.96".into(), "rustc"),
        (
            |tool| tool.target_features = "avx512f".into(),
            "target features",
        ),
        (|tool| tool.version = "0.2.0".into(), "0.2.0"),
        (|tool| tool.profile = "debug".into(), "debug"),
    ];
    for (change, part) in changes {
        let other = |here: &mut Around| change(&mut here.tool);
        differs(&path, other, &["build of perwatt", part]);
    }
}

/// Numbers of a record must be in the ranges of the command line.
fn numbers_out_of_range() {
    let changes: [(Change<Record>, &str); 6] = [
        (|record| record.config.rounds = u32::MAX, "4294967295"),
        (|record| record.config.protocol.window_s = 1e9, "1000000000"),
        (
            |record| record.config.protocol.warmup_max_s = 1e8,
            "100000000",
        ),
        (|record| record.config.protocol.idle_s = 1e6, "1000000"),
        (
            |record| record.threads.pinned_cpus = Some(vec![0; 3]),
            "pinned",
        ),
        (
            |record| {
                let entry = &mut record.plan.entries[1];
                entry
                    .workload
                    .params
                    .insert("shape".into(), "40000x40000x40000".into());
                entry.work_per_step = 2 * 40_000_u64.pow(3);
                record.host.memory.total_bytes = Some(1 << 30);
                record.machine = MachineKey::of(&record.host);
            },
            "40000x40000x40000",
        ),
    ];
    for (change, part) in changes {
        // Without runs, which would be inconsistent with such numbers.
        let (_dir, path) = begun(|record| {
            record.runs.clear();
            change(record);
            record.summary = derive::summarise(record);
        });
        let error = refused(&path, |_| ());
        assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error} lacks {part:?}");
    }
}
