//! Every source and probe that reads this machine's own files, from a tree whose
//! files hold any text: the first byte picks the drivers, the rest is cut into lines
//! that files show in turn.
#![no_main]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;
use perwatt_power::{
    Clock, Drivers, FileTree, Found, Quantity, Selection, System, detect_in, state,
};

/// Entries of a directory of each class.
#[rustfmt::skip]
const LISTS: [(&str, &[&str]); 12] = [
    ("sys/class/powercap", &["intel-rapl", "intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1"]),
    ("sys/class/hwmon", &["hwmon0", "hwmon1"]),
    ("sys/class/drm", &["card0", "card0-DP-1"]),
    ("sys/class/power_supply", &["AC", "BAT0"]),
    ("sys/bus/i2c/drivers/ina3221", &["1-0040"]),
    ("sys/bus/i2c/drivers/ina3221x", &["1-0041"]),
    ("sys/bus/event_source/devices", &["power", "power_core"]),
    ("sys/devices/system/cpu", &["cpu0", "cpu1", "cpufreq"]),
    ("sys/devices/system/cpu/cpufreq", &["policy0"]),
    ("sys/bus/pci/devices", &["0000:03:00.0"]),
    ("events", &["energy-pkg", "energy-pkg.scale", "energy-pkg.unit", "energy-psys"]),
    ("hwmon", &["hwmon3"]),
];

/// Names that make sources look further.
#[rustfmt::skip]
const NAMES: [&str; 12] = [
    "package-0", "dram", "psys", "amdgpu", "i915", "xe", "power_meter", "ina3221x", "coretemp",
    "k10temp", "nvme", "core",
];

struct Tree {
    drivers: usize,
    lines: Vec<Vec<u8>>,
    turn: AtomicUsize,
}

impl FileTree for Tree {
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let path = path.to_string_lossy();
        if path.ends_with("/name") {
            let at = self.drivers + path.len();
            return Ok(NAMES[at % NAMES.len()].into());
        }
        if path.ends_with("/vendor") {
            return Ok(["0x1002", "0x8086"][self.drivers % 2].into());
        }
        match self.lines.get(turn % (self.lines.len() + 1)) {
            Some(line) => Ok(line.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let path = path.to_string_lossy();
        LISTS
            .iter()
            .find(|(end, _)| path == *end || path.ends_with(&format!("/{end}")))
            .map(|(_, names)| names.iter().map(|name| (*name).to_owned()).collect())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A clock on which every look takes 5 ms, so that no watch lasts.
struct Ticking(AtomicUsize);

impl Clock for Ticking {
    fn now_s(&self) -> f64 {
        self.0.fetch_add(1, Ordering::Relaxed) as f64 * 0.005
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let system = System {
        files: Arc::new(Tree {
            drivers: usize::from(*first),
            lines: rest
                .split(|byte| *byte == b'|')
                .map(<[u8]>::to_vec)
                .collect(),
            turn: AtomicUsize::new(0),
        }),
        clock: Arc::new(Ticking(AtomicUsize::new(0))),
        live: false,
        drivers: Drivers::default(),
    };
    let found = detect_in(&Selection::default(), &system).expect("no meter is named");
    for found in found {
        let Found::Available(mut source) = found else {
            continue;
        };
        let mut last = 0.0;
        for _ in 0..8 {
            let Ok(value) = source.read() else {
                continue;
            };
            assert!(
                value.is_finite() && value >= 0.0,
                "{:?}: {value}",
                source.info()
            );
            if source.info().quantity == Quantity::EnergyJ {
                assert!(value >= last, "{:?}: {last} to {value}", source.info());
                last = value;
            }
        }
    }
    for mut probe in state::probes(&system) {
        for _ in 0..3 {
            let values = probe.read();
            assert_eq!(values.len(), probe.channels().len());
            assert!(values.iter().flatten().all(|value| value.is_finite()));
        }
        probe.settings();
    }
});
