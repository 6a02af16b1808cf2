//! The state of a card during a measurement.

use crate::machine::ada;
use perwatt_power::Covers;
use perwatt_power::state::{Gauge, limits};
use std::collections::BTreeMap;

#[test]
fn the_state_of_a_card() {
    let machine = ada();
    let mut probe = machine.probe();
    let expected = [
        ("nvml:0/temp", Gauge::TemperatureC, 64.0),
        ("nvml:0/sm-clock", Gauge::ClockHz, 2.52e9),
        ("nvml:0/memory-clock", Gauge::ClockHz, 1.0501e10),
        ("nvml:0/power-limit", Gauge::PowerLimitW, 450.0),
        ("nvml:0/throttled-power", Gauge::ThrottledS, 1.5),
        ("nvml:0/throttled-thermal", Gauge::ThrottledS, 0.0),
        ("nvml:0/memory-used", Gauge::MemoryUsedBytes, 1.073741824e9),
    ];
    let values = probe.read();
    assert_eq!(probe.channels().len(), expected.len());
    for ((channel, value), (id, gauge, wanted)) in probe.channels().iter().zip(values).zip(expected)
    {
        assert_eq!((&*channel.id, channel.gauge), (id, gauge));
        let value = value.unwrap();
        assert!((value - wanted).abs() <= 1e-9 * wanted, "{id}: {value}");
    }
    let covers = &probe.channels()[0].covers;
    assert_eq!(covers, &Covers::Pci("0000:01:00.0".into()));
    let settings = probe.settings();
    assert!(settings.contains(&("nvml:0/driver".into(), "570.124.06".into())));
    assert_eq!(settings.len(), 2, "neither is offered: {settings:?}");

    machine.set(&[("0.default-limit", "600000"), ("0.mig", "1")]);
    let settings: BTreeMap<String, String> = probe.settings().into_iter().collect();
    assert_eq!(settings["nvml:0/default-power-limit"], "600 W");
    assert_eq!(settings["nvml:0/mig"], "on");
    let channel = &probe.channels()[3];
    assert_eq!(limits::default_limit_w(channel, &settings), Some(600.0));
    assert!(limits::is_partitioned(channel, &settings));
    assert_eq!(
        limits::default_limit_w(&probe.channels()[0], &settings),
        None
    );
    machine.set(&[("0.mig", "0")]);
    let settings: BTreeMap<String, String> = probe.settings().into_iter().collect();
    assert!(!limits::is_partitioned(&probe.channels()[3], &settings));

    machine.set(&[("0.temperature.error", "999"), ("0.clock.1", "210")]);
    let values = probe.read();
    assert_eq!(values[0], None);
    assert!((values[1].unwrap() - 2.1e8).abs() < 1.0);
    machine.set(&[("0.open", "15")]);
    assert!(probe.read().iter().all(Option::is_none));
}

#[test]
fn throttling_falls_back_on_the_older_call() {
    let machine = ada();
    machine.set(&[("0.field.74", ""), ("0.field.75", "")]);
    machine.set(&[("0.violation.0", "2500000000"), ("0.fan", "1800")]);
    let mut probe = machine.probe();
    let values = probe.read();
    let ids = probe.channels().iter().map(|channel| &*channel.id);
    let values: BTreeMap<&str, Option<f64>> = ids.zip(values).collect();
    assert!((values["nvml:0/throttled-power"].unwrap() - 2.5).abs() < 1e-9);
    assert_eq!(values["nvml:0/fan"], Some(1800.0));
}
