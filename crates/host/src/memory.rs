//! Main memory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

mod dimm;

pub use dimm::DimmGroup;

/// Main memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Memory the operating system manages, in bytes: somewhat less than what
    /// is installed.
    pub total_bytes: Option<u64>,
    /// Swap space in bytes; 0 when there is none.
    pub swap_bytes: Option<u64>,
    /// Installed modules, alike ones together.
    pub dimms: Option<Vec<DimmGroup>>,
    /// Large page settings.
    pub huge_pages: HugePages,
}

/// Large page settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HugePages {
    /// Transparent huge pages: `always`, `madvise` or `never`.
    pub transparent: Option<String>,
    /// Reserved huge pages of the default size.
    pub reserved: Option<u64>,
    /// The default huge page size in bytes.
    pub size_bytes: Option<u64>,
}

impl Memory {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        let meminfo = tree.text("/proc/meminfo");
        let entry = |name: &str| -> Result<u64, Absent> {
            meminfo.clone().and_then(|text| meminfo_entry(&text, name))
        };
        let (mut total, mut swap) = (entry("MemTotal").and_then(not_zero), entry("SwapTotal"));
        // lxcfs writes the limit of its container in place of the machine's memory, and the
        // nodes' own files not.
        if let (Ok(bytes), Some(nodes)) = (&mut total, of_nodes(tree)) {
            *bytes = nodes.max(*bytes);
        }
        if total.is_err() && tree.is_live() {
            let kind = sysinfo::RefreshKind::nothing()
                .with_memory(sysinfo::MemoryRefreshKind::everything());
            if let Ok(system) = sysinfo::System::new_with_specifics(kind) {
                total = not_zero(system.total_memory());
                swap = Ok(system.total_swap());
            }
        }
        Self {
            total_bytes: gaps.keep("memory.total_bytes", total),
            swap_bytes: gaps.keep("memory.swap_bytes", swap),
            dimms: gaps.keep("memory.dimms", dimm::read(tree)),
            huge_pages: HugePages {
                transparent: gaps.keep("memory.huge_pages.transparent", transparent_setting(tree)),
                reserved: gaps.keep("memory.huge_pages.reserved", entry("HugePages_Total")),
                size_bytes: gaps.keep("memory.huge_pages.size_bytes", entry("Hugepagesize")),
            },
        }
    }
}

/// The memory of all NUMA nodes in bytes; `None` if a node does not tell.
fn of_nodes(tree: &Tree) -> Option<u64> {
    let folder = "/sys/devices/system/node";
    let names = tree.names(folder).into_iter();
    let nodes = names.filter(|name| {
        let index = name.strip_prefix("node");
        index.is_some_and(|index| index.parse::<u32>().is_ok())
    });
    let bytes = nodes.map(|node| {
        let text = tree.text(&format!("{folder}/{node}/meminfo")).ok()?;
        // Each line begins with the node: `Node 0 MemTotal: 16265344 kB`.
        let lines = text.lines().filter_map(|line| line.split_once("MemTotal"));
        let (_, rest) = lines.into_iter().next()?;
        meminfo_entry(&format!("MemTotal{rest}"), "MemTotal").ok()
    });
    let total = bytes.sum::<Option<u64>>()?;
    (total > 0).then_some(total)
}

fn not_zero(bytes: u64) -> Result<u64, Absent> {
    if bytes == 0 {
        return Err(Absent::because("the operating system reports 0 bytes"));
    }
    Ok(bytes)
}

/// An entry of `/proc/meminfo`; amounts in kB (which are KiB) are converted to bytes.
fn meminfo_entry(text: &str, name: &str) -> Result<u64, Absent> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .ok_or_else(|| Absent::because(format!("/proc/meminfo has no {name}")))?;
    let mut words = line.split_whitespace();
    let number = words.next().and_then(|word| word.parse::<u64>().ok());
    let unit = if words.next() == Some("kB") { 1024 } else { 1 };
    number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| Absent::because(format!("/proc/meminfo: {name} holds {:?}", line.trim())))
}

/// The bracketed word of `always [madvise] never`.
fn transparent_setting(tree: &Tree) -> Result<String, Absent> {
    let path = "/sys/kernel/mm/transparent_hugepage/enabled";
    let text = tree.text(path)?;
    text.split_whitespace()
        .find_map(|word| word.strip_prefix('[')?.strip_suffix(']'))
        .map(str::to_owned)
        .ok_or_else(|| {
            Absent::because(format!("{path} holds {text:?}, with no choice in brackets"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kilobytes_become_bytes_and_counts_stay() {
        let text = "MemTotal:       16265344 kB\nHugePages_Total:       4\nMem: 1";
        assert_eq!(meminfo_entry(text, "MemTotal"), Ok(16_265_344 * 1024));
        assert_eq!(meminfo_entry(text, "HugePages_Total"), Ok(4));
        let absent = meminfo_entry(text, "SwapTotal").unwrap_err();
        assert_eq!(absent.reason, "/proc/meminfo has no SwapTotal");
        assert!(meminfo_entry("MemTotal: 99999999999999999999 kB", "MemTotal").is_err());
        assert!(meminfo_entry("MemTotal: 18446744073709551615 kB", "MemTotal").is_err());
    }

    proptest! {
        #[test]
        fn any_amount_is_exact_or_refused(number: u64) {
            let text = format!("MemTotal: {number} kB");
            prop_assert_eq!(meminfo_entry(&text, "MemTotal").ok(), number.checked_mul(1024));
        }

        #[test]
        fn other_text_is_refused(text in "[^0-9]{0,40}") {
            let text = format!("MemTotal:{text}");
            prop_assert!(meminfo_entry(&text, "MemTotal").is_err());
        }
    }
}
