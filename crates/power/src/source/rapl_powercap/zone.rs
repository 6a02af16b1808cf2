//! The zones as the kernel lists them.

use crate::system::System;
use std::io;
use std::path::{Path, PathBuf};

/// Where powercap zones are listed, below the root.
pub(super) const POWERCAP: &str = "sys/class/powercap";

/// Power limits above this many watts are makers' ways of saying "none".
const MAX_LIMIT_W: f64 = 2000.0;

/// The kernel offers at most this many constraints per zone.
const MAX_CONSTRAINTS: usize = 8;

/// One zone. What could not be read is kept, because the reason matters.
pub(super) struct Zone {
    /// `intel-rapl:0:1`.
    pub id: String,
    /// `dram`.
    pub name: String,
    /// The counter's file.
    pub energy_path: PathBuf,
    /// The counter's value in microjoules, or why it has none.
    pub energy: Result<u64, ZoneFault>,
    /// `max_energy_range_uj`, when it is there and not 0.
    pub range_uj: Option<u64>,
    /// Largest believable power limit, in watts.
    pub limit_w: Option<f64>,
    /// Whether its power limit is in force; `None` when not stated.
    pub enabled: Option<bool>,
}

/// Why a counter has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ZoneFault {
    NotPermitted,
    Absent,
    Malformed(String),
    Io(String),
}

/// Why there are no zones at all.
pub(super) enum NoZones {
    /// Nothing is listed.
    NotListed,
    /// The list may not be read.
    NotPermitted,
    /// Zones are listed and their files are not there.
    Masked(Vec<String>),
    /// The list cannot be read.
    Io(io::Error),
}

impl Zone {
    /// `intel-rapl:0` of `intel-rapl:0:1`.
    pub fn parent_id(&self) -> Option<&str> {
        let (parent, _) = self.id.rsplit_once(':')?;
        parent.contains(':').then_some(parent)
    }

    /// Whether it is the memory-mapped view of a counter.
    pub fn is_mmio(&self) -> bool {
        self.id.starts_with("intel-rapl-mmio:")
    }

    /// Whether its energy can be counted.
    pub fn is_usable(&self) -> bool {
        self.range_uj.is_some() && self.energy.is_ok()
    }
}

/// Every RAPL zone below the root, in the kernel's order.
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

/// `intel-rapl:0`, `intel-rapl-mmio:0:1`; not `intel-rapl`, the control type.
fn is_zone_id(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once(':') else {
        return false;
    };
    matches!(kind, "intel-rapl" | "intel-rapl-mmio")
        && rest
            .split(':')
            .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads one zone; `None` when it has no name to know it by.
fn read(system: &System, id: &str) -> Option<Zone> {
    let dir = Path::new(POWERCAP).join(id);
    let text = |file: &str| system.files.read(&dir.join(file)).ok();
    let number = |file: &str| text(file).and_then(|t| parse_uj(&t));
    let name = text("name")?.trim().to_owned();
    let energy_path = dir.join("energy_uj");
    Some(Zone {
        id: id.to_owned(),
        energy: read_energy(system, &energy_path),
        range_uj: number("max_energy_range_uj").filter(|&range| range > 0),
        limit_w: (0..MAX_CONSTRAINTS)
            .map_while(|i| text(&format!("constraint_{i}_power_limit_uw")))
            .filter_map(|t| parse_uj(&t))
            .map(|uw| uw as f64 * 1e-6)
            .filter(|&w| w > 0.0 && w <= MAX_LIMIT_W)
            .reduce(f64::max),
        enabled: number("enabled").map(|n| n != 0),
        name,
        energy_path,
    })
}

/// The counter's value, or why it has none.
pub(super) fn read_energy(system: &System, path: &Path) -> Result<u64, ZoneFault> {
    match system.files.read(path) {
        Ok(text) => parse_uj(&text)
            .ok_or_else(|| ZoneFault::Malformed(text.trim_end().chars().take(64).collect())),
        Err(e) => Err(match e.kind() {
            io::ErrorKind::PermissionDenied => ZoneFault::NotPermitted,
            io::ErrorKind::NotFound => ZoneFault::Absent,
            _ => ZoneFault::Io(e.to_string()),
        }),
    }
}

/// The unsigned decimal number of an attribute file; `None` for anything else,
/// a sign included.
pub(super) fn parse_uj(text: &str) -> Option<u64> {
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn numbers_survive_the_kernels_format(n: u64) {
            prop_assert_eq!(parse_uj(&format!("{n}\n")), Some(n));
        }

        #[test]
        fn any_text_is_a_number_or_none(text: String) {
            if let Some(n) = parse_uj(&text) {
                let digits = text.trim().trim_start_matches('0');
                prop_assert_eq!(if digits.is_empty() { "0" } else { digits }, n.to_string());
            }
        }
    }
}
