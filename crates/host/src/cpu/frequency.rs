//! Clocks and the policy that sets them, from Linux cpufreq
//! (`admin-guide/pm/cpufreq.rst`); frequencies there are in kHz.

use std::collections::BTreeSet;

use super::{Cpu, SYS_CPU};
use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

pub(super) fn read(tree: &Tree, gaps: &mut Gaps, cpu: &mut Cpu) {
    let policies = Policies::find(tree);
    let base = policies.highest_mhz("base_frequency");
    let base = base.or_else(|absent| cpuid_base_mhz(tree).ok_or(absent));
    let preference = policies.common("energy_performance_preference");
    cpu.min_mhz = gaps.keep("cpu.min_mhz", policies.lowest_mhz("cpuinfo_min_freq"));
    cpu.max_mhz = gaps.keep("cpu.max_mhz", policies.highest_mhz("cpuinfo_max_freq"));
    cpu.base_mhz = gaps.keep("cpu.base_mhz", base);
    cpu.scaling_driver = gaps.keep("cpu.scaling_driver", policies.common("scaling_driver"));
    cpu.governor = gaps.keep("cpu.governor", policies.common("scaling_governor"));
    cpu.energy_performance_preference = gaps.keep("cpu.energy_performance_preference", preference);
    cpu.boost = gaps.keep("cpu.boost", boost(tree, &policies));
}

/// The cpufreq policies: sets of CPUs that change their clocks together.
struct Policies<'a> {
    tree: &'a Tree,
    folders: Vec<String>,
}

impl<'a> Policies<'a> {
    fn find(tree: &'a Tree) -> Self {
        let folder = format!("{SYS_CPU}/cpufreq");
        let folders = tree
            .names(&folder)
            .into_iter()
            .filter(|name| name.starts_with("policy"))
            .map(|name| format!("{folder}/{name}"))
            .collect();
        Self { tree, folders }
    }

    /// The value of the file `name` in each policy.
    fn all(&self, name: &str) -> Result<Vec<String>, Absent> {
        if self.folders.is_empty() {
            return Err(no_driver());
        }
        let values: Vec<String> = self
            .folders
            .iter()
            .filter_map(|folder| self.tree.text(&format!("{folder}/{name}")).ok())
            .collect();
        if values.is_empty() {
            let driver = self.common("scaling_driver");
            let driver = driver.as_deref().unwrap_or("(unnamed)");
            let reason = format!("the cpufreq driver {driver} has no {name}");
            return Err(Absent::because(reason));
        }
        Ok(values)
    }

    fn common(&self, name: &str) -> Result<String, Absent> {
        let distinct: BTreeSet<String> = self.all(name)?.into_iter().collect();
        let joined = distinct.iter().cloned().collect::<Vec<_>>().join(", ");
        Ok(match distinct.len() {
            1 => joined,
            _ => format!("mixed: {joined}"),
        })
    }

    fn mhz(&self, name: &str) -> Result<impl Iterator<Item = f64>, Absent> {
        Ok(self
            .all(name)?
            .into_iter()
            .filter_map(|khz| khz.parse::<u64>().ok())
            .filter(|&khz| khz > 0)
            .map(|khz| khz as f64 / 1000.0))
    }

    fn lowest_mhz(&self, name: &str) -> Result<f64, Absent> {
        let least = self.mhz(name)?.min_by(f64::total_cmp);
        least.ok_or_else(|| not_a_clock(name))
    }

    fn highest_mhz(&self, name: &str) -> Result<f64, Absent> {
        let most = self.mhz(name)?.max_by(f64::total_cmp);
        most.ok_or_else(|| not_a_clock(name))
    }
}

fn no_driver() -> Absent {
    Absent::because(format!(
        "{SYS_CPU}/cpufreq has no policy: no frequency driver (usual in a virtual machine, where the host sets the clock)"
    ))
}

fn not_a_clock(name: &str) -> Absent {
    Absent::because(format!("{name} holds no frequency above 0"))
}

/// CPUID leaf 16h, in MHz; 0 (which hypervisors like to give) is "unknown".
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn cpuid_base_mhz(tree: &Tree) -> Option<f64> {
    let told = tree
        .is_live()
        .then(|| raw_cpuid::CpuId::new().get_processor_frequency_info());
    let mhz = told??.processor_base_frequency();
    (mhz > 0).then(|| f64::from(mhz))
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn cpuid_base_mhz(_tree: &Tree) -> Option<f64> {
    None
}

fn boost(tree: &Tree, policies: &Policies) -> Result<bool, Absent> {
    let flag = |path: &str| match tree.text(path).as_deref() {
        Ok("1") => Some(true),
        Ok("0") => Some(false),
        _ => None,
    };
    let no_turbo = || flag(&format!("{SYS_CPU}/intel_pstate/no_turbo")).map(|off| !off);
    flag(&format!("{SYS_CPU}/cpufreq/boost"))
        .or_else(no_turbo)
        .ok_or_else(|| match policies.folders.is_empty() {
            true => no_driver(),
            false => Absent::because(format!(
                "neither {SYS_CPU}/cpufreq/boost nor {SYS_CPU}/intel_pstate/no_turbo exists"
            )),
        })
}
