//! CPUs that this process may use, the number of threads that follows, and their placement.

use std::num::NonZeroUsize;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tree::Tree;

mod affinity;
pub(crate) mod cgroup;
mod list;
mod order;

pub use affinity::{PinError, pin_current_thread};
pub use list::{CpuListError, MAX_CPUS, format_cpu_list, parse_cpu_list};
pub use order::{one_per_core, pin_order};

/// The CPUs this process may use and the thread count that follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allowed {
    /// The affinity mask as a sorted list of CPU numbers, possibly with holes.
    /// Empty when it is not known.
    pub cpus: Vec<usize>,
    /// CPU time the control groups grant, in cores: the least quota ÷ period of
    /// this process's group and all above it. Absent when unlimited.
    pub quota_cores: Option<f64>,
    /// The CPU set of this process's control group, in the kernel's list
    /// format. Already part of the affinity mask; kept as an explanation of it.
    pub cpuset: Option<String>,
    /// The number of threads to run when the user names none: the number of
    /// CPUs, or the quota if that is less. A quota with a fraction is rounded
    /// **up**, so that all granted time is used; the kernel then throttles the
    /// threads evenly, and a note says so. At least 1.
    pub default_threads: NonZeroUsize,
    /// Origin of the figures, where that is not plain.
    pub notes: Vec<String>,
}

/// Finds the CPUs that this process may use; reads `/proc` and `/sys` below `root`. For
/// `/` the affinity mask is that of the calling thread, as the kernel reports it, so
/// call this before pinning; for other roots it is the recorded one in
/// `/proc/self/status`.
#[must_use]
pub fn allowed(root: &Path) -> Allowed {
    let tree = Tree::new(root);
    let mut notes = Vec::new();
    let cpus = affinity::allowed_cpus(&tree, &mut notes);
    let limits = cgroup::read(&tree);
    let available = cpus.len().max(1);
    let threads = match limits.cpu_quota_cores {
        Some(quota) if quota.ceil() < available as f64 => {
            let threads = (quota.ceil() as usize).max(1);
            let plural = |count: f64| if count == 1.0 { "" } else { "s" };
            let s = plural(threads as f64);
            let granted = if quota.fract() == 0.0 {
                format!("{quota} core{}", plural(quota))
            } else {
                format!("{quota:.2} cores, rounded up, so the kernel throttles the threads")
            };
            notes.push(format!(
                "{threads} thread{s}, not {available}: the control group grants {granted}"
            ));
            threads
        }
        _ => available,
    };
    Allowed {
        cpus,
        quota_cores: limits.cpu_quota_cores,
        cpuset: limits.cpuset,
        default_threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        notes,
    }
}
