//! Memory modules from the SMBIOS tables.
//!
//! SMBIOS specification 3.7 (DMTF DSP0134), section 7.18, structure type 17 "Memory
//! Device". The tables also hold serial numbers, which are not read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::Absent;
use crate::tree::Tree;

const TABLE: &str = "/sys/firmware/dmi/tables/DMI";
const MEMORY_DEVICE: u8 = 17;
const END_OF_TABLE: u8 = 127;

/// Memory modules that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DimmGroup {
    /// Number of modules.
    pub count: u32,
    /// Size of one in bytes.
    pub size_bytes: u64,
    /// `DDR4`, `DDR5`, `LPDDR5`, …
    pub kind: Option<String>,
    /// Rated speed in megatransfers per second.
    pub rated_mt_per_s: Option<u32>,
    /// Speed it is configured to run at, in megatransfers per second.
    pub configured_mt_per_s: Option<u32>,
}

pub(super) fn read(tree: &Tree) -> Result<Vec<DimmGroup>, Absent> {
    let table = tree.bytes(TABLE).map_err(|absent| {
        if tree.exists(TABLE) {
            return absent.fix("run as root once to record the memory modules");
        }
        Absent::because(format!(
            "{} (no SMBIOS tables: a virtual machine, a device-tree board or a container)",
            absent.reason
        ))
    })?;
    let groups = parse(&table);
    if groups.is_empty() {
        return Err(Absent::because(format!("{TABLE} lists no memory module")));
    }
    Ok(groups)
}

/// Groups of equal modules in the table. A structure is
/// `type, length, handle(2), fields…`, followed by strings that end in two NULs.
fn parse(mut table: &[u8]) -> Vec<DimmGroup> {
    let mut groups: Vec<DimmGroup> = Vec::new();
    while let [kind, length, ..] = *table {
        let length = usize::from(length);
        if length < 4 || kind == END_OF_TABLE {
            break;
        }
        let Some((fields, strings)) = table.split_at_checked(length) else {
            break;
        };
        if kind == MEMORY_DEVICE
            && let Some(dimm) = module(fields)
        {
            match groups.iter_mut().find(|group| {
                **group
                    == DimmGroup {
                        count: group.count,
                        ..dimm.clone()
                    }
            }) {
                Some(group) => group.count += 1,
                None => groups.push(dimm),
            }
        }
        let Some(end) = strings.windows(2).position(|pair| pair == [0, 0]) else {
            break;
        };
        table = &strings[end + 2..];
    }
    groups
}

/// One memory device; `None` for an empty slot or an unknown size.
fn module(fields: &[u8]) -> Option<DimmGroup> {
    let word = |at: usize| Some(u16::from_le_bytes([*fields.get(at)?, *fields.get(at + 1)?]));
    let double = |at: usize| Some(u32::from(word(at)?) | u32::from(word(at + 2)?) << 16);
    // 0 and FFFFh mean "unknown"; FFFFh in newer tables refers to a wider field.
    let speed = |at: usize, wide: usize| match word(at)? {
        0 => None,
        0xffff => double(wide).filter(|&speed| speed != 0),
        speed => Some(u32::from(speed)),
    };
    let size_bytes = match word(0x0c)? {
        0 | 0xffff => return None,
        // Extended size, in MiB.
        0x7fff => u64::from(double(0x1c)? & 0x7fff_ffff) << 20,
        // Bit 15 chooses KiB rather than MiB.
        size if size & 0x8000 != 0 => u64::from(size & 0x7fff) << 10,
        size => u64::from(size) << 20,
    };
    Some(DimmGroup {
        count: 1,
        size_bytes,
        kind: fields.get(0x12).and_then(|&kind| kind_name(kind)),
        rated_mt_per_s: speed(0x15, 0x54),
        configured_mt_per_s: speed(0x20, 0x58),
    })
}

/// Names from table 78 of the specification, for the kinds that are still in use.
fn kind_name(kind: u8) -> Option<String> {
    let name = match kind {
        0x12 => "DDR",
        0x13 => "DDR2",
        0x18 => "DDR3",
        0x1a => "DDR4",
        0x1b => "LPDDR",
        0x1c => "LPDDR2",
        0x1d => "LPDDR3",
        0x1e => "LPDDR4",
        0x20 => "HBM",
        0x21 => "HBM2",
        0x22 => "DDR5",
        0x23 => "LPDDR5",
        0x24 => "HBM3",
        _ => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A type 17 structure of SMBIOS 3.3 length with two strings after it.
    fn device(size: u16, extended: u32, kind: u8, speed: u16, configured: u16) -> Vec<u8> {
        let mut fields = vec![0u8; 0x5c];
        fields[0] = MEMORY_DEVICE;
        fields[1] = 0x5c;
        fields[0x0c..0x0e].copy_from_slice(&size.to_le_bytes());
        fields[0x12] = kind;
        fields[0x15..0x17].copy_from_slice(&speed.to_le_bytes());
        fields[0x1c..0x20].copy_from_slice(&extended.to_le_bytes());
        fields[0x20..0x22].copy_from_slice(&configured.to_le_bytes());
        fields.extend_from_slice(b"DIMM A1\0BANK 0\0\0");
        fields
    }

    #[test]
    fn alike_modules_are_grouped_and_empty_slots_skipped() {
        let mut table = vec![16, 4, 0, 0, 0, 0];
        table.extend(device(0x7fff, 65536, 0x22, 5600, 4800));
        table.extend(device(0, 0, 0x22, 0, 0));
        table.extend(device(0x7fff, 65536, 0x22, 5600, 4800));
        table.extend(device(8192, 0, 0x1a, 3200, 0));
        table.extend([END_OF_TABLE, 4, 0, 0, 0, 0]);
        table.extend(device(8192, 0, 0x1a, 3200, 0));
        let group = |count, gib: u64, kind: &str, rated, configured| DimmGroup {
            count,
            size_bytes: gib << 30,
            kind: Some(kind.to_owned()),
            rated_mt_per_s: Some(rated),
            configured_mt_per_s: configured,
        };
        assert_eq!(
            parse(&table),
            [
                group(2, 64, "DDR5", 5600, Some(4800)),
                group(1, 8, "DDR4", 3200, None)
            ]
        );
    }

    proptest! {
        #[test]
        fn damaged_tables_do_not_panic(
            cut in 0usize..250,
            at in 0usize..250,
            byte: u8,
            noise in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut table = device(0x7fff, 65536, 0x22, 5600, 4800);
            table.extend(device(8192, 0, 0x1a, 3200, 0));
            table.truncate(cut);
            if let Some(slot) = table.get_mut(at) {
                *slot = byte;
            }
            prop_assert!(parse(&table).len() <= 2 + cut);
            let modules: u32 = parse(&noise).iter().map(|group| group.count).sum();
            prop_assert!(modules as usize * 4 <= noise.len());
        }
    }
}
