//! The state of a card during a measurement.

use crate::machine::ada;
use perwatt_power::Covers;
use perwatt_power::state::{Gauge, Probe};

#[test]
fn the_state_of_a_card() {
    let machine = ada();
    let mut probe = machine.probe();
    let channels: Vec<(String, Gauge)> = probe
        .channels()
        .iter()
        .map(|c| (c.id.clone(), c.gauge))
        .collect();
    let expected = [
        ("nvml:0/temp", Gauge::TemperatureC, 64.0),
        ("nvml:0/sm-clock", Gauge::ClockHz, 2.52e9),
        ("nvml:0/memory-clock", Gauge::ClockHz, 1.0501e10),
        ("nvml:0/power-limit", Gauge::PowerLimitW, 450.0),
        ("nvml:0/throttled-power", Gauge::ThrottledS, 1.5),
        ("nvml:0/throttled-thermal", Gauge::ThrottledS, 0.0),
        (
            "nvml:0/memory-used",
            Gauge::MemoryUsedBytes,
            1_073_741_824.0,
        ),
    ];
    let names: Vec<(String, Gauge)> = expected.map(|(id, gauge, _)| (id.into(), gauge)).into();
    assert_eq!(channels, names);
    let values = probe.read();
    for (value, (id, _, wanted)) in values.iter().zip(expected) {
        let value = value.unwrap();
        assert!((value - wanted).abs() <= 1e-9 * wanted, "{id}: {value}");
    }
    let covers = &probe.channels()[0].covers;
    assert_eq!(covers, &Covers::Pci("0000:01:00.0".into()));
    let settings = probe.settings();
    assert!(settings.contains(&("nvml:0/driver".into(), "570.124.06".into())));

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
    machine.set(&[
        ("0.field.74", ""),
        ("0.field.75", ""),
        ("0.violation.0", "2500000000"),
        ("0.fan", "1800"),
    ]);
    let mut probe = machine.probe();
    let at = |probe: &dyn Probe, name: &str| {
        probe
            .channels()
            .iter()
            .position(|c| c.id == name)
            .unwrap_or_else(|| panic!("no {name}"))
    };
    let throttled = at(probe.as_ref(), "nvml:0/throttled-power");
    let fan = at(probe.as_ref(), "nvml:0/fan");
    let values = probe.read();
    assert!((values[throttled].unwrap() - 2.5).abs() < 1e-9);
    assert_eq!(values[fan], Some(1800.0));
}
