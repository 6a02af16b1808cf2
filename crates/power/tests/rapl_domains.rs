//! The counters that are added, and those that are not.

mod common;

use common::kinds::{available, detect, ids, open, refused, unavailable};
use common::machines::{self, amd, dram, intel};
use common::{World, energy, excludes, zone_dir};
use perwatt_power::{Boundary, Provenance, Quantity, Reason};
use std::sync::Arc;

/// The mean power of a source over 10 s, in watts.
fn watts(world: &Arc<World>, id: &str) -> f64 {
    let mut source = open(world, id);
    let start_j = source.read().unwrap();
    world.pass(10.0);
    (source.read().unwrap() - start_j) / 10.0
}

/// Asserts that `rapl` is the sum of these domains, and its mean power.
fn sums(world: &Arc<World>, domains: &[&str], power_w: f64) {
    assert_eq!(open(world, "rapl").info().domains, domains);
    assert!(close(watts(world, "rapl"), power_w));
}

fn close(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-3
}

#[test]
fn a_client_is_its_package_with_psys_beside_it() {
    let world = machines::intel_client();
    let found = detect(&world, "rapl");
    assert_eq!(ids(&found), (vec!["rapl", "rapl:psys"], vec![]));

    let package = open(&world, "rapl");
    let info = package.info();
    assert_eq!(info.boundary, Boundary::Package);
    assert_eq!(info.provenance, Provenance::Counter);
    assert_eq!(info.quantity, Quantity::EnergyJ);
    assert_eq!(info.domains, ["package-0"]);
    assert!(excludes(info, "package-0/core", "contained"));
    assert!(excludes(info, "package-0/uncore", "contained"));
    assert!(excludes(info, "psys", "contains"));
    let twin = "package-0 (intel-rapl-mmio:0)";
    assert!(excludes(info, twin, "same counter"));
    assert_eq!(info.gain_uncertainty_rel, Some(0.03));
    assert!((info.quantum_j.unwrap() - 61.035e-6).abs() < 1e-8);
    assert!((info.update_period_s.unwrap() - 1e-3).abs() < 1e-4);
    assert!(close(watts(&world, "rapl"), 30.0));

    let psys = open(&world, "rapl:psys");
    assert_eq!(psys.info().boundary, Boundary::Platform);
    assert_eq!(psys.info().gain_uncertainty_rel, None);
    assert!(excludes(psys.info(), "package-0", "contained in psys"));
    assert!(close(watts(&world, "rapl:psys"), 45.0));
}

#[test]
fn a_server_is_every_package_and_every_dram() {
    let world = machines::intel_server();
    let source = open(&world, "rapl");
    let info = source.info();
    assert_eq!(info.boundary, Boundary::PackageDram);
    let domains = ["package-0", "package-1", "package-0/dram", "package-1/dram"];
    assert_eq!(info.domains, domains);
    let off = |n: &String| n.contains("package-0/dram") && n.contains("limit is off");
    assert!(info.notes.iter().any(off));
    assert!(close(watts(&world, "rapl"), 450.0));
    // 65.7 kJ of dram at 500 W, four readings per wrap.
    let wrap_s = machines::DRAM_RANGE_UJ as f64 * 1e-6 / 500.0;
    assert!(close(source.max_read_interval_s().unwrap(), wrap_s / 4.0));
}

#[test]
fn memory_that_only_some_sockets_show_is_left_out() {
    let world = machines::intel_server();
    world.deny(energy("intel-rapl:1:0"));
    let source = open(&world, "rapl");
    let info = source.info();
    assert_eq!(info.boundary, Boundary::Package);
    assert_eq!(info.domains, ["package-0", "package-1"]);
    assert!(excludes(info, "package-1/dram", "not permitted"));
    assert!(excludes(info, "package-0/dram", "package-1 has none"));
    assert!(close(watts(&world, "rapl"), 400.0));
}

#[test]
fn dies_that_mirror_their_socket_count_once() {
    let world = machines::amd_dies();
    sums(&world, &["package-0-die-0"], 180.0);
    let source = open(&world, "rapl");
    let info = source.info();
    for die in 1..4 {
        let name = format!("package-0-die-{die}");
        assert!(excludes(info, &name, "mirrors package-0-die-0"));
    }
    assert_eq!(info.gain_uncertainty_rel, Some(0.08));
}

#[test]
fn dies_with_counters_of_their_own_are_added() {
    let dies = ["package-0-die-0", "package-0-die-1"];
    sums(&machines::intel_dies(), &dies, 300.0);
}

#[test]
fn two_sockets_of_mirrored_dies_count_twice() {
    let world = machines::amd_dies();
    for die in 0..2 {
        let (id, name) = (4 + die, format!("package-1-die-{die}"));
        world.zone(&format!("intel-rapl:{id}"), &name, amd(50_000.0, 180.0));
    }
    sums(&world, &["package-0-die-0", "package-1-die-0"], 360.0);
}

#[test]
fn a_twin_stands_in_for_a_counter_that_is_refused() {
    let world = machines::intel_client();
    world.deny(energy("intel-rapl:0"));
    sums(&world, &["package-0"], 30.0);
    let source = open(&world, "rapl");
    let twin = "same counter as intel-rapl-mmio:0";
    assert!(excludes(source.info(), "package-0 (intel-rapl:0)", twin));
    assert!(excludes(source.info(), "package-0/core", "contained"));
}

#[test]
fn a_dram_counter_at_zero_is_no_memory_counter() {
    let world = machines::intel_client();
    world.zone("intel-rapl:0:2", "dram", dram(0.0, 0.0));
    let source = open(&world, "rapl");
    assert_eq!(source.info().boundary, Boundary::Package);
    assert!(excludes(source.info(), "package-0/dram", "stands at 0"));
}

#[test]
fn a_name_no_one_knows_is_never_added() {
    let world = machines::intel_client();
    world.zone("intel-rapl:2", "novel", intel(5.0, 500.0));
    let source = open(&world, "rapl");
    assert!(excludes(source.info(), "novel", "not a known domain"));
    assert!(close(watts(&world, "rapl"), 30.0));
}

#[test]
fn psys_alone_leaves_rapl_absent() {
    let world = machines::intel_client();
    for id in ["rapl:0", "rapl:0:0", "rapl:0:1", "rapl-mmio:0"] {
        world.remove(zone_dir(&format!("intel-{id}")).join("name"));
    }
    assert_eq!(refused(&world, "rapl").reason, Reason::Absent);
    assert!(close(watts(&world, "rapl:psys"), 45.0));
}

#[test]
fn one_part_can_be_selected() {
    let world = machines::intel_client();
    let psys = detect(&world, "rapl:psys");
    assert_eq!(psys.len(), 1);
    available(psys, "rapl:psys");
    let missing = detect(&world, "rapl:dram");
    assert_eq!(missing.len(), 1);
    let why = unavailable(missing, "rapl:dram");
    assert!(why.detail.contains("rapl, rapl:psys"), "{why}");
}
