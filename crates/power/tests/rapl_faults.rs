//! Counters that wrap, stop, show wrong values or vanish. An interval without a
//! figure is never reported as 0 J.

mod common;

use common::kinds::{open, refused};
use common::machines::{self, AMD_RANGE_UJ, amd};
use common::says::told;
use common::{File, World, energy, zone_dir};
use perwatt_power::{ReadError, Reason};
use std::io::ErrorKind;
use std::sync::Arc;

const PACKAGE: &str = "intel-rapl:0";

fn set_counter(world: &World, text: &str) {
    world.text(energy(PACKAGE), text);
}

/// An AMD package at `power_w`, whose counter is `before_j` before its wrap.
fn near_wrap(before_j: f64, power_w: f64) -> Arc<World> {
    let world = World::new();
    world.cpu("AuthenticAMD", "fpu");
    world.zone(
        PACKAGE,
        "package-0",
        amd(AMD_RANGE_UJ as f64 * 1e-6 - before_j, power_w),
    );
    Arc::new(world)
}

#[test]
fn three_wraps_at_known_power_give_the_joules() {
    let power_w = 280.0;
    let world = near_wrap(1000.0, power_w);
    let mut source = open(&world, "rapl");
    let step_s = source.max_read_interval_s().unwrap();
    let mut last_j = source.read().unwrap();
    let start_j = last_j;
    let wrap_s = AMD_RANGE_UJ as f64 * 1e-6 / power_w;
    let steps = (3.5 * wrap_s / step_s).ceil();
    for _ in 0..steps as usize {
        world.pass(step_s);
        let now_j = source.read().unwrap();
        assert!(now_j >= last_j);
        last_j = now_j;
    }
    let truth_j = power_w * steps * step_s;
    assert!(truth_j > 3.0 * AMD_RANGE_UJ as f64 * 1e-6);
    let error = (last_j - start_j) / truth_j - 1.0;
    assert!(error.abs() < 1e-3, "{error}");
}

#[test]
fn a_pause_that_may_hide_two_wraps_is_ambiguous() {
    let world = near_wrap(100.0, 280.0);
    let mut source = open(&world, "rapl");
    source.read().unwrap();
    world.pass(600.0);
    let error = source.read().unwrap_err();
    assert!(
        matches!(error, ReadError::Ambiguous { elapsed_s, .. } if elapsed_s > 599.0),
        "{error}"
    );
    let start_j = source.read().unwrap();
    world.pass(1.0);
    assert!(
        (source.read().unwrap() - start_j - 280.0).abs() < 0.5,
        "good again after the error"
    );
}

#[test]
fn a_reset_is_rejected_and_counting_resumes() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    let before_j = source.read().unwrap();
    world.with_counter(PACKAGE, |c| c.start_uj = 5e6);
    world.pass(0.5);
    let error = source.read().unwrap_err();
    assert!(matches!(error, ReadError::WentBackwards { .. }), "{error}");
    world.pass(1.0);
    let after_j = source.read().unwrap();
    assert!(
        (after_j - before_j - 30.0).abs() < 0.1,
        "the lost interval adds nothing"
    );
}

#[test]
fn a_leap_is_rejected() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    source.read().unwrap();
    world.with_counter(PACKAGE, |c| c.start_uj += 50_000e6);
    world.pass(1.0);
    let error = source.read().unwrap_err();
    // Twice the larger of the two power limits.
    assert!(
        matches!(error, ReadError::Implausible { implied_w, max_w, .. }
            if implied_w > 40_000.0 && max_w == 128.0),
        "{error}"
    );
}

#[test]
fn a_counter_that_stands_still_is_not_zero_watts() {
    let world = machines::intel_client();
    world.with_counter(PACKAGE, |c| c.power_w = 0.0);
    let mut source = open(&world, "rapl");
    assert_eq!(source.info().update_period_s, None);
    assert!(
        source
            .info()
            .notes
            .iter()
            .any(|n| n.contains("could not be seen"))
    );
    world.pass(0.5);
    source.read().unwrap();
    world.pass(1.0);
    let error = source.read().unwrap_err();
    assert!(
        matches!(error, ReadError::Frozen { still_s, .. } if still_s > 1.0),
        "{error}"
    );
}

#[test]
fn text_that_is_not_a_number_is_named() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    let long = "9".repeat(500);
    for text in [
        "",
        "abc\n",
        "-5\n",
        "+5\n",
        "1.5\n",
        "0x10\n",
        "12 34\n",
        long.as_str(),
    ] {
        set_counter(&world, text);
        match source.read().unwrap_err() {
            ReadError::Malformed { text: shown, .. } => {
                assert!(text.starts_with(&shown) && shown.len() <= 64, "{shown}");
            }
            other => panic!("{text:?}: {other}"),
        }
    }
    set_counter(&world, "262143328851\n");
    let error = source.read().unwrap_err();
    assert!(
        matches!(error, ReadError::Malformed { .. }),
        "above its range: {error}"
    );
}

#[test]
fn a_file_that_vanishes_or_closes_mid_run_is_told_apart() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    world.set(energy(PACKAGE), File::Fails(ErrorKind::PermissionDenied));
    assert!(matches!(
        source.read(),
        Err(ReadError::PermissionLost { .. })
    ));
    world.set(energy(PACKAGE), File::Fails(ErrorKind::TimedOut));
    assert!(matches!(source.read(), Err(ReadError::Io { .. })));
    world.remove(energy(PACKAGE));
    assert!(matches!(source.read(), Err(ReadError::Vanished { .. })));
}

#[test]
fn one_bad_counter_spoils_the_whole_interval() {
    let world = machines::intel_server();
    let mut source = open(&world, "rapl");
    let before_j = source.read().unwrap();
    world.with_counter("intel-rapl:1", |c| c.start_uj = 0.0);
    world.pass(1.0);
    assert!(source.read().is_err());
    world.pass(1.0);
    assert!((source.read().unwrap() - before_j - 450.0).abs() < 1.0);
}

#[test]
fn permission_denied_comes_with_its_fix() {
    let world = machines::intel_client();
    for id in ["intel-rapl:0", "intel-rapl-mmio:0", "intel-rapl:1"] {
        world.set(energy(id), File::Fails(ErrorKind::PermissionDenied));
    }
    for id in ["rapl", "rapl:psys"] {
        let why = refused(&world, id);
        assert_eq!(why.reason, Reason::NotPermitted);
        let fix = why.fix.unwrap();
        assert!(
            fix.starts_with("sudo chmod a+r /sys/class/powercap/"),
            "{fix}"
        );
        assert!(fix.contains("SUBSYSTEM==\"powercap\""), "{fix}");
    }
}

#[test]
fn a_counter_without_its_range_is_refused() {
    for range in [None, Some("0\n"), Some("many\n"), Some("1000\n")] {
        let world = near_wrap(100.0, 50.0);
        let path = zone_dir(PACKAGE).join("max_energy_range_uj");
        match range {
            None => world.remove(path),
            Some(text) => world.text(path, text),
        }
        told(
            refused(&world, "rapl"),
            Reason::Malformed,
            "max_energy_range_uj",
        );
    }
}

#[test]
fn a_machine_without_powercap_is_told_why() {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu hypervisor sse2");
    world.text("sys/class/dmi/id/sys_vendor", "QEMU\n");
    let why = refused(&Arc::new(world), "rapl");
    assert_eq!(why.reason, Reason::VirtualMachine);
    assert!(why.detail.contains("QEMU"));

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu hypervisor");
    world.text(
        "proc/sys/kernel/osrelease",
        "5.15.153.1-microsoft-standard-WSL2\n",
    );
    let why = refused(&Arc::new(world), "rapl");
    assert_eq!(why.reason, Reason::VirtualMachine);
    assert!(why.detail.contains("Windows Subsystem"));

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu");
    let why = refused(&Arc::new(world), "rapl");
    assert_eq!(why.reason, Reason::Absent);
    assert_eq!(why.fix.as_deref(), Some("sudo modprobe intel_rapl_msr"));

    let why = refused(&Arc::new(World::new()), "rapl");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.detail.contains("no RAPL"));
}

#[test]
fn a_container_that_hides_the_files_is_recognised() {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu");
    world.text("sys/class/powercap/intel-rapl:0/.masked", "");
    let why = refused(&Arc::new(world), "rapl");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.fix.unwrap().contains("/sys/devices/virtual/powercap"));
}

#[test]
fn a_list_that_may_not_be_read_is_not_absence() {
    let world = World::new();
    world.set(
        "sys/class/powercap",
        File::Fails(ErrorKind::PermissionDenied),
    );
    assert_eq!(
        refused(&Arc::new(world), "rapl").reason,
        Reason::NotPermitted
    );
}
