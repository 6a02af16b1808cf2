//! Caches, from `/sys/devices/system/cpu/cpu*/cache`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SYS_CPU;
use crate::cpus::parse_cpu_list;
use crate::missing::Absent;
use crate::tree::Tree;

/// Contents of a cache.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CacheKind {
    /// Data only.
    Data,
    /// Instructions only.
    Instruction,
    /// Both.
    Unified,
}

/// Caches that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cache {
    /// 1 is nearest to the core.
    pub level: u32,
    /// Contents.
    pub kind: CacheKind,
    /// Size of one in bytes.
    pub size_bytes: u64,
    /// Line length in bytes.
    pub line_bytes: Option<u32>,
    /// Online hardware threads that share one.
    pub shared_by_threads: u32,
    /// Number of caches.
    pub instances: u32,
}

pub(super) fn read(tree: &Tree, online: &[usize]) -> Result<Vec<Cache>, Absent> {
    // Every thread lists the caches it uses; a shared one is the same instance
    // when level, kind and sharers are.
    let mut instances = BTreeSet::new();
    for cpu in online {
        let folder = format!("{SYS_CPU}/cpu{cpu}/cache");
        for index in tree.names(&folder) {
            instances.extend(instance(tree, &format!("{folder}/{index}")));
        }
    }
    let mut groups: BTreeMap<(u32, CacheKind, u64, Option<u32>, usize), u32> = BTreeMap::new();
    for (level, kind, sharers, size, line) in instances {
        *groups
            .entry((level, kind, size, line, sharers.len()))
            .or_default() += 1;
    }
    if groups.is_empty() {
        return Err(Absent::because(format!(
            "{SYS_CPU}/cpu*/cache lists no cache (the firmware describes none, or not Linux)"
        )));
    }
    Ok(groups
        .into_iter()
        .map(
            |((level, kind, size_bytes, line_bytes, sharers), instances)| Cache {
                level,
                kind,
                size_bytes,
                line_bytes,
                shared_by_threads: u32::try_from(sharers).unwrap_or(u32::MAX),
                instances,
            },
        )
        .collect())
}

type Instance = (u32, CacheKind, Vec<usize>, u64, Option<u32>);

fn instance(tree: &Tree, folder: &str) -> Option<Instance> {
    let text = |name: &str| tree.text(&format!("{folder}/{name}")).ok();
    let kind = match text("type")?.as_str() {
        "Data" => CacheKind::Data,
        "Instruction" => CacheKind::Instruction,
        "Unified" => CacheKind::Unified,
        _ => return None,
    };
    Some((
        text("level")?.parse().ok()?,
        kind,
        parse_cpu_list(&text("shared_cpu_list")?).ok()?,
        parse_size(&text("size")?)?,
        text("coherency_line_size").and_then(|line| line.parse().ok()),
    ))
}

/// `48K`, `260M` or bytes; the kernel's K is 1024.
fn parse_size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(1 << shift).filter(|&size| size > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("48K"), Some(48 << 10));
        assert_eq!(parse_size("260M"), Some(260 << 20));
        assert_eq!(parse_size("512"), Some(512));
        assert_eq!(parse_size("0K"), None);
        assert_eq!(parse_size("18446744073709551615G"), None);
    }

    proptest! {
        #[test]
        fn kilobytes(size in 1u64..1 << 40) {
            prop_assert_eq!(parse_size(&format!("{size}K")), Some(size << 10));
        }

        #[test]
        fn no_text_panics(text in ".{0,12}") {
            prop_assert_ne!(parse_size(&text), Some(0));
        }
    }
}
