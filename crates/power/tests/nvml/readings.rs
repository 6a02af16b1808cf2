//! The readings of cards, and their metadata.

use crate::common::kinds::{available, detect_in, ids, notes, unavailable};
use crate::common::says::{has, told};
use crate::machine::{Machine, ada};
use perwatt_power::{Boundary, Clock, Covers, Provenance, Quantity, Reason};

#[test]
fn a_card_is_three_sources() {
    let machine = ada();
    let found = machine.detect();
    let all = vec!["nvml:0:energy", "nvml:0:instant", "nvml:0:average"];
    assert_eq!(ids(&found), (all, vec![]));
    #[rustfmt::skip]
    let cases = [
        ("nvml:0:instant", Quantity::PowerW, Provenance::PowerSamples, Some(250.0)),
        ("nvml:0:average", Quantity::PowerW, Provenance::PowerSamples, Some(252.0)),
        ("nvml:0:energy", Quantity::EnergyJ, Provenance::Counter, None),
    ];
    for (id, quantity, provenance, watts) in cases {
        let mut source = machine.open(id);
        let info = source.info().clone();
        assert_eq!(info.covers, Covers::Pci("0000:01:00.0".into()), "{id}");
        assert_eq!(info.boundary, Boundary::Board);
        assert_eq!((info.quantity, info.provenance), (quantity, provenance));
        assert_eq!(info.gain_uncertainty_rel, Some(0.11));
        assert!(notes(&info, "driver 570.124.06"), "{info:?}");
        assert!(notes(&info, "arXiv 2312.02741"));
        assert!(info.description.contains("RTX 4090"));
        let averaged = id.ends_with("average").then_some(1.0);
        assert_eq!(info.averaging_s, averaged, "{id}");
        if watts.is_some() {
            assert_eq!(source.read().ok(), watts);
        }
    }
    assert!(notes(machine.open("nvml:0:instant").info(), "field 186"));
    assert!(notes(machine.open("nvml:0:average").info(), "field 185"));
}

#[test]
fn the_counter_is_followed_and_its_period_seen() {
    let machine = ada();
    // 25 J at each twentieth reading, 5 ms apart: 250 W.
    machine.set(&[("0.energy.step", "25000"), ("0.energy.every", "20")]);
    let mut source = machine.open("nvml:0:energy");
    let period_s = source.info().update_period_s.unwrap();
    assert!((period_s - 0.1).abs() < 6e-3, "{period_s}");
    assert_eq!(source.max_read_interval_s(), None);

    machine.set(&[("0.energy.step", ""), ("0.energy", "6000000")]);
    let _ = source.read();
    let start_j = source.read().unwrap();
    machine.pass(100.0);
    machine.set(&[("0.energy", "31000000")]);
    assert!((source.read().unwrap() - start_j - 25_000.0).abs() < 1e-6);
}

#[test]
fn several_cards_are_watched_at_once() {
    let machine = Machine::new(true);
    machine.set(&[("count", "8")]);
    for number in 0..8 {
        machine.card(number, &format!("00000000:{:02X}:00.0", 0x1a + number));
    }
    let before_s = machine.clock.now_s();
    let found = machine.detect();
    assert_eq!(ids(&found).0.len(), 24);
    let watched_s = machine.clock.now_s() - before_s;
    assert!(watched_s < 0.5, "{watched_s} s for eight cards");
    let last = available(found, "nvml:7:energy");
    assert_eq!(last.info().covers, Covers::Pci("0000:21:00.0".into()));
}

#[test]
fn what_power_usage_means_depends_on_the_card() {
    for (architecture, minor, offered, missing, averaging_s) in [
        // Turing, and GA100: not averaged.
        ("6", "5", "instant", "average", None),
        ("7", "0", "instant", "average", Some(0.025)),
        // Other Ampere: averaged.
        ("7", "6", "average", "instant", Some(1.0)),
        ("4294967295", "0", "average", "instant", Some(1.0)),
    ] {
        let machine = ada();
        machine.set(&[("0.field.185", ""), ("0.field.186", "")]);
        machine.set(&[("0.architecture", architecture), ("0.minor", minor)]);
        let mut source = machine.open(&format!("nvml:0:{offered}"));
        assert_eq!(source.read(), Ok(251.0));
        assert!(notes(source.info(), "nvmlDeviceGetPowerUsage"));
        assert_eq!(source.info().averaging_s, averaging_s, "{architecture}");
        let why = machine.refused(&format!("nvml:0:{missing}"));
        told(why, Reason::Absent, "570.124.06");
    }
}

#[test]
fn a_sensor_that_sees_a_part_of_the_time_says_so() {
    let machine = ada();
    machine.set(&[("0.architecture", "9"), ("0.name", "NVIDIA H100 PCIe")]);
    let source = machine.open("nvml:0:instant");
    assert!(notes(source.info(), "25 ms of every 100 ms"));
    machine.set(&[("0.mig", "1")]);
    assert!(notes(machine.open("nvml:0:energy").info(), "partitioned"));
    machine.set(&[("0.name", "NVIDIA GH200 480GB")]);
    assert!(notes(machine.open("nvml:0:energy").info(), "Grace"));
}

#[test]
fn one_card_may_be_named_as_a_whole() {
    let machine = ada();
    machine.set(&[("count", "2")]);
    machine.card(1, "00000000:02:00.0");
    let detect = |name: &str| detect_in(&machine.system(), name);
    let found = detect("nvml:1");
    let all = ["nvml:1:energy", "nvml:1:instant", "nvml:1:average"];
    assert_eq!(ids(&found).0, all);
    assert_eq!(ids(&detect("nvml:1:energy")).0, ["nvml:1:energy"]);
    let why = unavailable(detect("nvml:7"), "nvml:7");
    has(&why.detail, &["it offers: nvml:0:energy"]);
    machine.set(&[("init.error", "9")]);
    let why = unavailable(detect("nvml:1"), "nvml:1");
    has(&why.detail, &["driver is not loaded"]);
}
