//! Counters that wrap, stop, show wrong values or vanish. An interval without a
//! figure is never reported as 0 J.

mod common;

use common::kinds::{notes, open, refused};
use common::machines::{self, AMD_RANGE_UJ, amd};
use common::says::{advised, fails, has, told};
use common::{World, energy, zone_dir};
use perwatt_power::{ReadError, Reason};
use std::io::ErrorKind;
use std::sync::Arc;

const PACKAGE: &str = "intel-rapl:0";

/// An AMD package at `power_w`, whose counter is `before_j` before its wrap.
fn near_wrap(before_j: f64, power_w: f64) -> Arc<World> {
    let world = World::new();
    world.cpu("AuthenticAMD", "fpu");
    let start_j = AMD_RANGE_UJ as f64 * 1e-6 - before_j;
    world.zone(PACKAGE, "package-0", amd(start_j, power_w));
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
    let joules = source.read().unwrap() - start_j;
    assert!((joules - 280.0).abs() < 0.5, "good again after the error");
}

#[test]
fn a_reset_is_rejected_and_counting_resumes() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    let before_j = source.read().unwrap();
    world.with_counter(PACKAGE, |c| c.start_uj = 5e6);
    world.pass(0.5);
    fails(source.as_mut(), "went-backwards");
    world.pass(1.0);
    let joules = source.read().unwrap() - before_j;
    assert!(
        (joules - 30.0).abs() < 0.1,
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
    assert!(notes(source.info(), "could not be seen"));
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
    for text in ["", "abc", "-5", "+5", "1.5", "0x10", "12 34", &long] {
        world.line(energy(PACKAGE), text);
        match source.read().unwrap_err() {
            ReadError::Malformed { text: shown, .. } => {
                assert!(text.starts_with(&shown) && shown.len() <= 64, "{shown}");
            }
            other => panic!("{text:?}: {other}"),
        }
    }
    // Above its range.
    world.line(energy(PACKAGE), 262_143_328_851_u64);
    fails(source.as_mut(), "malformed");
}

#[test]
fn a_file_that_vanishes_or_closes_mid_run_is_told_apart() {
    let world = machines::intel_client();
    let mut source = open(&world, "rapl");
    world.deny(energy(PACKAGE));
    fails(source.as_mut(), "permission-lost");
    world.fail(energy(PACKAGE), ErrorKind::TimedOut);
    fails(source.as_mut(), "io");
    world.remove(energy(PACKAGE));
    fails(source.as_mut(), "vanished");
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
        world.deny(energy(id));
    }
    for id in ["rapl", "rapl:psys"] {
        let why = refused(&world, id);
        assert_eq!(why.reason, Reason::NotPermitted);
        let fix = why.fix.unwrap();
        let commands = [
            "sudo chmod a+r /sys/class/powercap/",
            "SUBSYSTEM==\"powercap\"",
        ];
        has(&fix, &commands);
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
        let why = refused(&world, "rapl");
        told(why, Reason::Malformed, "max_energy_range_uj");
    }
}

#[test]
fn a_machine_without_powercap_is_told_why() {
    let refused = |world| refused(&Arc::new(world), "rapl");
    let world = World::new();
    world.cpu("GenuineIntel", "fpu hypervisor sse2");
    world.line("sys/class/dmi/id/sys_vendor", "QEMU");
    told(refused(world), Reason::VirtualMachine, "QEMU");

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu hypervisor");
    let release = "5.15.153.1-microsoft-standard-WSL2";
    world.line("proc/sys/kernel/osrelease", release);
    told(refused(world), Reason::VirtualMachine, "Windows Subsystem");

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu");
    let why = refused(world);
    assert_eq!(why.reason, Reason::Absent);
    assert_eq!(why.fix.as_deref(), Some("sudo modprobe intel_rapl_msr"));

    told(refused(World::new()), Reason::Absent, "no RAPL");
}

#[test]
fn a_container_that_hides_the_files_is_recognised() {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu");
    world.text("sys/class/powercap/intel-rapl:0/.masked", "");
    let why = refused(&Arc::new(world), "rapl");
    advised(why, Reason::Absent, "/sys/devices/virtual/powercap");
}

#[test]
fn a_list_that_may_not_be_read_is_not_absence() {
    let world = World::new();
    world.deny("sys/class/powercap");
    let why = refused(&Arc::new(world), "rapl");
    assert_eq!(why.reason, Reason::NotPermitted);
}
