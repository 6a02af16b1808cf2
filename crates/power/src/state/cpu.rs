//! The processor: package temperature, mean clock, thermal throttling, power limit,
//! and the policies that control its clock.
//!
//! Temperature comes from the driver that reads the processor's own sensor:
//! `coretemp` (Intel, labels `Package id N`), `k10temp` and `zenpower` (AMD; `Tdie`
//! is the die, `Tctl` the same plus an offset on some models, so it is second
//! choice), `cpu_thermal` (ARM boards). `acpitz` is at an unspecified place on the
//! board and is not used. Throttle counters are those of Linux `thermal_throttle`
//! (`arch/x86/kernel/cpu/mce/therm_throt.c`): all CPUs of a package show the same
//! package counter and all threads of a core the same core counter, so one of each
//! is read.

use super::attribute::{clock_hz, not_negative, number, temperature_c, text};
use super::files::{Files, Join};
use super::{Channel, Gauge, Probe};
use crate::info::Covers;
use crate::source::hwmon::chips;
use crate::system::System;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const CPUS: &str = "sys/devices/system/cpu";

/// Opens the probe; `None` if nothing can be read.
pub(super) fn open(system: &System) -> Option<Box<dyn Probe>> {
    let mut files = Files::new(system, Covers::Cpu);
    temperatures(system, &mut files);
    clocks(system, &mut files);
    throttling(system, &mut files);
    limits(system, &mut files);
    let probe = Cpu {
        system: system.clone(),
        files,
    };
    let settings = probe.policies();
    (!probe.files.channels().is_empty() || !settings.is_empty())
        .then(|| Box::new(probe) as Box<dyn Probe>)
}

struct Cpu {
    system: System,
    files: Files,
}

impl Probe for Cpu {
    fn channels(&self) -> &[Channel] {
        self.files.channels()
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        self.files.read()
    }

    fn settings(&mut self) -> Vec<(String, String)> {
        self.policies()
    }
}

fn temperatures(system: &System, files: &mut Files) {
    let drivers = ["coretemp", "k10temp", "zenpower", "cpu_thermal"];
    let mut package = 0;
    let found = chips(system, |name| drivers.contains(&name)).unwrap_or_default();
    for chip in found {
        let (driver, dir) = (chip.name, chip.dir);
        let labelled: Vec<(u32, String)> = (1..=64)
            .filter_map(|i| {
                let label = text(system, &dir.join(format!("temp{i}_label")))?;
                Some((i, label))
            })
            .collect();
        let named = |name: &str| labelled.iter().find(|(_, label)| label == name);
        let chosen: Vec<u32> = match driver.as_str() {
            "coretemp" => labelled
                .iter()
                .filter(|(_, label)| label.starts_with("Package id"))
                .map(|(i, _)| *i)
                .collect(),
            "cpu_thermal" => vec![1],
            _ => vec![
                named("Tdie")
                    .or_else(|| named("Tctl"))
                    .map_or(1, |(i, _)| *i),
            ],
        };
        for i in chosen {
            files.add(
                format!("cpu/package-{package}-temp"),
                format!("temperature of processor package {package} ({driver})"),
                Gauge::TemperatureC,
                vec![dir.join(format!("temp{i}_input"))],
                (temperature_c, Join::Mean),
            );
            package += 1;
        }
    }
}

fn clocks(system: &System, files: &mut Files) {
    files.add(
        "cpu/clock".into(),
        "mean clock of the processor's cores (cpufreq)".into(),
        Gauge::ClockHz,
        policies(system)
            .into_iter()
            .map(|dir| dir.join("scaling_cur_freq"))
            .collect(),
        (|khz| clock_hz(khz * 1e3), Join::Mean),
    );
}

fn throttling(system: &System, files: &mut Files) {
    let (mut packages, mut cores) = (BTreeMap::new(), BTreeMap::new());
    for cpu in cpus(system) {
        let id = |file: &str| number(system, &cpu.join("topology").join(file));
        let package = id("physical_package_id").map_or(0, |n| n as i64);
        let dir = cpu.join("thermal_throttle");
        packages.entry(package).or_insert_with(|| dir.clone());
        if let Some(core) = id("core_id") {
            cores.entry((package, core as i64)).or_insert(dir);
        }
    }
    let (packages, cores): (Vec<_>, Vec<_>) = (
        packages.into_values().collect(),
        cores.into_values().collect(),
    );
    for (level, dirs) in [("package", packages), ("core", cores)] {
        let all = |file: &str| -> Vec<PathBuf> {
            dirs.iter()
                .map(|dir| dir.join(format!("{level}_{file}")))
                .collect()
        };
        files.add(
            format!("cpu/{level}-throttled"),
            format!("time that {level}s ran slower because of heat, all together"),
            Gauge::ThrottledS,
            all("throttle_total_time_ms"),
            (|ms| not_negative(ms * 1e-3), Join::Sum),
        );
        files.add(
            format!("cpu/{level}-throttle-events"),
            format!("times that {level}s were slowed because of heat, all together"),
            Gauge::ThrottleEvents,
            all("throttle_count"),
            (not_negative, Join::Sum),
        );
    }
}

fn limits(system: &System, files: &mut Files) {
    let class = Path::new("sys/class/powercap");
    for zone in system.files.list(class).unwrap_or_default() {
        let dir = class.join(&zone);
        let package = text(system, &dir.join("name"))
            .and_then(|name| name.strip_prefix("package-").map(str::to_owned));
        let (Some(package), true) = (package, zone.starts_with("intel-rapl:")) else {
            continue;
        };
        let long_term = (0..8).find(|i| {
            text(system, &dir.join(format!("constraint_{i}_name"))).as_deref() == Some("long_term")
        });
        if let Some(i) = long_term {
            files.add(
                format!("cpu/package-{package}-limit"),
                format!("long-term power limit of processor package {package}"),
                Gauge::PowerLimitW,
                vec![dir.join(format!("constraint_{i}_power_limit_uw"))],
                (|uw| not_negative(uw * 1e-6), Join::Mean),
            );
        }
    }
}

impl Cpu {
    /// The settings that control the clock, as far as they can be read.
    fn policies(&self) -> Vec<(String, String)> {
        let system = &self.system;
        let common = |file: &str| -> Option<String> {
            let values: BTreeSet<String> = policies(system)
                .iter()
                .filter_map(|dir| text(system, &dir.join(file)))
                .collect();
            let values: Vec<String> = values.into_iter().collect();
            (!values.is_empty()).then(|| values.join("+"))
        };
        let line = |path: &str| text(system, Path::new(path));
        let boost = line("sys/devices/system/cpu/intel_pstate/no_turbo")
            .map(|no_turbo| if no_turbo == "0" { "on" } else { "off" }.to_owned())
            .or_else(|| {
                line("sys/devices/system/cpu/cpufreq/boost")
                    .map(|boost| if boost == "0" { "off" } else { "on" }.to_owned())
            });
        [
            ("cpu/governor", common("scaling_governor")),
            (
                "cpu/energy-performance-preference",
                common("energy_performance_preference"),
            ),
            ("cpu/boost", boost),
            (
                "platform-profile",
                line("sys/firmware/acpi/platform_profile"),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

/// The directories `cpu0`, `cpu1`, …, in the order of their numbers.
fn cpus(system: &System) -> Vec<PathBuf> {
    let names = system.files.list(Path::new(CPUS)).unwrap_or_default();
    let mut numbers: Vec<u32> = names
        .iter()
        .filter_map(|name| name.strip_prefix("cpu")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
        .into_iter()
        .map(|n| Path::new(CPUS).join(format!("cpu{n}")))
        .collect()
}

/// The directories of the cpufreq policies: sets of CPUs that change clocks together.
fn policies(system: &System) -> Vec<PathBuf> {
    let dir = Path::new(CPUS).join("cpufreq");
    let names = system.files.list(&dir).unwrap_or_default();
    names
        .into_iter()
        .filter(|name| name.starts_with("policy"))
        .map(|name| dir.join(name))
        .collect()
}
