//! Sockets, cores, threads, NUMA nodes and kinds of core.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cpuinfo::{CpuInfo, number};
use super::identity::core_names;
use super::{Cpu, SYS_CPU};
use crate::cpus::parse_cpu_list;
use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

/// One kind of core of a machine that mixes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoreType {
    /// Name of the kind: the core's name on Arm, `performance` or
    /// `efficiency` on Intel.
    pub name: String,
    /// Physical cores of this kind.
    pub cores: u32,
    /// Hardware threads of this kind.
    pub threads: u32,
}

/// Fills in the topology, and returns the CPUs that are online.
pub(super) fn read(tree: &Tree, info: &CpuInfo, gaps: &mut Gaps, cpu: &mut Cpu) -> Vec<usize> {
    let online = online(tree, info);
    let count = |cpus: &Vec<usize>| u32::try_from(cpus.len()).unwrap_or(u32::MAX);
    let counted = online.as_ref().map(count).map_err(Clone::clone);
    cpu.threads = gaps.keep("cpu.threads", counted);
    let online = online.unwrap_or_default();
    cpu.cores = gaps.keep("cpu.cores", cores(tree, info, &online));
    let smt = match tree.text(&format!("{SYS_CPU}/smt/active")).as_deref() {
        Ok("1") => Ok(true),
        Ok("0") => Ok(false),
        _ => match (cpu.threads, cpu.cores) {
            (Some(threads), Some(cores)) => Ok(threads > cores),
            _ => Err(Absent::because(format!(
                "{SYS_CPU}/smt/active does not exist and the cores could not be counted"
            ))),
        },
    };
    let present = cpu_list(tree, &format!("{SYS_CPU}/present"));
    cpu.sockets = gaps.keep("cpu.sockets", sockets(tree, info, &online));
    cpu.threads_present = gaps.keep("cpu.threads_present", present.map(|cpus| count(&cpus)));
    cpu.smt_active = gaps.keep("cpu.smt_active", smt);
    cpu.numa_nodes = gaps.keep("cpu.numa_nodes", numa_nodes(tree));
    cpu.core_types = core_types(tree, info);
    online
}

fn cpu_list(tree: &Tree, path: &str) -> Result<Vec<usize>, Absent> {
    let cpus = parse_cpu_list(&tree.text(path)?)
        .map_err(|error| Absent::because(format!("{path}: {error}")))?;
    if cpus.is_empty() {
        return Err(Absent::because(format!("{path} lists no CPU")));
    }
    Ok(cpus)
}

fn online(tree: &Tree, info: &CpuInfo) -> Result<Vec<usize>, Absent> {
    cpu_list(tree, &format!("{SYS_CPU}/online")).or_else(|absent| {
        let listed = info.cpus().iter();
        let listed = listed.filter_map(|cpu| cpu.get("processor")?.parse().ok());
        let listed: Vec<usize> = listed.collect();
        if !listed.is_empty() {
            return Ok(listed);
        }
        if tree.is_live()
            && let Ok(count) = std::thread::available_parallelism()
        {
            return Ok((0..count.get()).collect());
        }
        Err(absent)
    })
}

/// The number of distinct values of `of` over all CPUs, read from sysfs or, where a
/// container hides that, from `/proc/cpuinfo`; `None` if the value is missing for any
/// CPU.
fn distinct<T: Ord>(cpus: &[usize], of: impl Fn(usize) -> Option<T>) -> Option<u32> {
    let found: Option<BTreeSet<T>> = cpus.iter().map(|&cpu| of(cpu)).collect();
    found
        .filter(|set| !set.is_empty())
        .and_then(|set| u32::try_from(set.len()).ok())
}

fn cpuinfo_value(info: &CpuInfo, cpu: usize, key: &str) -> Option<u32> {
    let cpu = cpu.to_string();
    let mut blocks = info.cpus().iter();
    let block = blocks.find(|block| block.get("processor") == Some(&cpu));
    number(block?.get(key)?)
}

/// The list of sibling threads of a CPU; it is the same for all threads of one core.
fn siblings(tree: &Tree, cpu: usize) -> Option<String> {
    let folder = format!("{SYS_CPU}/cpu{cpu}/topology");
    let text = |name| tree.text(&format!("{folder}/{name}")).ok();
    text("core_cpus_list").or_else(|| text("thread_siblings_list"))
}

fn cores(tree: &Tree, info: &CpuInfo, online: &[usize]) -> Result<u32, Absent> {
    let place = |cpu| {
        let package = cpuinfo_value(info, cpu, "physical id")?;
        Some((package, cpuinfo_value(info, cpu, "core id")?))
    };
    distinct(online, |cpu| siblings(tree, cpu))
        .or_else(|| distinct(online, place))
        .or_else(|| {
            let live = tree.is_live();
            let count = live.then(|| sysinfo::System::physical_core_count().ok());
            u32::try_from(count??).ok().filter(|&count| count > 0)
        })
        .ok_or_else(|| {
            Absent::because(format!(
                "neither {SYS_CPU}/cpu*/topology nor /proc/cpuinfo tells which threads share a core"
            ))
        })
}

fn sockets(tree: &Tree, info: &CpuInfo, online: &[usize]) -> Result<u32, Absent> {
    // -1 means that the firmware did not state the package.
    let package = |cpu: usize| {
        let path = format!("{SYS_CPU}/cpu{cpu}/topology/physical_package_id");
        tree.number::<i64>(&path).ok().filter(|&id| id >= 0)
    };
    distinct(online, package)
        .or_else(|| distinct(online, |cpu| cpuinfo_value(info, cpu, "physical id")))
        .ok_or_else(|| {
            Absent::because(format!(
                "neither {SYS_CPU}/cpu*/topology/physical_package_id nor /proc/cpuinfo tells the package of each CPU"
            ))
        })
}

fn numa_nodes(tree: &Tree) -> Result<u32, Absent> {
    let folder = "/sys/devices/system/node";
    let nodes = tree
        .names(folder)
        .iter()
        .filter_map(|name| name.strip_prefix("node"))
        .filter(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
        .count();
    match u32::try_from(nodes) {
        Ok(0) | Err(_) => Err(Absent::because(format!(
            "{folder} lists no node (a kernel without NUMA support, or not Linux)"
        ))),
        Ok(nodes) => Ok(nodes),
    }
}

fn core_types(tree: &Tree, info: &CpuInfo) -> Vec<CoreType> {
    // Intel hybrids have one performance monitoring unit per kind of core.
    let mut kinds: Vec<(String, Vec<usize>)> = [
        ("cpu_core", "performance"),
        ("cpu_atom", "efficiency"),
        ("cpu_lowpower", "low-power efficiency"),
    ]
    .iter()
    .filter_map(|(unit, name)| {
        let cpus = cpu_list(tree, &format!("/sys/devices/{unit}/cpus")).ok()?;
        Some(((*name).to_owned(), cpus))
    })
    .collect();
    if kinds.is_empty() && info.is_arm() {
        kinds = core_names(info);
    }
    if kinds.len() < 2 {
        return Vec::new();
    }
    kinds
        .into_iter()
        .map(|(name, cpus)| {
            let threads = u32::try_from(cpus.len()).unwrap_or(u32::MAX);
            CoreType {
                name,
                cores: distinct(&cpus, |cpu| siblings(tree, cpu)).unwrap_or(threads),
                threads,
            }
        })
        .collect()
}
