//! Meters on the board: ACPI power meters, and the monitors of Jetson modules, on
//! synthetic trees laid out as their drivers make them; none is a copy of a
//! recorded tree.

mod common;

use common::kinds::{available, detect, ids, notes, open, refused};
use common::says::{advised, fails, has};
use common::{File, World, excludes};
use perwatt_power::{Boundary, Covers, Reason};
use std::io::ErrorKind;
use std::sync::Arc;

fn meter(world: &World, number: u32, files: &[(&str, &str)]) {
    let dir = format!("sys/class/hwmon/hwmon{number}");
    world.lines(&dir, &[("name", "power_meter")]);
    world.lines(&dir, files);
}

fn power(number: u32) -> String {
    format!("sys/class/hwmon/hwmon{number}/power1_average")
}

/// Modelled on a two-socket Grace server: four meters a socket, not in the order of
/// the kinds.
fn grace() -> World {
    let world = World::new();
    let watts = [("Module", 300), ("Grace", 250), ("CPU", 150), ("SysIO", 40)];
    for (i, (kind, watts)) in watts.into_iter().rev().enumerate() {
        for socket in 0..2 {
            let label = format!("{kind} Power Socket {socket}");
            let uw = (watts * 1_000_000).to_string();
            let files = [
                ("power1_average", uw.as_str()),
                ("power1_oem_info", &label),
                ("power1_average_interval", "50"),
            ];
            meter(&world, 2 * i as u32 + socket, &files);
        }
    }
    world
}

#[test]
fn grace_sums_over_sockets_and_never_over_kinds() {
    let world = Arc::new(grace());
    for (kind, watts, boundary, covers) in [
        ("module", 600.0, Boundary::DcIn, Covers::Machine),
        ("grace", 500.0, Boundary::PackageDram, Covers::Cpu),
        ("cpu", 300.0, Boundary::Die, Covers::Cpu),
        ("sysio", 80.0, Boundary::Die, Covers::Cpu),
    ] {
        let id = &format!("acpi-power:{kind}");
        let mut source = open(&world, id);
        assert_eq!(source.read(), Ok(watts), "{id}");
        assert_eq!(source.info().boundary, boundary, "{id}");
        assert_eq!(source.info().covers, covers, "{id}");
        assert_eq!(source.info().domains.len(), 2, "{id}");
        assert_eq!(source.info().averaging_s, Some(0.05));
        assert_eq!(source.info().excluded_domains.len(), 3, "{id}");
    }
    assert_eq!(detect(&world, "acpi-power").len(), 4);
}

#[test]
fn one_socket_that_fails_spoils_the_sum() {
    let world = Arc::new(grace());
    let mut source = open(&world, "acpi-power:sysio");
    world.fail(power(1), ErrorKind::NotFound);
    fails(source.as_mut(), "vanished");
    assert_eq!(refused(&world, "acpi-power:sysio").reason, Reason::Absent);
}

#[test]
fn a_meter_without_a_label_covers_what_its_maker_chose() {
    let world = Arc::new(World::new());
    let files = [
        ("power1_average", "187000000"),
        ("power1_average_interval", "1000"),
        ("power1_accuracy", "98.5%"),
        ("power1_model_number", "Intel(R) Node Manager"),
    ];
    meter(&world, 3, &files);
    let mut source = open(&world, "acpi-power:0");
    let info = source.info();
    assert_eq!(info.boundary, Boundary::Platform);
    assert_eq!(info.averaging_s, Some(1.0));
    assert!((info.gain_uncertainty_rel.unwrap() - 0.015).abs() < 1e-12);
    assert!(notes(info, "firmware's choice"));
    assert!(info.description.contains("Node Manager"));
    assert!(
        source.pace().blocking,
        "a management controller may be slow"
    );
    assert_eq!(source.read(), Ok(187.0));
}

#[test]
fn older_kernels_keep_the_files_in_the_device() {
    let world = World::new();
    let files = [
        ("name", "power_meter"),
        ("power1_average", "61000000"),
        ("power1_average_interval", "50"),
        ("power1_oem_info", "Grace Power Socket 0"),
    ];
    world.lines("sys/class/hwmon/hwmon2/device", &files);
    let mut source = open(&Arc::new(world), "acpi-power:grace");
    assert_eq!(source.read(), Ok(61.0));
    assert_eq!(source.info().averaging_s, Some(0.05));
}

#[test]
fn what_acpi_does_not_know_is_no_figure() {
    for text in ["4294967295000", "4294967295", "0", "-1", "x", "", "1e9"] {
        let world = Arc::new(World::new());
        let shows = |text| meter(&world, 0, &[("power1_average", text)]);
        shows(text);
        assert_eq!(refused(&world, "acpi-power:0").reason, Reason::Malformed);
        shows("90000000");
        let mut source = open(&world, "acpi-power:0");
        shows(text);
        fails(source.as_mut(), "malformed");
        shows("65535000000");
        has(&refused(&world, "acpi-power:0").detail, &["65535 W"]);
    }
}

#[test]
fn a_meter_that_may_not_be_read_comes_with_its_fix() {
    let world = World::new();
    meter(&world, 0, &[("power1_model_number", "x")]);
    world.deny(power(0));
    let why = refused(&Arc::new(world), "acpi-power:0");
    advised(why, Reason::NotPermitted, "sudo chmod a+r");
    let why = refused(&Arc::new(World::new()), "acpi-power");
    advised(why, Reason::Absent, "modprobe acpi_power_meter");
}

const NEWER: &str = "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon3";
const OLDER: &str = "sys/bus/i2c/drivers/ina3221x/6-0041/iio:device0";

/// Modelled on an Orin Nano: the input of the module and two rails.
fn orin() -> World {
    let world = World::new();
    world.text("sys/bus/i2c/drivers/ina3221/bind", "");
    for (i, label, millivolts, milliamperes) in [
        (1, "VDD_IN", 4912, 1240),
        (2, "VDD_CPU_GPU_CV", 4904, 320),
        (3, "VDD_SOC", 4904, 280),
    ] {
        world.line(format!("{NEWER}/in{i}_label"), label);
        world.line(format!("{NEWER}/in{i}_input"), millivolts);
        world.line(format!("{NEWER}/curr{i}_input"), milliamperes);
        world.line(format!("{NEWER}/shunt{i}_resistor"), 5000);
    }
    // The chip's sum of shunt voltages is not a channel.
    world.text(format!("{NEWER}/in7_label"), "sum of shunt voltages\n");
    world
}

#[test]
fn the_input_of_the_module_is_the_meter() {
    let world = Arc::new(orin());
    let found = detect(&world, "ina3221");
    assert_eq!(ids(&found), (vec!["ina3221:vdd_in"], vec![]));
    let mut source = open(&world, "ina3221:vdd_in");
    let info = source.info();
    assert_eq!(info.boundary, Boundary::DcIn);
    assert_eq!(info.covers, Covers::Machine);
    assert!(excludes(info, "VDD_SOC", "behind VDD_IN"));
    assert!((info.quantum_w.unwrap() - 0.008 * 4.912).abs() < 1e-9);
    let watts = source.read().unwrap();
    assert!((watts - 4.912 * 1.24).abs() < 1e-9, "{watts}");
}

#[test]
fn a_rail_is_a_part_and_must_be_named() {
    let world = Arc::new(orin());
    let rail = available(detect(&world, "ina3221:vdd_soc"), "ina3221:vdd_soc");
    assert_eq!(rail.info().boundary, Boundary::Die);
    assert!(notes(rail.info(), "one rail only"));
    assert!(excludes(rail.info(), "VDD_IN", "contains"));
}

#[test]
fn older_kernels_tell_milliwatts() {
    // Modelled on a TX2.
    let world = World::new();
    for (i, label, milliwatts) in [(0, "VDD_IN", 5230), (1, "NC", 0), (2, "VDD_SYS_GPU", 900)] {
        world.line(format!("{OLDER}/rail_name_{i}"), label);
        world.line(format!("{OLDER}/in_power{i}_input"), milliwatts);
    }
    let world = Arc::new(world);
    let mut source = open(&world, "ina3221:vdd_in");
    assert_eq!(source.read(), Ok(5.23));
    assert_eq!(source.info().quantum_w, None);
    assert_eq!(source.info().excluded_domains.len(), 1, "NC is not a rail");
}

#[test]
fn without_an_input_channel_every_rail_stands_alone() {
    // Modelled on an AGX Orin.
    let world = orin();
    world.line(format!("{NEWER}/in1_label"), "VDD_GPU_SOC");
    let world = Arc::new(world);
    let found = detect(&world, "ina3221");
    let rails = ["vdd_gpu_soc", "vdd_cpu_gpu_cv", "vdd_soc"];
    assert_eq!(ids(&found).0, rails.map(|rail| format!("ina3221:{rail}")));
    let gpu = open(&world, "ina3221:vdd_gpu_soc");
    assert_eq!(gpu.info().covers, Covers::UnknownGpu);
    assert!(excludes(gpu.info(), "VDD_SOC", "not stated"));
}

#[test]
fn an_ina238_is_a_meter_where_it_says_what_of() {
    const THOR: &str = "sys/bus/i2c/drivers/ina238/2-0044/hwmon/hwmon4";
    let world = orin();
    world.text(format!("{NEWER}/in1_label"), "VDD_GPU\n");
    world.text(format!("{THOR}/power1_input"), "28600000\n");
    let world = Arc::new(world);
    let why = refused(&world, "ina3221:2-0044");
    has(&why.detail, &["INA238"]);
    assert!(why.fix.unwrap().contains("node_hwmon_power_watt"));
    world.text(format!("{THOR}/in1_label"), "VIN\n");
    let mut source = open(&world, "ina3221:vin");
    assert_eq!(source.read(), Ok(28.6));
    assert_eq!(source.info().boundary, Boundary::DcIn);
    assert_eq!(detect(&world, "ina3221").len(), 1, "rails are behind it");
}

#[test]
fn channels_that_fail_are_told_apart() {
    let world = Arc::new(orin());
    let mut source = open(&world, "ina3221:vdd_in");
    let file = format!("{NEWER}/curr1_input");
    for (fault, kind) in [
        (File::Text("-20\n".into()), "malformed"),
        (File::Text("0\n".into()), "malformed"),
        (File::Text("65535000\n".into()), "implausible"),
        (File::Text("a\n".into()), "malformed"),
        (File::Fails(ErrorKind::NotFound), "vanished"),
        (File::Fails(ErrorKind::PermissionDenied), "permission-lost"),
        (File::Fails(ErrorKind::TimedOut), "io"),
    ] {
        world.set(&file, fault);
        fails(source.as_mut(), kind);
    }
    let why = refused(&world, "ina3221:vdd_in");
    assert_eq!(why.reason, Reason::Malformed);
    world.text(format!("{NEWER}/in1_enable"), "0\n");
    let found = detect(&world, "ina3221");
    assert_eq!(ids(&found).0.len(), 2, "a channel that is off is none");

    let why = refused(&Arc::new(World::new()), "ina3221");
    advised(why, Reason::Absent, "modprobe ina3221");
}
