//! Batteries on synthetic trees, laid out as
//! `Documentation/ABI/testing/sysfs-class-power` says; none is a copy of a recorded
//! tree.

mod common;

use common::World;
use common::kinds::{notes, open, refused};
use common::says::{fails, has, told};
use perwatt_power::{Boundary, Covers, Provenance, Quantity, Reason};
use std::sync::Arc;

fn supply(name: &str, file: &str) -> String {
    format!("sys/class/power_supply/{name}/{file}")
}

fn set(world: &World, name: &str, files: &[(&str, &str)]) {
    world.lines(supply(name, ""), files);
}

/// Modelled on an unplugged laptop whose battery reports power, with a mouse.
fn laptop() -> World {
    let world = World::new();
    set(&world, "AC", &[("type", "Mains"), ("online", "0")]);
    let battery = [
        ("type", "Battery"),
        ("present", "1"),
        ("status", "Discharging"),
        ("power_now", "12500000"),
        ("energy_now", "41000000"),
        ("voltage_now", "11800000"),
    ];
    set(&world, "BAT0", &battery);
    let mouse = [("type", "Battery"), ("scope", "Device"), ("status", "Full")];
    set(&world, "hidpp_battery_0", &mouse);
    world
}

/// Modelled on a laptop whose battery reports current and voltage.
fn by_current(current_ua: &str) -> Arc<World> {
    let world = laptop();
    world.remove(supply("BAT0", "power_now"));
    world.remove(supply("BAT0", "energy_now"));
    set(&world, "BAT0", &[("current_now", current_ua)]);
    Arc::new(world)
}

#[test]
fn power_while_discharging() {
    let world = Arc::new(laptop());
    let mut source = open(&world, "battery");
    let info = source.info();
    assert_eq!(info.covers, Covers::Machine);
    assert_eq!(info.boundary, Boundary::DcIn);
    assert_eq!(info.quantity, Quantity::PowerW);
    assert_eq!(info.domains, ["BAT0"]);
    assert!(notes(info, "10 minutes") && notes(info, "power supply"));
    assert!(source.pace().interval_s >= 1.0);
    assert_eq!(source.read(), Ok(12.5));
}

#[test]
fn current_times_voltage_whatever_its_sign() {
    for current_ua in ["1200000", "-1200000"] {
        let mut source = open(&by_current(current_ua), "battery");
        let watts = source.read().unwrap();
        assert!((watts - 1.2 * 11.8).abs() < 1e-9, "{watts}");
        assert!(notes(source.info(), "current_now times voltage_now"));
    }
}

#[test]
fn energy_left_is_a_counter_that_falls() {
    let world = laptop();
    // Firmware that always shows a power of 0.
    set(&world, "BAT0", &[("power_now", "0")]);
    world.live(supply("BAT0", "energy_now"), |t_s| {
        // 18 W in steps of 10 mWh.
        let left_uwh = 41_000_000.0 - 18e6 * t_s / 3600.0;
        format!("{}\n", (left_uwh / 1e4).floor() as u64 * 10_000)
    });
    let world = Arc::new(world);
    let mut source = open(&world, "battery");
    assert_eq!(source.info().provenance, Provenance::Counter);
    assert!(notes(source.info(), "energy_now"));
    let start_j = source.read().unwrap();
    for _ in 0..60 {
        world.pass(10.0);
        source.read().unwrap();
    }
    let joules = source.read().unwrap() - start_j;
    assert!((joules - 18.0 * 600.0).abs() <= 36.0, "{joules}");

    for (text, kind) in [
        ("90000000", "went-backwards"),
        ("1", "implausible"),
        ("0", "malformed"),
        ("18446744073709551615", "malformed"),
        ("-4", "malformed"),
        ("empty", "malformed"),
    ] {
        set(&world, "BAT0", &[("energy_now", text)]);
        fails(source.as_mut(), kind);
    }
    set(&world, "BAT0", &[("energy_now", "1")]);
    source.read().unwrap();
    world.pass(121.0);
    fails(source.as_mut(), "frozen");
}

#[test]
fn two_batteries_are_one_machine() {
    let world = laptop();
    let second = [
        ("type", "Battery"),
        ("status", "Not charging"),
        ("power_now", "0"),
    ];
    set(&world, "BAT1", &second);
    let world = Arc::new(world);
    let mut source = open(&world, "battery");
    assert_eq!(source.info().domains, ["BAT0", "BAT1"]);
    assert_eq!(source.read(), Ok(12.5));
    let discharging = [("status", "Discharging"), ("power_now", "3000000")];
    set(&world, "BAT1", &discharging);
    assert_eq!(source.read(), Ok(15.5));
    set(&world, "BAT1", &[("status", "Charging")]);
    fails(source.as_mut(), "io");
}

#[test]
fn plugged_in_is_explained() {
    for (status, online, said) in [
        ("Charging", "0", "\"Charging\""),
        ("Full", "0", "\"Full\""),
        ("Not charging", "0", "\"Not charging\""),
        ("Unknown", "0", "\"Unknown\""),
        ("Discharging", "1", "plugged in"),
    ] {
        let world = laptop();
        set(&world, "BAT0", &[("status", status)]);
        set(&world, "AC", &[("online", online)]);
        let why = told(refused(&Arc::new(world), "battery"), Reason::Absent, said);
        assert!(why.fix.unwrap().starts_with("unplug"));
    }
}

#[test]
fn a_usb_port_that_is_online_is_believed_where_there_is_no_adapter() {
    let port = "ucsi-source-psy-USBC000:001";
    let world = laptop();
    let online = [("type", "USB"), ("scope", "System"), ("online", "1")];
    set(&world, port, &online);
    let world = Arc::new(world);
    let mut source = open(&world, "battery");
    assert_eq!(source.read(), Ok(12.5));
    assert!(notes(source.info(), "USB port says that it is online"));
    world.remove(supply("AC", "type"));
    world.remove(supply("AC", "online"));
    has(&refused(&world, "battery").detail, &["plugged in"]);
    set(&world, port, &[("online", "0")]);
    assert_eq!(open(&world, "battery").read(), Ok(12.5));
}

#[test]
fn plugging_in_ends_the_figure() {
    let world = Arc::new(laptop());
    let mut source = open(&world, "battery");
    set(&world, "BAT0", &[("status", "Charging")]);
    has(&fails(source.as_mut(), "io").to_string(), &["Charging"]);
    set(&world, "BAT0", &[("status", "Discharging")]);
    set(&world, "AC", &[("online", "1")]);
    has(&source.read().unwrap_err().to_string(), &["plugged in"]);
    set(&world, "AC", &[("online", "0")]);
    assert_eq!(source.read(), Ok(12.5));
}

#[test]
fn what_is_no_power_is_never_one() {
    let world = Arc::new(laptop());
    let mut source = open(&world, "battery");
    for (text, kind) in [
        ("0", "malformed"),
        ("nan", "malformed"),
        ("12.5", "malformed"),
        ("", "malformed"),
        ("65535000000", "implausible"),
        ("9223372036854775807", "implausible"),
        ("99999999999999999999", "malformed"),
    ] {
        set(&world, "BAT0", &[("power_now", text)]);
        fails(source.as_mut(), kind);
    }
    let file = supply("BAT0", "power_now");
    world.deny(&file);
    fails(source.as_mut(), "permission-lost");
    world.remove(&file);
    fails(source.as_mut(), "vanished");
}

#[test]
fn a_battery_that_tells_nothing_is_refused() {
    let world = laptop();
    for file in ["power_now", "energy_now", "voltage_now"] {
        world.remove(supply("BAT0", file));
    }
    let why = refused(&Arc::new(world), "battery");
    told(why, Reason::Malformed, "neither power nor energy");
}

#[test]
fn no_battery_is_explained() {
    let world = World::new();
    let mouse = [("type", "Battery"), ("scope", "Device")];
    set(&world, "hidpp_battery_0", &mouse);
    let why = refused(&Arc::new(world), "battery");
    told(why, Reason::Absent, "no battery");
}
