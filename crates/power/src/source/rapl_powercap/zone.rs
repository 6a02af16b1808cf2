//! The RAPL zones as the kernel lists them.

use crate::source::System;
use crate::source::attribute::parsed;
use std::io;
use std::path::{Path, PathBuf};

/// Directory of the powercap zones, relative to the root.
pub(super) const POWERCAP: &str = "sys/class/powercap";

/// Power limits above this many watts mean "none".
const MAX_LIMIT_W: f64 = 2000.0;

/// Largest number of constraints that the kernel offers per zone.
const MAX_CONSTRAINTS: usize = 8;

/// One zone. Read errors are kept, because their cause is reported.
pub(super) struct Zone {
    /// Its directory's name, such as `intel-rapl:0:1`.
    pub id: String,
    /// Its domain, such as `dram`.
    pub name: String,
    /// The path of the counter's file.
    pub energy_path: PathBuf,
    /// The counter's value in microjoules, or the reason that it has none.
    pub energy: Result<u64, ZoneFault>,
    /// The value of `max_energy_range_uj`, if the file exists and is not 0.
    pub range_uj: Option<u64>,
    /// Largest plausible power limit, in watts.
    pub limit_w: Option<f64>,
    /// True if its power limit is in force; `None` if not stated.
    pub enabled: Option<bool>,
}

/// Errors of reading a counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ZoneFault {
    NotPermitted,
    Absent,
    Malformed(String),
    Io(String),
}

/// The reason that no zones were found.
pub(super) enum NoZones {
    /// The kernel lists none.
    NotListed,
    /// This user may not read the list.
    NotPermitted,
    /// These zones are listed but their files do not exist.
    Masked(Vec<String>),
    /// Another error of reading the list.
    Io(io::Error),
}

impl Zone {
    /// The identifier of the parent zone: `intel-rapl:0` for `intel-rapl:0:1`.
    pub fn parent_id(&self) -> Option<&str> {
        let (parent, _) = self.id.rsplit_once(':')?;
        parent.contains(':').then_some(parent)
    }

    /// Returns true for the memory-mapped view of a counter.
    pub fn is_mmio(&self) -> bool {
        self.id.starts_with("intel-rapl-mmio:")
    }

    /// Returns true if its energy can be counted.
    pub fn is_usable(&self) -> bool {
        self.range_uj.is_some() && self.energy.is_ok()
    }
}

/// All RAPL zones below the root, in the kernel's order.
pub(super) fn scan(system: &System) -> Result<Vec<Zone>, NoZones> {
    let ids: Vec<String> = match system.files.list(Path::new(POWERCAP)) {
        Ok(names) => names.into_iter().filter(|n| is_zone_id(n)).collect(),
        Err(e) => {
            return Err(match e.kind() {
                io::ErrorKind::NotFound => NoZones::NotListed,
                io::ErrorKind::PermissionDenied => NoZones::NotPermitted,
                _ => NoZones::Io(e),
            });
        }
    };
    if ids.is_empty() {
        return Err(NoZones::NotListed);
    }
    let zones: Vec<Zone> = ids.iter().filter_map(|id| read(system, id)).collect();
    if zones.is_empty() {
        return Err(NoZones::Masked(ids));
    }
    Ok(zones)
}

/// Returns true for `intel-rapl:0` and `intel-rapl-mmio:0:1`, but not for the
/// control type `intel-rapl`.
fn is_zone_id(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once(':') else {
        return false;
    };
    matches!(kind, "intel-rapl" | "intel-rapl-mmio")
        && rest
            .split(':')
            .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads one zone; `None` if it has no name.
fn read(system: &System, id: &str) -> Option<Zone> {
    let dir = Path::new(POWERCAP).join(id);
    let text = |file: &str| system.files.read(&dir.join(file)).ok();
    let number = |file: &str| text(file).and_then(|t| parsed(&t));
    let name = text("name")?.trim().to_owned();
    let energy_path = dir.join("energy_uj");
    Some(Zone {
        id: id.to_owned(),
        energy: read_energy(system, &energy_path),
        range_uj: number("max_energy_range_uj").filter(|&range| range > 0),
        limit_w: (0..MAX_CONSTRAINTS)
            .map_while(|i| text(&format!("constraint_{i}_power_limit_uw")))
            .filter_map(|t| parsed(&t))
            .map(|uw| uw as f64 * 1e-6)
            .filter(|&w| w > 0.0 && w <= MAX_LIMIT_W)
            .reduce(f64::max),
        enabled: number("enabled").map(|n| n != 0),
        name,
        energy_path,
    })
}

/// Reads a counter's value in microjoules.
pub(super) fn read_energy(system: &System, path: &Path) -> Result<u64, ZoneFault> {
    match system.files.read(path) {
        Ok(text) => parsed(&text)
            .ok_or_else(|| ZoneFault::Malformed(text.trim_end().chars().take(64).collect())),
        Err(e) => Err(match e.kind() {
            io::ErrorKind::PermissionDenied => ZoneFault::NotPermitted,
            io::ErrorKind::NotFound => ZoneFault::Absent,
            _ => ZoneFault::Io(e.to_string()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_zone_id;

    #[test]
    fn zone_ids_are_told_from_their_neighbours() {
        for id in ["intel-rapl:0", "intel-rapl:12:3", "intel-rapl-mmio:0"] {
            assert!(is_zone_id(id), "{id}");
        }
        for id in [
            "intel-rapl",
            "dtpm",
            "intel-rapl:",
            "intel-rapl:a",
            "intel-rapl:0:",
            "x:0",
        ] {
            assert!(!is_zone_id(id), "{id}");
        }
    }
}
