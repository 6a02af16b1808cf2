//! Mains or battery supply (`Documentation/ABI/testing/sysfs-class-power`).

use super::attribute::text;
use super::{Channel, Gauge, Probe};
use crate::info::Covers;
use crate::system::System;
use std::path::Path;

const CLASS: &str = "sys/class/power_supply";

/// Opens the probe; `None` on machines that report neither an adapter nor a battery.
pub(super) fn open(system: &System) -> Option<Box<dyn Probe>> {
    let on_battery = read(system);
    on_battery.map(|_| {
        Box::new(Supply {
            system: system.clone(),
            channels: [Channel {
                id: "supply/battery".into(),
                description: "whether the machine runs from its battery".into(),
                covers: Covers::Machine,
                gauge: Gauge::OnBattery,
            }],
        }) as Box<dyn Probe>
    })
}

struct Supply {
    system: System,
    channels: [Channel; 1],
}

impl Probe for Supply {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        vec![read(&self.system).map(|on| f64::from(u8::from(on)))]
    }
}

/// Returns true if the machine runs from a battery; `None` if it is unknown.
fn read(system: &System) -> Option<bool> {
    let (mut adapter_off, mut charging, mut discharging) = (false, false, false);
    for name in system.files.list(Path::new(CLASS)).ok()? {
        let of =
            |file: &str| text(system, &Path::new(CLASS).join(&name).join(file)).unwrap_or_default();
        // Batteries of mice and headsets do not feed this machine.
        if of("scope") == "Device" {
            continue;
        }
        match (of("type").as_str(), of("online").as_str()) {
            // 2 is "online, programmable": USB power delivery.
            ("Mains" | "USB" | "Wireless", "1" | "2") => return Some(false),
            ("Mains", "0") => adapter_off = true,
            ("Battery", _) => match of("status").as_str() {
                "Discharging" => discharging = true,
                "Charging" | "Full" | "Not charging" => charging = true,
                _ => {}
            },
            _ => {}
        }
    }
    if discharging || (adapter_off && !charging) {
        Some(true)
    } else {
        charging.then_some(false)
    }
}
