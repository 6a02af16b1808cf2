//! The kernel's boot parameters.

use crate::missing::Absent;
use crate::tree::Tree;

/// Prefixes of the names of parameters that concern performance
/// (`admin-guide/kernel-parameters.txt`). Others are dropped: `root=`, `ip=` or
/// `rd.luks.uuid=` would identify a disk, a host or a network.
const KEPT: &str = "amd_iommu amd_prefcore amd_pstate clocksource cpufreq cpuidle cpuidle_haltpoll \
    default_hugepagesz gather_data_sampling haltpoll hpet hugepages hugepagesz idle \
    indirect_target_selection intel_idle intel_iommu intel_pstate iommu irqaffinity \
    isolcpus kpti l1tf maxcpus mds mem mitigations mmio_stale_data nohz nohz_full nopti \
    nosmt nospectre_v1 nospectre_v2 nr_cpus numa numa_balancing preempt processor pti \
    rcu_nocb_poll rcu_nocbs reg_file_data_sampling retbleed skew_tick \
    spec_rstack_overflow spec_store_bypass_disable spectre_bhi spectre_v2 spectre_v2_user \
    srbds threadirqs transparent_hugepage tsc tsx tsx_async_abort vmscape";

pub(super) fn read(tree: &Tree) -> Result<String, Absent> {
    Ok(performance_only(&tree.text("/proc/cmdline")?))
}

fn performance_only(cmdline: &str) -> String {
    cmdline
        .split_whitespace()
        // Parameters after `--` are for the init program.
        .take_while(|parameter| *parameter != "--")
        .filter(|parameter| {
            let name = parameter.split('=').next().unwrap_or_default();
            // A module's parameter is `module.parameter`.
            let name = name.split('.').next().unwrap_or_default();
            KEPT.split(' ').any(|kept| kept == name)
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn performance_stays_and_names_go() {
        assert_eq!(
            performance_only(
                "BOOT_IMAGE=/vmlinuz root=UUID=1b2c ro quiet nosmt mitigations=off \
                 intel_idle.max_cstate=1 rcu_nocbs=2-7 ip=10.0.0.7 memory_owner=bob -- idle=poll"
            ),
            "nosmt mitigations=off intel_idle.max_cstate=1 rcu_nocbs=2-7"
        );
        assert_eq!(performance_only("root=/dev/sda1 ro"), "");
    }

    proptest! {
        #[test]
        fn values_of_other_parameters_never_show(value in "[A-Z0-9]{8,20}") {
            let shown = performance_only(&format!("root=UUID={value} rd.luks.uuid={value} {value}"));
            prop_assert!(!shown.contains(&value));
        }
    }
}
