//! Intel graphics cards on synthetic trees, laid out as the drivers' `*_hwmon.c`
//! make them; none is a copy of a recorded tree.

mod common;

use common::kinds::{detect, faults_cost_their_interval, ids, notes, open, refused};
use common::says::{advised, fails, told};
use common::{File, World, excludes};
use perwatt_power::{Boundary, Covers, Provenance, Reason};
use std::io::ErrorKind;
use std::sync::Arc;

fn hwmon(number: u32, file: &str) -> String {
    format!("sys/class/hwmon/hwmon{number}/{file}")
}

/// Microjoules, in steps of a millisecond and of 2^-14 J.
fn text(start_j: f64, power_w: f64, t_s: f64) -> String {
    let joules = start_j + power_w * (t_s * 1e3).floor() * 1e-3;
    format!("{}\n", ((joules * 16384.0).floor() / 16384.0 * 1e6) as u64)
}

fn chip(world: &World, number: u32, name: &str, address: &str) {
    world.line(hwmon(number, "name"), name);
    let slot = format!("PCI_SLOT_NAME={address}");
    world.line(hwmon(number, "device/uevent"), slot);
}

fn counter(world: &World, number: u32, index: u32, label: Option<&str>, power_w: f64) {
    world.live(hwmon(number, &format!("energy{index}_input")), move |t_s| {
        text(5000.0, power_w, t_s)
    });
    if let Some(label) = label {
        world.line(hwmon(number, &format!("energy{index}_label")), label);
    }
}

/// Modelled on an Arc A770 under i915: one counter without a label.
fn arc() -> Arc<World> {
    let world = World::new();
    chip(&world, 3, "i915", "0000:03:00.0");
    counter(&world, 3, 1, None, 190.0);
    world.line(hwmon(3, "power1_max"), 190_000_000);
    world.line(hwmon(3, "power1_crit"), 375_000_000);
    Arc::new(world)
}

/// Modelled on a Battlemage card under xe: the card and its package.
fn battlemage() -> World {
    let world = World::new();
    chip(&world, 5, "xe", "0000:0A:00.0");
    counter(&world, 5, 1, Some("card"), 150.0);
    counter(&world, 5, 2, Some("pkg"), 100.0);
    world
}

#[test]
fn one_counter_without_a_label_is_the_package() {
    let world = arc();
    let mut source = open(&world, "intel-gpu:0");
    let info = source.info();
    assert_eq!(info.covers, Covers::Pci("0000:03:00.0".into()));
    assert_eq!(info.boundary, Boundary::Package);
    assert_eq!(info.provenance, Provenance::Counter);
    assert!((info.update_period_s.unwrap() - 1e-3).abs() < 1e-4);
    assert_eq!(source.max_read_interval_s(), Some(60.0));
    let start_j = source.read().unwrap();
    for _ in 0..20 {
        world.pass(50.0);
        source.read().unwrap();
    }
    let joules = source.read().unwrap() - start_j;
    assert!((joules / 190e3 - 1.0).abs() < 1e-4, "{joules}");
}

#[test]
fn labels_tell_the_card_from_its_package() {
    let world = Arc::new(battlemage());
    let found = detect(&world, "intel-gpu");
    assert_eq!(ids(&found).0, ["intel-gpu:0:card", "intel-gpu:0:pkg"]);
    let card = open(&world, "intel-gpu:0:card");
    assert_eq!(card.info().boundary, Boundary::Board);
    assert_eq!(card.info().covers, Covers::Pci("0000:0a:00.0".into()));
    assert!(excludes(card.info(), "intel-gpu:0:pkg", "same card"));
    let package = open(&world, "intel-gpu:0:pkg");
    assert_eq!(package.info().boundary, Boundary::Package);
}

#[test]
fn tiles_are_parts_of_their_card() {
    // Modelled on a two-tile data-centre card under i915.
    let world = World::new();
    chip(&world, 2, "i915", "0000:4d:00.0");
    counter(&world, 2, 1, None, 400.0);
    for tile in 0..2 {
        let number = 3 + tile;
        chip(&world, number, &format!("i915_gt{tile}"), "0000:4d:00.0");
        counter(&world, number, 1, None, 150.0);
    }
    chip(&world, 9, "i915", "0000:b3:00.0");
    counter(&world, 9, 1, None, 90.0);
    let found = detect(&Arc::new(world), "intel-gpu");
    let expected = ["0", "0:gt0", "0:gt1", "1"].map(|id| format!("intel-gpu:{id}"));
    assert_eq!(ids(&found).0, expected);
}

#[test]
fn a_counter_at_0_or_closed_is_not_a_source() {
    let world = battlemage();
    world.text(hwmon(5, "energy1_input"), "0\n");
    world.deny(hwmon(5, "energy2_input"));
    let world = Arc::new(world);
    let why = refused(&world, "intel-gpu:0:card");
    told(why, Reason::Malformed, "stands at 0");
    let why = refused(&world, "intel-gpu:0:pkg");
    advised(why, Reason::NotPermitted, "sudo chmod a+r");
}

#[test]
fn a_gap_that_may_hide_a_turn_of_the_register_is_ambiguous() {
    let world = arc();
    let mut source = open(&world, "intel-gpu:0");
    source.read().unwrap();
    // 262144 J at twice the limit of 190 W take 690 s.
    world.pass(700.0);
    fails(source.as_mut(), "ambiguous");
    let start_j = source.read().unwrap();
    world.pass(1.0);
    assert!((source.read().unwrap() - start_j - 190.0).abs() < 0.5);
}

#[test]
fn faults_cost_their_interval_only() {
    let world = arc();
    let mut source = open(&world, "intel-gpu:0");
    let file = hwmon(3, "energy1_input");
    let faults = [
        (File::Text("200000000\n".into()), "went-backwards"),
        (File::Text("3690000000000000000\n".into()), "implausible"),
        (File::Text("nan\n".into()), "malformed"),
        (File::Text("-1\n".into()), "malformed"),
        (File::Text(String::new()), "malformed"),
        (File::Fails(ErrorKind::NotFound), "vanished"),
        (File::Fails(ErrorKind::PermissionDenied), "permission-lost"),
    ];
    let fail = |fault| world.set(&file, fault);
    let mend = || world.live(&file, |t_s| text(5000.0, 190.0, t_s));
    faults_cost_their_interval(source.as_mut(), 190.0, &world, faults, fail, mend);
    world.text(&file, text(5000.0, 190.0, world.now_s()));
    source.read().unwrap();
    world.pass(6.0);
    fails(source.as_mut(), "frozen");
}

#[test]
fn a_counter_that_does_not_move_says_so() {
    let world = arc();
    world.text(hwmon(3, "energy1_input"), "5000000\n");
    let source = open(&world, "intel-gpu:0");
    assert_eq!(source.info().update_period_s, None);
    assert!(notes(source.info(), "could not be seen"));
}

#[test]
fn no_counter_is_explained() {
    let world = World::new();
    chip(&world, 3, "i915", "0000:03:00.0");
    let why = refused(&Arc::new(world), "intel-gpu");
    advised(why, Reason::Absent, "newer kernel");

    let why = refused(&Arc::new(World::new()), "intel-gpu");
    assert_eq!(why.reason, Reason::Absent);

    for (address, said) in [
        ("0000:00:02.0", "part of the processor"),
        ("0000:03:00.0", "driver may not be loaded"),
    ] {
        let world = World::new();
        world.display(address, "0x8086");
        told(refused(&Arc::new(world), "intel-gpu"), Reason::Absent, said);
    }
}
