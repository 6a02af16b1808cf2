//! Readings that are wrong, or that fail during a measurement.

use crate::common::says::fails;
use crate::machine::ada;
use perwatt_power::Reason;

#[test]
fn what_is_no_figure_is_never_one() {
    #[rustfmt::skip]
    let cases = [
        ("0.energy", "0", "nvml:0:energy", "malformed"),
        ("0.energy", "18446744073709551615", "nvml:0:energy", "malformed"),
        ("0.field.186", "0", "nvml:0:instant", "malformed"),
        ("0.field.186", "4294967295", "nvml:0:instant", "malformed"),
        ("0.field.185", "3000000000000", "nvml:0:average", "implausible"),
    ];
    for (key, value, id, kind) in cases {
        let machine = ada();
        let mut source = machine.open(id);
        machine.set(&[(key, value)]);
        fails(source.as_mut(), kind);
        let why = machine.refused(id);
        assert_eq!(why.reason, Reason::Malformed, "{why:?}");
    }
}

#[test]
fn faults_of_the_counter_cost_their_interval_only() {
    let machine = ada();
    let mut source = machine.open("nvml:0:energy");
    let before_j = source.read().unwrap();
    for (key, value, kind) in [
        ("0.energy", "100", "went-backwards"),
        ("0.energy", "9000000000000", "implausible"),
        ("0.energy.error", "15", "vanished"),
        ("0.energy.error", "4", "permission-lost"),
        ("0.energy.error", "999", "io"),
        ("0.energy.error", "16", "io"),
        ("0.open", "15", "vanished"),
    ] {
        machine.pass(0.5);
        machine.set(&[(key, value)]);
        fails(source.as_mut(), kind);
        machine.set(&[(key, ""), ("0.energy", "5000000")]);
        // After a jump, the return is a jump too.
        let _ = source.read();
    }
    let start_j = source.read().unwrap();
    machine.pass(2.0);
    machine.set(&[("0.energy", "5500000")]);
    let now_j = source.read().unwrap();
    assert!((now_j - start_j - 500.0).abs() < 1e-6);
    let joules = now_j - before_j;
    assert!((joules - 500.0).abs() < 1e-6, "no fault added any");
    machine.pass(6.0);
    fails(source.as_mut(), "frozen");
}

#[test]
fn faults_of_power_are_told_apart() {
    let machine = ada();
    let mut source = machine.open("nvml:0:instant");
    for (key, value, kind) in [
        ("0.field.186.error", "3", "io"),
        ("0.field.186.error", "15", "vanished"),
        ("0.fields.error", "999", "io"),
        ("0.field.186", "900100", "implausible"),
    ] {
        machine.set(&[(key, value)]);
        fails(source.as_mut(), kind);
        machine.set(&[(key, ""), ("0.field.186", "250000")]);
        assert_eq!(source.read(), Ok(250.0), "good again");
    }
}
