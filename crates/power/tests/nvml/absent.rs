//! Missing drivers, cards and readings.

use crate::common::kinds::{detect_in, ids, unavailable};
use crate::common::says::{advised, has, told};
use crate::common::{World, system};
use crate::machine::{Machine, ada};
use perwatt_power::Reason;
use perwatt_power::state::probes;
use std::sync::Arc;

#[test]
fn a_card_or_driver_without_the_counter_keeps_its_power() {
    let machine = ada();
    machine.set(&[("0.energy.error", "3")]);
    told(machine.refused("nvml:0:energy"), Reason::Absent, "Volta");
    assert_eq!(machine.open("nvml:0:instant").read(), Ok(250.0));

    let machine = Machine::new(false);
    machine.card(0, "00000000:01:00.0");
    let why = machine.refused("nvml:0:energy");
    told(why, Reason::Absent, "no such call");
    assert_eq!(machine.open("nvml:0:average").read(), Ok(252.0));
}

#[test]
fn a_tegra_and_a_virtual_gpu_are_told_apart_from_old_cards() {
    #[rustfmt::skip]
    let cases = [
        ("Orin (nvgpu)", Reason::Absent, "Tegra", "ina3221"),
        ("NVIDIA Thor", Reason::Absent, "Tegra", "ina3221"),
        ("GRID A100-10C", Reason::VirtualMachine, "virtual GPU", "on the host"),
        ("NVIDIA A40-8Q", Reason::VirtualMachine, "virtual GPU", "on the host"),
    ];
    for (name, reason, said, fix) in cases {
        let machine = Machine::new(true);
        machine.set(&[("0.name", name), ("0.architecture", "7")]);
        machine.set(&[("0.major", "8"), ("0.minor", "7")]);
        for part in ["energy", "instant", "average"] {
            let why = machine.refused(&format!("nvml:0:{part}"));
            has(&why.detail, &[said]);
            assert!(!why.detail.contains("Volta"), "{why:?}");
            advised(why, reason, fix);
        }
    }
    // The library may identify a virtual GPU itself, and a name that ends in
    // another way is not a profile.
    let machine = ada();
    machine.set(&[("0.virtualization", "2"), ("0.energy.error", "3")]);
    has(&machine.refused("nvml:0:energy").detail, &["virtual GPU"]);
    let machine = ada();
    machine.set(&[("0.name", "Tesla V100-SXM2-32GB"), ("0.energy.error", "3")]);
    assert!(machine.refused("nvml:0:energy").detail.contains("Volta"));
}

#[test]
fn a_reading_that_may_not_be_had_is_not_one_that_is_not_there() {
    let machine = ada();
    machine.set(&[("0.field.186.error", "4"), ("0.energy.error", "15")]);
    let why = machine.refused("nvml:0:instant");
    assert_eq!(why.reason, Reason::NotPermitted, "{why:?}");
    let why = machine.refused("nvml:0:energy");
    assert!(why.fix.unwrap().contains("gpu-reset"));
}

#[test]
fn one_bad_card_leaves_the_others() {
    let machine = ada();
    machine.set(&[("count", "3"), ("1.open", "15"), ("2.open", "4")]);
    let found = machine.detect();
    assert_eq!(ids(&found).1, ["nvml:1", "nvml:2"]);
    assert_eq!(ids(&found).0.len(), 3);
    advised(machine.refused("nvml:1"), Reason::Absent, "gpu-reset");
    assert_eq!(machine.refused("nvml:2").reason, Reason::NotPermitted);
}

#[test]
fn no_driver_is_explained() {
    for (code, reason, fix) in [
        ("9", Reason::Absent, "modprobe nvidia"),
        ("18", Reason::Malformed, "reboot"),
        ("4", Reason::NotPermitted, "/dev/nvidia"),
        ("999", Reason::Malformed, "nvidia-smi"),
    ] {
        let machine = ada();
        machine.set(&[("init.error", code)]);
        advised(machine.refused("nvml"), reason, fix);
    }
    let machine = Machine::new(true);
    machine.set(&[("count", "0")]);
    assert!(machine.refused("nvml").detail.contains("no card"));

    let mut system = machine.system();
    system.drivers.nvml_library = Some(machine.library.with_extension("nowhere"));
    let why = unavailable(detect_in(&system, "nvml"), "nvml");
    told(why, Reason::Absent, "no NVIDIA driver");

    system.drivers.nvml_library = None;
    let why = unavailable(detect_in(&system, "nvml"), "nvml");
    has(&why.detail, &["recorded tree"]);
    assert!(probes(&system).is_empty());
}

#[test]
fn a_card_without_a_driver_is_named() {
    let world = World::new();
    world.display("0000:01:00.0", "0x10de");
    let mut system = system(&Arc::new(world));
    system.drivers.nvml_library = Some("/nowhere/libnvidia-ml.so.1".into());
    let why = unavailable(detect_in(&system, "nvml"), "nvml");
    has(&why.detail, &["0000:01:00.0"]);
    assert!(why.fix.unwrap().contains("install NVIDIA's driver"));
}
