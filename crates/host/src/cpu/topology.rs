//! Sockets, cores, threads, NUMA nodes and kinds of core.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cpuinfo::{CpuInfo, number};
use super::hybrid::{PERFORMANCE, intel_kinds};
use super::identity::core_names;
use super::switched_off::{Kind, complete, threads_per_core};
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
    /// Physical cores of this kind, those that are switched off included.
    pub cores: u32,
    /// Hardware threads of this kind online.
    pub threads: u32,
}

/// Fills in the topology, and returns the CPUs that are online.
pub(super) fn read(tree: &Tree, info: &CpuInfo, gaps: &mut Gaps, cpu: &mut Cpu) -> Vec<usize> {
    let online = online(tree, info);
    let count = |cpus: &Vec<usize>| u32::try_from(cpus.len()).unwrap_or(u32::MAX);
    let counted = online.as_ref().map(count).map_err(Clone::clone);
    cpu.threads = gaps.keep("cpu.threads", counted);
    let online = online.unwrap_or_default();
    let present = cpu_list(tree, &format!("{SYS_CPU}/present"));
    let shown = Shown::read(tree, &online, present.as_deref().unwrap_or_default());
    let kinds = kinds(tree, info, &shown);
    cpu.cores = gaps.keep("cpu.cores", cores(tree, info, &online, &shown, &kinds));
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
    let packages = if shown.cpus.is_empty() {
        &online
    } else {
        &shown.cpus
    };
    cpu.sockets = gaps.keep("cpu.sockets", sockets(tree, info, packages));
    cpu.threads_present = gaps.keep("cpu.threads_present", present.map(|cpus| count(&cpus)));
    cpu.smt_active = gaps.keep("cpu.smt_active", smt);
    cpu.numa_nodes = gaps.keep("cpu.numa_nodes", numa_nodes(tree));
    cpu.core_types = core_types(tree, &kinds, &shown);
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

/// The CPUs whose topology the kernel shows. Those that are switched off are not among
/// them; those that a container's `online` leaves out may be.
struct Shown {
    cpus: Vec<usize>,
    /// Present CPUs that are not among them.
    hidden: Vec<usize>,
}

impl Shown {
    fn read(tree: &Tree, online: &[usize], present: &[usize]) -> Self {
        let mut all: Vec<usize> = online.iter().chain(present).copied().collect();
        all.sort_unstable();
        all.dedup();
        let (cpus, hidden) = all
            .into_iter()
            .partition(|&cpu| siblings(tree, cpu).is_some());
        Self { cpus, hidden }
    }
}

/// The largest number of threads of one core among these CPUs.
fn most_siblings(tree: &Tree, cpus: &[usize]) -> usize {
    let counts = cpus.iter().filter_map(|&cpu| {
        let list = parse_cpu_list(&siblings(tree, cpu)?).ok()?;
        Some(list.len())
    });
    counts.max().unwrap_or(1)
}

fn cores(
    tree: &Tree,
    info: &CpuInfo,
    online: &[usize],
    shown: &Shown,
    kinds: &[Kind],
) -> Result<u32, Absent> {
    let place = |cpu| {
        let package = cpuinfo_value(info, cpu, "physical id")?;
        Some((package, cpuinfo_value(info, cpu, "core id")?))
    };
    let of_sysfs = distinct(&shown.cpus, |cpu| siblings(tree, cpu)).map(|cores| {
        let all = match kinds {
            [] => {
                let most = most_siblings(tree, &shown.cpus);
                let hidden = shown.hidden.len();
                let each = threads_per_core(tree, most, cores as usize, hidden);
                (shown.cpus.len() + hidden).div_ceil(each)
            }
            kinds => cores_of(kinds, shown).iter().sum(),
        };
        // Where all CPUs are shown, the kernel's lists are counted as they are.
        match shown.hidden.is_empty() {
            true => cores,
            false => cores.max(u32::try_from(all).unwrap_or(u32::MAX)),
        }
    });
    of_sysfs
        .filter(|_| online.iter().all(|cpu| shown.cpus.contains(cpu)))
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

/// The number of cores of each kind, hidden ones included.
fn cores_of(kinds: &[Kind], shown: &Shown) -> Vec<usize> {
    let threads = complete(kinds, &shown.hidden).into_iter().zip(kinds);
    threads
        .map(|(threads, kind)| threads.div_ceil(kind.threads_per_core.max(1)))
        .collect()
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

/// The kinds of core of a machine that mixes them; empty for other machines.
fn kinds(tree: &Tree, info: &CpuInfo, shown: &Shown) -> Vec<Kind> {
    let mut named = named_kinds(tree, info);
    if shown.hidden.is_empty() {
        // A kind that the firmware switched off is not part of the machine.
        named.retain(|(_, cpus)| !cpus.is_empty());
    }
    if named.len() < 2 {
        return Vec::new();
    }
    // A device tree describes the CPUs that are switched off too.
    let described = |cpu: usize| {
        tree.text(&format!("{SYS_CPU}/cpu{cpu}/of_node/compatible"))
            .ok()
    };
    let kinds = named.into_iter().map(|(name, mut cpus)| {
        let own: BTreeSet<String> = cpus.iter().filter_map(|&cpu| described(cpu)).collect();
        let alike = |cpu: &&usize| described(**cpu).is_some_and(|of| own.contains(&of));
        cpus.extend(shown.hidden.iter().filter(alike));
        let most = most_siblings(tree, &cpus);
        // Of Intel's kinds only the performance cores ever had siblings.
        let threads_per_core = match name.as_str() {
            PERFORMANCE => threads_per_core(tree, most, cpus.len(), shown.hidden.len()),
            _ => most,
        };
        let clusters = cpus.iter().filter_map(|cpu| {
            let path = format!("{SYS_CPU}/cpu{cpu}/cache/index2/shared_cpu_list");
            Some(parse_cpu_list(&tree.text(&path).ok()?).ok()?.len())
        });
        Kind {
            // A cluster from which one is switched off is counted whole.
            built_together: clusters
                .max()
                .map_or(threads_per_core, usize::next_power_of_two)
                .max(threads_per_core),
            threads_per_core,
            name,
            cpus,
        }
    });
    kinds.collect()
}

/// The kinds of core by name, each with its CPUs that the kernel shows.
fn named_kinds(tree: &Tree, info: &CpuInfo) -> Vec<(String, Vec<usize>)> {
    let kinds = intel_kinds(tree);
    match kinds.iter().any(|(_, cpus)| !cpus.is_empty()) {
        true => kinds,
        false if info.is_arm() => core_names(info),
        false => Vec::new(),
    }
}

fn core_types(tree: &Tree, kinds: &[Kind], shown: &Shown) -> Vec<CoreType> {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let all = cores_of(kinds, shown);
    let types = kinds.iter().zip(all).map(|(kind, all)| {
        let online = kind.cpus.iter().copied();
        let online: Vec<usize> = online.filter(|cpu| !shown.hidden.contains(cpu)).collect();
        let threads = count(online.len());
        let seen = distinct(&online, |cpu| siblings(tree, cpu)).unwrap_or(threads);
        CoreType {
            name: kind.name.clone(),
            cores: match shown.hidden.is_empty() {
                true => seen,
                false => seen.max(count(all)),
            },
            threads,
        }
    });
    types.collect()
}
