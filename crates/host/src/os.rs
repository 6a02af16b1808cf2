//! The operating system and its settings that affect performance.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cpus::cgroup;
use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

mod cmdline;
mod container;
mod libc;

/// The operating system and its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Os {
    /// Distribution or system, such as `Debian GNU/Linux`.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Kernel release, such as `6.12.0-1-amd64`.
    pub kernel: Option<String>,
    /// The kernel's boot parameters that concern performance, in their order;
    /// empty when there are none. All others are left out: they may name disks,
    /// hosts and networks.
    pub kernel_cmdline: Option<String>,
    /// The C library in use.
    pub libc: Option<String>,
    /// Bytes in a page of memory.
    pub page_size_bytes: Option<u64>,
    /// The clock the kernel tells time by: `tsc`, `kvm-clock`, `hpet`, …
    pub clocksource: Option<String>,
    /// Address space layout randomisation: 0 off, 1 partial, 2 full.
    pub aslr: Option<u32>,
    /// CPU vulnerabilities and how the kernel mitigates each.
    pub mitigations: BTreeMap<String, String>,
    /// Limits set by control groups.
    pub cgroup: CgroupLimits,
    /// The container runtime this process runs under; absent when none was
    /// recognised.
    pub container: Option<String>,
}

/// Limits set by control groups. Absent means no limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CgroupLimits {
    /// 1 or 2; absent when no limit of either kind can be set here.
    pub version: Option<u32>,
    /// CPU time granted, in cores.
    pub cpu_quota_cores: Option<f64>,
    /// Memory granted, in bytes.
    pub memory_max_bytes: Option<u64>,
}

impl Os {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        let limits = cgroup::read(tree);
        let release = release(tree);
        let entry = |keys: &[&str]| {
            let release = release.as_ref().map_err(Clone::clone)?;
            keys.iter()
                .find_map(|key| release.get(*key).cloned())
                .ok_or_else(|| Absent::because(format!("/etc/os-release has no {}", keys[0])))
        };
        let name = live_or(tree, entry(&["NAME"]), sysinfo::System::name);
        let version = entry(&["VERSION_ID", "VERSION", "VERSION_CODENAME"]);
        let version = live_or(tree, version, sysinfo::System::os_version);
        let kernel = tree.text("/proc/sys/kernel/osrelease");
        let kernel = live_or(tree, kernel, sysinfo::System::kernel_version);
        let clocksource = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        let aslr = tree.number("/proc/sys/kernel/randomize_va_space");
        Self {
            name: gaps.keep("os.name", name),
            version: gaps.keep("os.version", version),
            kernel: gaps.keep("os.kernel", kernel),
            kernel_cmdline: gaps.keep("os.kernel_cmdline", cmdline::read(tree)),
            libc: gaps.keep("os.libc", libc::read(tree)),
            page_size_bytes: gaps.keep("os.page_size_bytes", page_size(tree)),
            clocksource: gaps.keep("os.clocksource", tree.text(clocksource)),
            aslr: gaps.keep("os.aslr", aslr),
            mitigations: gaps
                .keep("os.mitigations", mitigations(tree))
                .unwrap_or_default(),
            cgroup: CgroupLimits {
                version: limits.version,
                cpu_quota_cores: limits.cpu_quota_cores,
                memory_max_bytes: limits.memory_max_bytes,
            },
            container: container::recognise(tree),
        }
    }
}

/// A value from a file, or from the operating system if this is the running machine.
fn live_or(
    tree: &Tree,
    read: Result<String, Absent>,
    ask: fn() -> Result<String, sysinfo::Error>,
) -> Result<String, Absent> {
    read.or_else(|absent| match tree.is_live() {
        true => ask().map_err(|error| Absent::because(format!("{}; {error}", absent.reason))),
        false => Err(absent),
    })
}

/// Parses `/etc/os-release`, `os-release(5)`: shell assignments, possibly quoted.
fn release(tree: &Tree) -> Result<BTreeMap<String, String>, Absent> {
    let text = tree
        .text("/etc/os-release")
        .or_else(|absent| tree.text("/usr/lib/os-release").map_err(|_| absent))?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().trim_matches(['"', '\'']);
            (!value.is_empty()).then(|| (key.trim().to_owned(), value.to_owned()))
        })
        .collect())
}

fn page_size(tree: &Tree) -> Result<u64, Absent> {
    #[cfg(unix)]
    if tree.is_live() {
        return Ok(rustix::param::page_size() as u64);
    }
    let path = "/proc/self/smaps";
    let maps = tree.text(path)?;
    maps.lines()
        .find_map(|line| {
            let size = line.strip_prefix("KernelPageSize:")?;
            size.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        })
        .map(|kib| kib << 10)
        .ok_or_else(|| Absent::because(format!("{path} has no KernelPageSize")))
}

fn mitigations(tree: &Tree) -> Result<BTreeMap<String, String>, Absent> {
    let folder = "/sys/devices/system/cpu/vulnerabilities";
    let found: BTreeMap<String, String> = tree
        .names(folder)
        .into_iter()
        .filter_map(|name| {
            let state = tree.text(&format!("{folder}/{name}")).ok()?;
            Some((name, state))
        })
        .collect();
    if found.is_empty() {
        return Err(Absent::because(format!("{folder} does not exist")));
    }
    Ok(found)
}
