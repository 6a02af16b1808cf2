//! Linux's hardware monitoring chips (`/sys/class/hwmon`).
//!
//! The number of a chip changes from one boot to the next, so that chips are
//! identified by their `name` and by the PCI address of their device.

use super::attribute;
use super::{ReadError, System};
use crate::pci;
use std::path::{Path, PathBuf};

/// Directory of the chips, relative to the root.
pub(crate) const HWMON: &str = "sys/class/hwmon";

/// One hardware monitoring chip.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    /// Its directory, such as `sys/class/hwmon/hwmon3`.
    pub dir: PathBuf,
    /// Its `name`, such as `amdgpu`.
    pub name: String,
    /// The PCI address of its device; `None` if the device is on another bus.
    pub pci_address: Option<String>,
}

impl Chip {
    /// The path of an attribute of the chip.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The path of an attribute of the chip's device.
    pub fn device_file(&self, name: &str) -> PathBuf {
        self.dir.join("device").join(name)
    }

    /// The text of an attribute, trimmed; `None` if it cannot be read or is empty.
    pub fn label(&self, system: &System, name: &str) -> Option<String> {
        let text = attribute::text(system, &self.file(name)).ok()?;
        Some(text.trim().to_owned()).filter(|t| !t.is_empty())
    }
}

/// The chips whose name `wanted` accepts, in the order of their PCI addresses.
pub(crate) fn chips(
    system: &System,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Chip>, ReadError> {
    let root = Path::new(HWMON);
    let mut found: Vec<Chip> = attribute::list(system, root)?
        .iter()
        .filter(|n| n.starts_with("hwmon"))
        .filter_map(|entry| {
            let dir = root.join(entry);
            let name = match system.line(&format!("{HWMON}/{entry}/name")) {
                // Older drivers put their attributes into the device's directory.
                name if name.is_empty() => system.line(&format!("{HWMON}/{entry}/device/name")),
                name => name,
            };
            wanted(&name).then(|| Chip {
                pci_address: pci::of_device(system, &dir.join("device")),
                dir,
                name,
            })
        })
        .collect();
    // Chips of one device are sorted by the number in their names.
    found.sort_by_key(|chip| {
        let number = chip.dir.file_name().and_then(|n| n.to_str());
        let number = number.and_then(|n| n.trim_start_matches("hwmon").parse::<u32>().ok());
        (chip.pci_address.clone(), number)
    });
    Ok(found)
}
