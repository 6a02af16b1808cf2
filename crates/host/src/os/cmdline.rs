//! The kernel's boot parameters.

use crate::missing::Absent;
use crate::tree::Tree;

/// Beginnings of parameter names whose values concern performance
/// (`admin-guide/kernel-parameters.txt`). Values of all others are left out:
/// `root=`, `ip=` or `rd.luks.uuid=` would identify a disk, a host or a network.
const KEPT: [&str; 44] = [
    "amd_iommu",
    "amd_pstate",
    "amd_prefcore",
    "clocksource",
    "cpufreq",
    "cpuidle",
    "default_hugepagesz",
    "gather_data_sampling",
    "hpet",
    "hugepages",
    "hugepagesz",
    "idle",
    "indirect_target_selection",
    "intel_idle",
    "intel_iommu",
    "intel_pstate",
    "iommu",
    "irqaffinity",
    "isolcpus",
    "kpti",
    "kvm",
    "l1tf",
    "maxcpus",
    "mds",
    "mem",
    "mitigations",
    "mmio_stale_data",
    "nohz",
    "nosmt",
    "nr_cpus",
    "numa",
    "page_alloc",
    "preempt",
    "processor",
    "pti",
    "rcu",
    "reg_file_data_sampling",
    "retbleed",
    "skew_tick",
    "spec",
    "srbds",
    "transparent_hugepage",
    "tsc",
    "tsx",
];

pub(super) fn read(tree: &Tree) -> Result<String, Absent> {
    Ok(without_names(&tree.text("/proc/cmdline")?))
}

fn without_names(cmdline: &str) -> String {
    cmdline
        .split_whitespace()
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if !is_kept(name) => format!("{name}=…"),
            _ => parameter.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// `mitigations` and `rcu_nocbs` and `intel_idle.max_cstate`, but not
/// `memmap_owner`: after the beginning a word must end or go on with a
/// separator or digits.
fn is_kept(name: &str) -> bool {
    KEPT.iter().any(|kept| {
        name.strip_prefix(kept)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn performance_stays_and_names_go() {
        assert_eq!(
            without_names(
                "BOOT_IMAGE=/vmlinuz root=UUID=1b2c ro quiet mitigations=off intel_idle.max_cstate=1 rcu_nocbs=2-7 ip=10.0.0.7 spectre_v2=off memory_owner=bob"
            ),
            "BOOT_IMAGE=… root=… ro quiet mitigations=off intel_idle.max_cstate=1 rcu_nocbs=2-7 ip=… spectre_v2=… memory_owner=…"
        );
    }

    proptest! {
        #[test]
        fn values_of_unknown_parameters_never_show(value in "[A-Z0-9]{8,20}") {
            let shown = without_names(&format!("root=UUID={value} rd.luks.uuid={value}"));
            prop_assert!(!shown.contains(&value));
        }
    }
}
