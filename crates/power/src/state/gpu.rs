//! AMD and Intel GPUs through their drivers' sysfs files.
//!
//! AMD (`Documentation/gpu/amdgpu/thermal.rst`): hwmon `temp1..3` with labels
//! `edge`, `junction`, `mem`, `freq1` (shader) and `freq2` (memory) in Hz,
//! `power1_cap` in µW; `mem_info_vram_used` in bytes.
//! Intel: i915 `gt/gt0/rps_act_freq_mhz` and `throttle_reason_status`, xe
//! `tile0/gt0/freq0/act_freq` and `throttle/status`. The status is 0 or 1, so the
//! number of readings at which it had become 1 is counted.

use super::attribute::{clock_hz, not_negative, number, temperature_c, text};
use super::files::{Convert, Files, Join};
use super::{Channel, Gauge, Probe};
use crate::info::Covers;
use crate::pci;
use crate::system::System;
use std::path::{Path, PathBuf};

const CLASS: &str = "sys/class/drm";
const AMD: &str = "0x1002";
const INTEL: &str = "0x8086";

/// One probe for each GPU with at least one channel.
pub(super) fn open(system: &System) -> Vec<Box<dyn Probe>> {
    let names = system.files.list(Path::new(CLASS)).unwrap_or_default();
    let cards = names.into_iter().filter(|name| {
        name.strip_prefix("card")
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    cards
        .filter_map(|name| {
            let card = Path::new(CLASS).join(&name);
            match text(system, &card.join("device/vendor"))?.as_str() {
                AMD => amd(system, &name, &card),
                INTEL => intel(system, &name, &card),
                _ => None,
            }
        })
        .collect()
}

fn covers(system: &System, card: &Path) -> Covers {
    Covers::card(pci::of_device(system, &card.join("device")))
}

/// The driver's hwmon directory.
fn hwmon(system: &System, card: &Path) -> Option<PathBuf> {
    let dir = card.join("device/hwmon");
    let name = system.files.list(&dir).ok()?.into_iter().next()?;
    Some(dir.join(name))
}

fn amd(system: &System, name: &str, card: &Path) -> Option<Box<dyn Probe>> {
    let mut files = Files::new(system, covers(system, card));
    if let Some(dir) = hwmon(system, card) {
        for i in 1..=3 {
            let label = text(system, &dir.join(format!("temp{i}_label")));
            let label = label.unwrap_or_else(|| format!("sensor {i}"));
            files.add(
                format!("{name}/{label}-temp"),
                format!("temperature of the GPU, {label}"),
                Gauge::TemperatureC,
                vec![dir.join(format!("temp{i}_input"))],
                (temperature_c, Join::Mean),
            );
        }
        let others: [(_, _, _, _, Convert); 4] = [
            (
                "shader-clock",
                "shader clock of the GPU",
                Gauge::ClockHz,
                "freq1_input",
                clock_hz,
            ),
            (
                "memory-clock",
                "memory clock of the GPU",
                Gauge::ClockHz,
                "freq2_input",
                clock_hz,
            ),
            (
                "power-limit",
                "power limit of the GPU",
                Gauge::PowerLimitW,
                "power1_cap",
                |uw| not_negative(uw * 1e-6),
            ),
            (
                "fan",
                "fan of the GPU",
                Gauge::FanRpm,
                "fan1_input",
                not_negative,
            ),
        ];
        for (id, what, gauge, file, convert) in others {
            let id = format!("{name}/{id}");
            files.add(
                id,
                what.into(),
                gauge,
                vec![dir.join(file)],
                (convert, Join::Mean),
            );
        }
    }
    files.add(
        format!("{name}/memory-used"),
        "memory of the GPU in use".into(),
        Gauge::MemoryUsedBytes,
        vec![card.join("device/mem_info_vram_used")],
        (not_negative, Join::Mean),
    );
    Some(Box::new(files.opened()?))
}

fn intel(system: &System, name: &str, card: &Path) -> Option<Box<dyn Probe>> {
    let covers = covers(system, card);
    let mut files = Files::new(system, covers.clone());
    let first = |paths: [&str; 3]| {
        let paths = paths.into_iter().map(|path| card.join(path));
        paths
            .into_iter()
            .find(|path| number(system, path).is_some())
    };
    let clock = first([
        "gt/gt0/rps_act_freq_mhz",
        "gt_act_freq_mhz",
        "device/tile0/gt0/freq0/act_freq",
    ]);
    files.add(
        format!("{name}/clock"),
        "clock of the GPU; 0 while it sleeps".into(),
        Gauge::ClockHz,
        clock.into_iter().collect(),
        (|mhz| clock_hz(mhz * 1e6), Join::Mean),
    );
    if let Some(dir) = hwmon(system, card) {
        files.add(
            format!("{name}/power-limit"),
            "sustained power limit of the GPU".into(),
            Gauge::PowerLimitW,
            vec![dir.join("power1_max")],
            (|uw| not_negative(uw * 1e-6), Join::Mean),
        );
    }
    let status = first([
        "gt/gt0/throttle_reason_status",
        "device/tile0/gt0/freq0/throttle/status",
        "device/tile0/gt0/freq0/throttle/reason_status",
    ]);
    match status {
        None => Some(Box::new(files.opened()?)),
        Some(status) => {
            let mut channels = files.channels().to_vec();
            channels.push(Channel {
                id: format!("{name}/throttle-events"),
                description: "times that the GPU was found throttled".into(),
                covers,
                gauge: Gauge::ThrottleEvents,
            });
            Some(Box::new(Intel {
                system: system.clone(),
                files,
                channels,
                status,
                was: false,
                events: 0.0,
            }))
        }
    }
}

/// A probe of files, with a count of the rises of the throttle status.
struct Intel {
    system: System,
    files: Files,
    channels: Vec<Channel>,
    status: PathBuf,
    was: bool,
    events: f64,
}

impl Probe for Intel {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        let mut values = self.files.read();
        values.push(number(&self.system, &self.status).map(|status| {
            let is = status != 0.0;
            if is && !self.was {
                self.events += 1.0;
            }
            self.was = is;
            self.events
        }));
        values
    }
}
