//! NVIDIA cards by a stand-in for the driver's library, which these tests build
//! from `fixtures/nvml_stub.rs` with the compiler that builds them.
#![cfg(unix)]

mod common;

use common::kinds::{available, detect_in, error_kind, ids, notes, unavailable};
use common::{World, environment};
use perwatt_power::state::{Gauge, Probe, probes};
use perwatt_power::{
    Boundary, Clock, Covers, Environment, Found, Provenance, Quantity, Reason, Source, Unavailable,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;

/// Time that passes a little whenever it is asked for.
struct Ticking(Mutex<f64>);

impl Clock for Ticking {
    fn now_s(&self) -> f64 {
        let mut now_s = self.0.lock().unwrap();
        *now_s += 5e-3;
        *now_s
    }
}

/// The stand-in, built once for each set of options.
fn build(options: &[&str], to: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nvml_stub.rs");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "cdylib"])
        .args(options)
        .arg(source)
        .arg("-o")
        .arg(to)
        .output()
        .expect("the compiler that built this test runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn library(with_energy: bool) -> &'static Path {
    static BUILT: [OnceLock<(TempDir, PathBuf)>; 2] = [OnceLock::new(), OnceLock::new()];
    let (_, path) = BUILT[usize::from(with_energy)].get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libnvml-stub.so");
        let options: &[&str] = match with_energy {
            true => &[],
            false => &["--cfg", "no_energy"],
        };
        build(options, &path);
        (dir, path)
    });
    path
}

/// A machine whose driver answers what its control file says.
struct Machine {
    _dir: TempDir,
    library: PathBuf,
    answers: Mutex<BTreeMap<String, String>>,
    clock: Arc<Ticking>,
}

impl Machine {
    /// A copy of its own, so that no other test's answers are given.
    fn new(with_energy: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libnvml-stub.so");
        std::fs::copy(library(with_energy), &path).unwrap();
        let machine = Self {
            _dir: dir,
            library: path,
            answers: Mutex::default(),
            clock: Arc::new(Ticking(Mutex::new(100.0))),
        };
        machine.set(&[
            ("driver", "570.124.06"),
            ("library", "12.570.124.06"),
            ("count", "1"),
        ]);
        machine
    }

    /// Writes answers; an empty one takes the key away.
    fn set(&self, answers: &[(&str, &str)]) {
        let mut all = self.answers.lock().unwrap();
        for (key, value) in answers {
            match *value {
                "" => all.remove(*key),
                value => all.insert((*key).into(), value.into()),
            };
        }
        let text: String = all.iter().map(|(k, v)| format!("{k} {v}\n")).collect();
        // Renamed into place, so that the library never reads half of it.
        let part = self.library.with_extension("part");
        std::fs::write(&part, text).unwrap();
        std::fs::rename(part, format!("{}.control", self.library.display())).unwrap();
    }

    /// Card `number` as a GPU of Ada: all three readings.
    fn card(&self, number: u32, address: &str) {
        for (key, value) in [
            ("name", "NVIDIA GeForce RTX 4090"),
            ("pci", address),
            ("architecture", "8"),
            ("major", "8"),
            ("minor", "9"),
            ("energy", "5000000"),
            ("usage", "251000"),
            ("field.186", "250000"),
            ("field.185", "252000"),
            ("limit", "450000"),
            ("temperature", "64"),
            ("clock.1", "2520"),
            ("clock.2", "10501"),
            ("memory", "1073741824"),
            ("field.74", "1500000000"),
            ("field.75", "0"),
        ] {
            self.set(&[(&format!("{number}.{key}"), value)]);
        }
    }

    fn pass(&self, seconds: f64) {
        *self.clock.0.lock().unwrap() += seconds;
    }

    fn environment(&self) -> Environment {
        let mut environment = environment(&Arc::new(World::new()));
        environment.drivers.nvml_library = Some(self.library.clone());
        environment.clock = self.clock.clone();
        environment
    }

    fn detect(&self) -> Vec<Found> {
        detect_in(&self.environment(), "nvml")
    }

    fn open(&self, id: &str) -> Box<dyn Source> {
        available(self.detect(), id)
    }

    fn refused(&self, id: &str) -> Unavailable {
        unavailable(self.detect(), id)
    }

    fn probe(&self) -> Box<dyn Probe> {
        probes(&self.environment()).pop().unwrap()
    }
}

/// Modelled on a desktop with an Ada card.
fn ada() -> Machine {
    let machine = Machine::new(true);
    machine.card(0, "00000000:01:00.0");
    machine
}

#[test]
fn a_card_is_three_sources() {
    let machine = ada();
    let found = machine.detect();
    assert_eq!(
        ids(&found),
        (
            vec!["nvml:0:energy", "nvml:0:instant", "nvml:0:average"],
            vec![]
        )
    );
    for (id, quantity, provenance, watts) in [
        (
            "nvml:0:instant",
            Quantity::PowerW,
            Provenance::PowerSamples,
            Some(250.0),
        ),
        (
            "nvml:0:average",
            Quantity::PowerW,
            Provenance::PowerSamples,
            Some(252.0),
        ),
        (
            "nvml:0:energy",
            Quantity::EnergyJ,
            Provenance::Counter,
            None,
        ),
    ] {
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
        ("6", "5", "nvml:0:instant", "nvml:0:average", None),
        ("7", "0", "nvml:0:instant", "nvml:0:average", Some(0.025)),
        // Other Ampere: averaged.
        ("7", "6", "nvml:0:average", "nvml:0:instant", Some(1.0)),
        (
            "4294967295",
            "0",
            "nvml:0:average",
            "nvml:0:instant",
            Some(1.0),
        ),
    ] {
        let machine = ada();
        machine.set(&[
            ("0.field.185", ""),
            ("0.field.186", ""),
            ("0.architecture", architecture),
            ("0.minor", minor),
        ]);
        let mut source = machine.open(offered);
        assert_eq!(source.read(), Ok(251.0));
        assert!(notes(source.info(), "nvmlDeviceGetPowerUsage"));
        assert_eq!(source.info().averaging_s, averaging_s, "{architecture}");
        let why = machine.refused(missing);
        assert_eq!(why.reason, Reason::Absent);
        assert!(why.detail.contains("570.124.06"), "{}", why.detail);
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
fn a_card_or_driver_without_the_counter_keeps_its_power() {
    let machine = ada();
    machine.set(&[("0.energy.error", "3")]);
    let why = machine.refused("nvml:0:energy");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.detail.contains("Volta"), "{}", why.detail);
    assert_eq!(machine.open("nvml:0:instant").read(), Ok(250.0));

    let machine = Machine::new(false);
    machine.card(0, "00000000:01:00.0");
    let why = machine.refused("nvml:0:energy");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.detail.contains("no such call"), "{}", why.detail);
    assert_eq!(machine.open("nvml:0:average").read(), Ok(252.0));
}

#[test]
fn what_is_no_figure_is_never_one() {
    for (key, value, id) in [
        ("0.energy", "0", "nvml:0:energy"),
        ("0.energy", "18446744073709551615", "nvml:0:energy"),
        ("0.field.186", "0", "nvml:0:instant"),
        ("0.field.186", "4294967295", "nvml:0:instant"),
        ("0.field.185", "3000000000000", "nvml:0:average"),
    ] {
        let machine = ada();
        let mut source = machine.open(id);
        machine.set(&[(key, value)]);
        let error = source.read().unwrap_err();
        let kind = error_kind(&error);
        assert!(
            ["malformed", "implausible"].contains(&kind.as_str()),
            "{error}"
        );
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
        let error = source.read().unwrap_err();
        assert_eq!(error_kind(&error), kind, "{error}");
        machine.set(&[(key, ""), ("0.energy", "5000000")]);
        // After a jump, the way back is a jump too.
        let _ = source.read();
    }
    let start_j = source.read().unwrap();
    machine.pass(2.0);
    machine.set(&[("0.energy", "5500000")]);
    let now_j = source.read().unwrap();
    assert!((now_j - start_j - 500.0).abs() < 1e-6);
    assert!(
        (now_j - before_j - 500.0).abs() < 1e-6,
        "no fault added any"
    );
    machine.pass(6.0);
    assert_eq!(error_kind(&source.read().unwrap_err()), "frozen");
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
        let error = source.read().unwrap_err();
        assert_eq!(error_kind(&error), kind, "{error}");
        machine.set(&[(key, ""), ("0.field.186", "250000")]);
        assert_eq!(source.read(), Ok(250.0), "good again");
    }
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
fn one_card_may_be_named_as_a_whole() {
    let machine = ada();
    machine.set(&[("count", "2")]);
    machine.card(1, "00000000:02:00.0");
    let detect = |name: &str| {
        let selection = perwatt_power::Selection {
            meters: Some(vec![name.into()]),
            ..Default::default()
        };
        perwatt_power::detect_in(&selection, &machine.environment()).unwrap()
    };
    let found = detect("nvml:1");
    let all = ["nvml:1:energy", "nvml:1:instant", "nvml:1:average"];
    assert_eq!(ids(&found).0, all);
    assert_eq!(ids(&detect("nvml:1:energy")).0, ["nvml:1:energy"]);
    let why = unavailable(detect("nvml:7"), "nvml:7");
    assert!(why.detail.contains("it offers: nvml:0:energy"), "{why:?}");
    machine.set(&[("init.error", "9")]);
    let why = unavailable(detect("nvml:1"), "nvml:1");
    assert!(why.detail.contains("driver is not loaded"), "{why:?}");
}

#[test]
fn one_bad_card_leaves_the_others() {
    let machine = ada();
    machine.set(&[("count", "3"), ("1.open", "15"), ("2.open", "4")]);
    let found = machine.detect();
    assert_eq!(ids(&found).1, ["nvml:1", "nvml:2"]);
    assert_eq!(ids(&found).0.len(), 3);
    let why = machine.refused("nvml:1");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.fix.unwrap().contains("gpu-reset"));
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
        let why = machine.refused("nvml");
        assert_eq!(why.reason, reason, "{why:?}");
        assert!(why.fix.as_ref().unwrap().contains(fix), "{why:?}");
    }
    let machine = Machine::new(true);
    machine.set(&[("count", "0")]);
    assert!(machine.refused("nvml").detail.contains("no card"));

    let mut environment = machine.environment();
    environment.drivers.nvml_library = Some(machine.library.with_extension("nowhere"));
    let why = unavailable(detect_in(&environment, "nvml"), "nvml");
    assert_eq!(why.reason, Reason::Absent);
    assert!(why.detail.starts_with("no NVIDIA driver"), "{}", why.detail);

    environment.drivers.nvml_library = None;
    let why = unavailable(detect_in(&environment, "nvml"), "nvml");
    assert!(why.detail.contains("recorded tree"), "{}", why.detail);
    assert!(probes(&environment).is_empty());
}

#[test]
fn a_card_without_a_driver_is_named() {
    let world = World::new();
    let device = "sys/bus/pci/devices/0000:01:00.0";
    world.text(format!("{device}/vendor"), "0x10de\n");
    world.text(format!("{device}/class"), "0x030000\n");
    let mut environment = environment(&Arc::new(world));
    environment.drivers.nvml_library = Some("/nowhere/libnvidia-ml.so.1".into());
    let why = unavailable(detect_in(&environment, "nvml"), "nvml");
    assert!(why.detail.contains("0000:01:00.0"), "{}", why.detail);
    assert!(why.fix.unwrap().contains("install NVIDIA's driver"));
}

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
