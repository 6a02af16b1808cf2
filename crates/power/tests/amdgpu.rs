//! AMD graphics on synthetic trees, laid out as `Documentation/gpu/amdgpu` and
//! `kgd_pp_interface.h` say; none is a copy of a recorded tree.

mod common;

use common::kinds::{detect, faults_cost_their_interval, ids, notes, open, refused};
use common::says::{error_kind, fails, has, told};
use common::{File, World};
use perwatt_power::{Boundary, Covers, Provenance, Quantity, Reason};
use std::io::ErrorKind;
use std::sync::Arc;

/// Path of a chip's attribute.
fn hwmon(number: u32, file: &str) -> String {
    format!("sys/class/hwmon/hwmon{number}/{file}")
}

fn metrics_file(number: u32) -> String {
    hwmon(number, "device/gpu_metrics")
}

/// A `gpu_metrics` file of the given revision with a counter and a power.
fn metrics(format: u8, content: u8, power_w: u16, steps: u64) -> Vec<u8> {
    let mut bytes = vec![0xff; 120];
    bytes[..4].copy_from_slice(&[120, 0, format, content]);
    bytes[22..24].copy_from_slice(&power_w.to_le_bytes());
    bytes[24..32].copy_from_slice(&steps.to_le_bytes());
    bytes
}

/// The counter's steps after `t_s` at `power_w`, 2^-16 J each.
fn steps(power_w: f64, t_s: f64) -> u64 {
    (1e9 + power_w * (t_s * 1e3).floor() * 1e-3 * 65536.0) as u64
}

/// Adds a chip `amdgpu` with the usual files.
fn chip(world: &World, number: u32, address: &str, power_file: &str, power_w: f64) {
    let event = format!("DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_SLOT_NAME={address}");
    let files = [
        ("name", "amdgpu"),
        ("device/uevent", &event),
        ("device/device", "0x744c"),
        ("power1_label", "PPT"),
        ("power1_cap_max", "339000000"),
    ];
    world.lines(hwmon(number, ""), &files);
    world.line(hwmon(number, power_file), (power_w * 1e6) as u64);
}

/// Modelled on a desktop with one Radeon RX 7900 beside the temperature chip of an
/// unrelated device.
fn radeon() -> World {
    let mut world = World::new();
    // Some thousand readings in a watch of a quarter of a second.
    world.read_cost_s = 5e-5;
    world.line(hwmon(0, "name"), "nvme");
    chip(&world, 4, "0000:03:00.0", "power1_average", 250.0);
    world.live_bytes(metrics_file(4), |t_s| metrics(1, 3, 250, steps(250.0, t_s)));
    world
}

/// Modelled on a laptop's processor with graphics: metrics of revision 2.x, which
/// have a power but no energy.
fn apu() -> World {
    let mut world = World::new();
    world.read_cost_s = 5e-5;
    chip(&world, 2, "0000:c4:00.0", "power1_input", 18.0);
    world.remove(hwmon(2, "power1_cap_max"));
    world.live_bytes(metrics_file(2), |_| metrics(2, 2, 0xffff, 0));
    world
}

#[test]
fn a_card_has_power_and_energy() {
    let world = Arc::new(radeon());
    let found = detect(&world, "amdgpu");
    assert_eq!(ids(&found), (vec!["amdgpu:0", "amdgpu:0:energy"], vec![]));
    let mut power = open(&world, "amdgpu:0");
    let info = power.info();
    assert_eq!(info.covers, Covers::Pci("0000:03:00.0".into()));
    assert_eq!(info.boundary, Boundary::Package);
    assert_eq!(info.quantity, Quantity::PowerW);
    assert_eq!(info.provenance, Provenance::PowerSamples);
    assert_eq!(info.domains, ["PPT"]);
    assert!(notes(info, "partial") && notes(info, "averaged by the firmware"));
    assert_eq!(power.read(), Ok(250.0));

    let mut energy = open(&world, "amdgpu:0:energy");
    let info = energy.info();
    assert_eq!(info.provenance, Provenance::Counter);
    assert!((info.update_period_s.unwrap() - 1e-3).abs() < 2e-4);
    assert_eq!(energy.max_read_interval_s(), None);
    let start_j = energy.read().unwrap();
    world.pass(1000.0);
    let joules = energy.read().unwrap() - start_j;
    assert!((joules / 250e3 - 1.0).abs() < 1e-4, "{joules}");
}

#[test]
fn a_card_that_sleeps_is_said_to() {
    for (kind, status) in [
        (ErrorKind::ResourceBusy, "active"),
        (ErrorKind::ResourceBusy, "suspended"),
        (ErrorKind::PermissionDenied, "suspended"),
    ] {
        let world = radeon();
        world.fail(hwmon(4, "power1_average"), kind);
        world.fail(metrics_file(4), kind);
        world.line(hwmon(4, "device/power/runtime_status"), status);
        let world = Arc::new(world);
        for id in ["amdgpu:0", "amdgpu:0:energy"] {
            let why = refused(&world, id);
            has(&why.detail, &["the card sleeps"]);
            let fix = why.fix.unwrap();
            has(&fix, &["echo on", "0000:03:00.0/power/control"]);
        }
    }
    // A card that is awake but hidden from this user is not asleep.
    let world = radeon();
    world.deny(hwmon(4, "power1_average"));
    let why = refused(&Arc::new(world), "amdgpu:0");
    assert_eq!(why.reason, Reason::NotPermitted);
    let world = Arc::new(radeon());
    let mut source = open(&world, "amdgpu:0");
    world.fail(hwmon(4, "power1_average"), ErrorKind::ResourceBusy);
    assert!(source.read().unwrap_err().to_string().contains("sleeps"));
}

#[test]
fn cards_are_numbered_by_their_address() {
    let world = radeon();
    chip(&world, 1, "0000:83:00.0", "power1_input", 40.0);
    chip(&world, 9, "0000:01:00.0", "power1_input", 60.0);
    let world = Arc::new(world);
    for (id, watts) in [("amdgpu:0", 60.0), ("amdgpu:1", 250.0), ("amdgpu:2", 40.0)] {
        assert_eq!(open(&world, id).read(), Ok(watts), "{id}");
    }
    let why = refused(&world, "amdgpu:0:energy");
    assert_eq!(why.reason, Reason::Absent, "{why:?}");
}

#[test]
fn the_power_is_where_the_kernel_put_it() {
    // Newer kernels, or a chip whose first file answers with an error.
    let world = radeon();
    world.fail(hwmon(4, "power1_average"), ErrorKind::Unsupported);
    world.line(hwmon(4, "power1_input"), 111_000_000);
    let world = Arc::new(world);
    let mut power = open(&world, "amdgpu:0");
    assert_eq!(power.read(), Ok(111.0));
    assert!(notes(power.info(), "instantaneous"));
}

#[test]
fn a_processor_with_graphics_is_the_processor() {
    let world = Arc::new(apu());
    let mut power = open(&world, "amdgpu:0");
    assert_eq!(power.info().covers, Covers::Cpu);
    assert_eq!(power.info().boundary, Boundary::Package);
    assert!(notes(power.info(), "share its package"));
    assert_eq!(power.read(), Ok(18.0));
    told(refused(&world, "amdgpu:0:energy"), Reason::Absent, "2.2");
}

#[test]
fn what_means_no_figure_is_never_one() {
    #[rustfmt::skip]
    let cases = [
        "65535000\n", "65535000000\n", "4294967295\n", "4294967295000\n", "18446744073709551615\n",
        "0\n", "-5\n", "12.5\n", "nan\n", "",
    ];
    for text in cases {
        let world = Arc::new(radeon());
        let shows = |text: &str| world.text(hwmon(4, "power1_average"), text);
        shows(text);
        let why = refused(&world, "amdgpu:0");
        assert_eq!(why.reason, Reason::Malformed, "{text:?}: {why:?}");

        shows("200000000\n");
        let mut power = open(&world, "amdgpu:0");
        shows(text);
        let kind = error_kind(&power.read().unwrap_err());
        assert!(["malformed", "implausible"].contains(&&*kind), "{kind}");
        shows("200000000\n");
        assert_eq!(power.read(), Ok(200.0), "good again");
    }
}

#[test]
fn a_counter_that_disagrees_with_the_power_is_refused() {
    type Steps = fn(f64) -> u64;
    let cases: [(Steps, &str); 5] = [
        (|t_s| steps(250.0 * 15.3, t_s), "3825 W"),
        (|_| 123_456_789, "stands still"),
        (|_| u64::MAX, "no energy figure"),
        (|_| 0, "no energy figure"),
        (|t_s| 1 << 40 >> (t_s * 100.0) as u64, "backwards"),
    ];
    for (steps, said) in cases {
        let world = radeon();
        world.live_bytes(metrics_file(4), move |t_s| metrics(1, 1, 250, steps(t_s)));
        let why = refused(&Arc::new(world), "amdgpu:0:energy");
        has(&why.detail, &[said]);
        assert_ne!(why.reason, Reason::NotPermitted);
    }
}

#[test]
fn metrics_that_cannot_be_read_are_named() {
    let world = Arc::new(radeon());
    let says = |part| has(&refused(&world, "amdgpu:0:energy").detail, &[part]);
    world.live_bytes(metrics_file(4), |t_s| metrics(1, 4, 250, steps(250.0, t_s)));
    says("1.4");
    world.live_bytes(metrics_file(4), |_| vec![120, 0, 1]);
    says("too short");
    world.deny(metrics_file(4));
    says("cannot be read");
}

#[test]
fn the_second_die_of_a_card_says_who_speaks_for_it() {
    // Modelled on an MI250: the first die reports the power of both, the second 0.
    let world = World::new();
    for (number, address, power_w) in [(1, "0000:29:00.0", 400.0), (2, "0000:2c:00.0", 0.0)] {
        chip(&world, number, address, "power1_average", power_w);
        world.line(hwmon(number, "device/device"), "0x740c");
    }
    let world = Arc::new(world);
    assert!(notes(open(&world, "amdgpu:0").info(), "both dies"));
    has(
        &refused(&world, "amdgpu:1").detail,
        &["the first one tells"],
    );
}

#[test]
fn faults_of_the_counter_cost_their_interval_only() {
    let world = Arc::new(radeon());
    let mut energy = open(&world, "amdgpu:0:energy");
    let fixed = |steps| File::Live(common::Live(Arc::new(move |_| metrics(1, 3, 250, steps))));
    let faults = [
        (fixed(5), "went-backwards"),
        (fixed(1 << 59), "implausible"),
        (fixed(u64::MAX), "malformed"),
        (File::Text("garbage".into()), "malformed"),
        (File::Fails(ErrorKind::NotFound), "vanished"),
        (File::Fails(ErrorKind::PermissionDenied), "permission-lost"),
        (File::Fails(ErrorKind::TimedOut), "io"),
    ];
    let fail = |file| world.set(metrics_file(4), file);
    let mend = || world.live_bytes(metrics_file(4), |t_s| metrics(1, 3, 250, steps(250.0, t_s)));
    faults_cost_their_interval(energy.as_mut(), 250.0, &world, faults, fail, mend);

    world.set(metrics_file(4), fixed(steps(250.0, world.now_s())));
    energy.read().unwrap();
    world.pass(6.0);
    fails(energy.as_mut(), "frozen");
}

#[test]
fn a_power_file_that_goes_is_told_apart() {
    let world = Arc::new(radeon());
    let mut power = open(&world, "amdgpu:0");
    let file = hwmon(4, "power1_average");
    for (kind, name) in [
        (ErrorKind::PermissionDenied, "permission-lost"),
        (ErrorKind::NotFound, "vanished"),
        (ErrorKind::Interrupted, "io"),
    ] {
        world.fail(&file, kind);
        fails(power.as_mut(), name);
    }
}

#[test]
fn no_card_is_explained() {
    let refused = |world| refused(&Arc::new(world), "amdgpu");
    told(
        refused(World::new()),
        Reason::Absent,
        "no AMD graphics card",
    );

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu hypervisor");
    assert_eq!(refused(world).reason, Reason::VirtualMachine);

    // A card on the bus without a driver.
    let world = World::new();
    world.display("0000:03:00.0", "0x1002");
    let why = told(refused(world), Reason::Absent, "0000:03:00.0");
    assert_eq!(why.fix.as_deref(), Some("sudo modprobe amdgpu"));

    let world = World::new();
    world.deny("sys/class/hwmon");
    assert_eq!(refused(world).reason, Reason::NotPermitted);
}
