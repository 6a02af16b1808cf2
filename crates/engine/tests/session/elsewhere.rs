//! Resuming a record where something has changed: refused, with the name of the difference.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;
use perwatt_engine::device::{GpuFacts, MachineFacts};
use perwatt_engine::session::ResumeError;
use perwatt_engine::worker::Library;
use perwatt_host::{Environment, MachineKey};
use perwatt_power::{Boundary, Found};
use perwatt_record::schema::{Gpu, GpuKind, Tool};
use perwatt_record::{Record, commitment, derive};

use crate::fixture::*;
use crate::meters::Counter;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("elsewhere::another_host", another_host),
        trial("elsewhere::fewer_cpus", fewer_cpus),
        trial("elsewhere::other_devices", other_devices),
        trial("elsewhere::other_meters", other_meters),
        trial("elsewhere::another_program", another_program),
        trial("elsewhere::numbers_out_of_range", numbers_out_of_range),
    ]
}

type Change<T> = fn(&mut T);

/// An interrupted session's file, changed and sealed again as an expert could do.
fn begun(change: impl Fn(&mut Record)) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let new = new_session(vec![multiplying("well"), multiplying("other")], 2);
    let begun = interrupt_in(dir.path(), new, 2);
    let mut record = begun.record;
    change(&mut record);
    record.session.id = commitment::id(&record).unwrap();
    record.seal().unwrap();
    fs::write(&begun.path, record.to_bytes().unwrap()).unwrap();
    (dir, begun.path)
}

fn error_of(
    path: &Path,
    host: &Environment,
    facts: &MachineFacts,
    meters: Vec<Found>,
) -> ResumeError {
    let before = fs::read(path).unwrap();
    let Err(error) = resume_with(path, host, facts, &tool(), meters) else {
        panic!("resumed")
    };
    assert_eq!(fs::read(path).unwrap(), before);
    error
}

#[track_caller]
fn differs(error: &ResumeError, parts: &[&str]) {
    assert!(matches!(error, ResumeError::Other { .. }), "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{error} lacks {part:?}");
    }
}

/// All differences are named; a fact that cannot be read here is not a difference.
fn another_host() {
    let (_dir, path) = begun(|record| {
        record.host.cpu.microcode = Some("0x2b".into());
        record.host.os.kernel = Some("6.1.0".into());
        record.host.board.bios_version = Some("1.2".into());
        record.host.virtualization.hypervisor = Some("KVM".into());
    });
    let mut here = host();
    here.cpu.microcode = Some("0x2c".into());
    here.os.kernel = Some("6.2.0".into());
    let error = error_of(&path, &here, &facts(), Vec::new());
    differs(
        &error,
        &[
            "microcode (0x2b, here 0x2c)",
            "kernel (6.1.0, here 6.2.0)",
            "KVM",
        ],
    );
    assert!(!error.to_string().contains("firmware"), "{error}");
}

fn fewer_cpus() {
    let (_dir, path) = begun(|record| {
        record.threads.count = 2;
        record.threads.reason = "one for each of the 2 CPUs".into();
    });
    differs(
        &error_of(&path, &host(), &facts(), Vec::new()),
        &["usable CPUs (one for each of the 2 CPUs"],
    );

    for (count, pinned) in [(100_000, None), (1, Some(vec![3]))] {
        let (_dir, path) = begun(|record| {
            record.threads.count = count;
            record.threads.reason =
                "as asked for (--threads), where this process may use 2 CPUs".into();
            record.threads.pinned_cpus = pinned.clone();
        });
        let error = error_of(&path, &host(), &facts(), Vec::new());
        differs(&error, &["CPU"]);
        let part = if pinned.is_some() {
            "pin to (3,"
        } else {
            "100000 threads"
        };
        assert!(error.to_string().contains(part), "{error}");
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
    let gone = error_of(&path, &host(), &facts(), Vec::new());
    differs(
        &gone,
        &["gpu:0 (a card at 0000:01:00.0", "1.0", "not there"],
    );
    let newer = MachineFacts {
        gpus: vec![GpuFacts::new(card("1.1"))],
        ..facts()
    };
    differs(
        &error_of(&path, &host(), &newer, Vec::new()),
        &["1.0", "1.1"],
    );

    let (_dir, path) = begun(|record| {
        record.plan.entries[1].id = "matmul/f32/tiny/cpu/cblas".into();
        record.plan.entries[1].backend = "cblas".into();
        record.plan.entries[1].backend_detail = Some("OpenBLAS 0.3.21, /lib/a.so".into());
    });
    let library = |detail: &str, unavailable: Option<&str>| MachineFacts {
        library: Some(Library {
            detail: detail.into(),
            unavailable: unavailable.map(str::to_owned),
            warning: None,
            environment: Vec::new(),
        }),
        ..facts()
    };
    let newer = library("OpenBLAS 0.3.29, /lib/a.so", None);
    differs(
        &error_of(&path, &host(), &newer, Vec::new()),
        &["library", "0.3.21", "0.3.29"],
    );
    let gone = library("", Some("ended by signal 11"));
    differs(
        &error_of(&path, &host(), &gone, Vec::new()),
        &["0.3.21", "signal 11"],
    );
    let same = library("OpenBLAS 0.3.21, /lib/a.so", None);
    resume_with(&path, &host(), &same, &tool(), Vec::new()).unwrap();
}

/// A meter with the same name may still be another one.
fn other_meters() {
    let dir = tempfile::tempdir().unwrap();
    let mut new = new_session(vec![multiplying("well"), multiplying("other")], 2);
    new.instruments.meters = vec![available(Counter::new("m"))];
    let begun = interrupt_in(dir.path(), new, 2);
    let elsewhere = |change: fn(&mut Counter)| {
        let mut meter = Counter::new("m");
        change(&mut meter);
        error_of(&begun.path, &host(), &facts(), vec![available(meter)])
    };
    differs(
        &elsewhere(|meter| meter.0.boundary = Boundary::PsuIn),
        &["meter m: boundary (wall, here psu-in)"],
    );
    differs(
        &elsewhere(|meter| meter.0.description = "at 10.0.0.2:80".into()),
        &["meter m: description", "10.0.0.2"],
    );
    differs(
        &elsewhere(|meter| meter.0.gain_uncertainty_rel = Some(0.77)),
        &["gain uncertainty"],
    );
    differs(
        &error_of(&begun.path, &host(), &facts(), Vec::new()),
        &[
            "set of meters (m, here none)",
            "Repeat the --meter and --watts",
        ],
    );
    // The period is measured at each start; twice the period means another meter.
    let mut record = begun.record.clone();
    record.meters[0].update_period_s = Some(1.0);
    record.session.id = commitment::id(&record).unwrap();
    record.seal().unwrap();
    fs::write(&begun.path, record.to_bytes().unwrap()).unwrap();
    differs(
        &elsewhere(|meter| meter.0.update_period_s = Some(2.5)),
        &["update period (1 s, here 2.5 s)"],
    );
}

fn another_program() {
    let (_dir, path) = begun(|_| ());
    let changes: [(Change<Tool>, &str); 3] = [
        (
            |tool| tool.rustflags = "-C target-cpu=native".into(),
            "rustflags",
        ),
        (|tool| tool.rustc = "rustc 1.96".into(), "rustc"),
        (
            |tool| tool.target_features = "avx512f".into(),
            "target features",
        ),
    ];
    for (change, part) in changes {
        let mut other = tool();
        change(&mut other);
        let Err(error) = resume_with(&path, &host(), &facts(), &other, Vec::new()) else {
            panic!("resumed")
        };
        differs(&error, &["build of perwatt", part]);
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
        let error = error_of(&path, &host(), &facts(), Vec::new());
        assert!(matches!(error, ResumeError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error} lacks {part:?}");
    }
}
