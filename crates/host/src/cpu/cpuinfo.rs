//! `/proc/cpuinfo`: one block of `key : value` lines for each CPU online.

use std::collections::BTreeMap;

use super::SYS_CPU;
use crate::cpus::parse_cpu_list;
use crate::missing::Absent;
use crate::tree::Tree;

/// The parsed text of `/proc/cpuinfo`.
pub struct CpuInfo {
    /// One map of keys and values for each CPU, in file order.
    cpus: Vec<BTreeMap<String, String>>,
    absent: Absent,
}

impl CpuInfo {
    /// Parses the text of the file; it may be empty.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            cpus: parse(text),
            absent: Absent::because("/proc/cpuinfo lists no CPU"),
        }
    }

    /// The maker of the first CPU, such as `GenuineIntel`; `None` if the file does not
    /// state it.
    #[must_use]
    pub fn vendor(&self) -> Option<&str> {
        self.first("vendor_id").ok()
    }

    /// True if this is a guest of a hypervisor, which on x86 sets a CPUID bit that real
    /// processors keep at 0; `None` if the CPU shows no flags.
    #[must_use]
    pub fn is_guest(&self) -> Option<bool> {
        let flags = self.first("flags").ok()?;
        Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
    }

    pub(crate) fn read(tree: &Tree) -> Self {
        match tree.text("/proc/cpuinfo") {
            Ok(text) => {
                let mut info = Self::parse(&text);
                if info.is_arm() {
                    info.complete(tree);
                }
                info
            }
            Err(absent) => Self {
                cpus: Vec::new(),
                absent,
            },
        }
    }

    /// Replaces the CPUs by those whose main ID register (MIDR) sysfs shows. lxcfs numbers
    /// the CPUs of its container anew and leaves out the others.
    fn complete(&mut self, tree: &Tree) {
        let present = tree.text(&format!("{SYS_CPU}/present")).unwrap_or_default();
        let present = parse_cpu_list(&present).unwrap_or_default();
        let shown: Vec<_> = present
            .into_iter()
            .filter_map(|cpu| Some((cpu, midr(tree, cpu)?)))
            .collect();
        // Every CPU of the file is online, so a shorter list is not all of them.
        if shown.len() < self.cpus.len() {
            return;
        }
        let Some(first) = self.cpus.first().cloned() else {
            return;
        };
        self.cpus = shown
            .into_iter()
            .map(|(cpu, midr)| {
                let mut block = first.clone();
                for (key, value) in [
                    ("processor", cpu.to_string()),
                    ("CPU implementer", format!("{:#04x}", midr >> 24 & 0xff)),
                    ("CPU variant", format!("{:#x}", midr >> 20 & 0xf)),
                    ("CPU part", format!("{:#05x}", midr >> 4 & 0xfff)),
                    ("CPU revision", (midr & 0xf).to_string()),
                ] {
                    block.insert(key.into(), value);
                }
                block
            })
            .collect();
    }

    pub(crate) fn cpus(&self) -> &[BTreeMap<String, String>] {
        &self.cpus
    }

    /// A value of the first CPU.
    pub(crate) fn first(&self, key: &str) -> Result<&str, Absent> {
        let cpu = self.cpus.first().ok_or_else(|| self.absent.clone())?;
        cpu.get(key)
            .map(String::as_str)
            .ok_or_else(|| Absent::because(format!("/proc/cpuinfo has no `{key}`")))
    }

    /// A number of the first CPU, in decimal or in hexadecimal with `0x`.
    pub(crate) fn first_number(&self, key: &str) -> Result<u32, Absent> {
        let text = self.first(key)?;
        number(text).ok_or_else(|| {
            Absent::because(format!("/proc/cpuinfo: `{key}` is {text:?}, not a number"))
        })
    }

    /// True if these are Arm CPUs, which Linux describes by MIDR fields.
    pub(crate) fn is_arm(&self) -> bool {
        self.first("CPU implementer").is_ok()
    }
}

/// The main ID register of a CPU; `None` while it is switched off, and for 32-bit kernels.
fn midr(tree: &Tree, cpu: usize) -> Option<u64> {
    let path = format!("{SYS_CPU}/cpu{cpu}/regs/identification/midr_el1");
    let text = tree.text(&path).ok()?;
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

pub(super) fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// One map for each CPU. Blocks without a `processor` key (a trailing `Hardware :`
/// block on Arm boards) are not CPUs.
fn parse(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut cpus: Vec<BTreeMap<String, String>> = Vec::new();
    let mut in_cpu = false;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            in_cpu = false;
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if key == "processor" {
            cpus.push(BTreeMap::new());
            in_cpu = true;
        }
        if let (true, Some(cpu)) = (in_cpu, cpus.last_mut()) {
            cpu.insert(key.to_owned(), value.to_owned());
        }
    }
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_map_for_each_processor_and_none_for_the_trailer() {
        let cpus = parse("processor\t: 0\nflags : a b\n\nprocessor : 1\nmodel:9\n\nHardware : X\n");
        assert_eq!(cpus.len(), 2);
        assert_eq!(cpus[0]["flags"], "a b");
        assert_eq!(cpus[1].get("Hardware"), None);
    }

    #[test]
    fn numbers_in_both_bases() {
        assert_eq!(number("207"), Some(207));
        assert_eq!(number("0xd0b"), Some(0xd0b));
        assert_eq!(number("AArch64"), None);
    }

    proptest! {
        #[test]
        fn as_many_cpus_as_processor_lines(text in "((processor|model|x) ?:? ?[0-9a-z]{0,4}\n?){0,12}") {
            let expected = text
                .lines()
                .filter(|l| l.split_once(':').is_some_and(|(key, _)| key.trim() == "processor"))
                .count();
            prop_assert_eq!(parse(&text).len(), expected);
        }
    }
}
