//! Power source and platform profile, from Linux `/sys/class/power_supply`
//! (`ABI/testing/sysfs-class-power`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

/// Sources of the machine's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PowerSource {
    /// An adapter or mains supply reports that it is connected.
    Ac,
    /// A battery of the machine is discharging.
    Battery,
    /// Not known; the reason is among the missing readings.
    Unknown,
}

/// Source of the machine's power, and its power profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PowerSupply {
    /// Mains or battery, when collected.
    pub source: PowerSource,
    /// The firmware's power profile, such as `balanced` or `performance`.
    pub platform_profile: Option<String>,
}

const CLASS: &str = "/sys/class/power_supply";

impl PowerSupply {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        Self {
            source: gaps
                .keep("power_supply.source", source(tree))
                .unwrap_or(PowerSource::Unknown),
            platform_profile: gaps.keep(
                "power_supply.platform_profile",
                tree.text("/sys/firmware/acpi/platform_profile"),
            ),
        }
    }
}

fn source(tree: &Tree) -> Result<PowerSource, Absent> {
    let mut adapter_off = false;
    let mut charging = false;
    let mut discharging = false;
    for name in tree.names(CLASS) {
        let text = |file: &str| {
            tree.text(&format!("{CLASS}/{name}/{file}"))
                .unwrap_or_default()
        };
        // Batteries of mice and headsets say nothing about this machine.
        if text("scope") == "Device" {
            continue;
        }
        match (text("type").as_str(), text("online").as_str()) {
            // 2 is "online, programmable": USB power delivery.
            ("Mains" | "USB" | "Wireless", "1" | "2") => return Ok(PowerSource::Ac),
            ("Mains", "0") => adapter_off = true,
            ("Battery", _) => match text("status").as_str() {
                "Discharging" => discharging = true,
                "Charging" | "Full" | "Not charging" => charging = true,
                _ => {}
            },
            _ => {}
        }
    }
    if discharging || (adapter_off && !charging) {
        Ok(PowerSource::Battery)
    } else if charging {
        Ok(PowerSource::Ac)
    } else {
        Err(Absent::because(format!(
            "{CLASS} reports neither an adapter nor a battery (usual in desktops, servers and virtual machines)"
        )))
    }
}
