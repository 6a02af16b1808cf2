//! The affinity mask of this process, and pinning a thread to one CPU.

use thiserror::Error;

use super::list::parse_cpu_list;
use crate::tree::Tree;

/// The reason that a thread could not be pinned.
#[derive(Debug, Error)]
pub enum PinError {
    /// perwatt does not support pinning threads on this operating system.
    #[error("pinning threads to CPUs is unsupported on this platform; run without --pin")]
    Unsupported,
    /// The CPU number does not fit the mask of the system call.
    #[error("cannot pin to CPU {cpu}: only CPUs below {limit} can be pinned to; run without --pin")]
    TooHigh {
        /// The CPU number that was asked for.
        cpu: usize,
        /// The first number that does not fit the mask.
        limit: usize,
    },
    /// The kernel refused: usually the CPU is offline or outside the control group's CPU set.
    #[error(
        "cannot pin to CPU {cpu}: {error}; it may be offline or outside this process's CPU set (see `perwatt env`)"
    )]
    Refused {
        /// The CPU number that was asked for.
        cpu: usize,
        /// The kernel's error.
        error: std::io::Error,
    },
}

/// Binds the calling thread to one CPU.
///
/// # Errors
/// [`PinError`] if the platform, the CPU number or the kernel does not allow it.
pub fn pin_current_thread(cpu: usize) -> Result<(), PinError> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::thread::{CpuSet, sched_setaffinity};
        if cpu >= CpuSet::MAX_CPU {
            return Err(PinError::TooHigh {
                cpu,
                limit: CpuSet::MAX_CPU,
            });
        }
        let mut set = CpuSet::new();
        set.set(cpu);
        sched_setaffinity(None, &set).map_err(|error| PinError::Refused {
            cpu,
            error: error.into(),
        })
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = cpu;
        Err(PinError::Unsupported)
    }
}

/// The CPUs that this process may run on, sorted.
pub(super) fn allowed_cpus(tree: &Tree, notes: &mut Vec<String>) -> Vec<usize> {
    if tree.is_live() {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        match rustix::thread::sched_getaffinity(None) {
            Ok(set) => {
                return (0..rustix::thread::CpuSet::MAX_CPU)
                    .filter(|&cpu| set.is_set(cpu))
                    .collect();
            }
            // EINVAL is the kernel's answer when its own mask is larger than
            // the 1024 bits offered.
            Err(error) => notes.push(format!(
                "sched_getaffinity: {error}; affinity read from /proc/self/status instead"
            )),
        }
    }
    match from_status(tree) {
        Ok(cpus) => return cpus,
        Err(reason) => notes.push(format!("affinity unknown: {reason}")),
    }
    if tree.is_live() {
        // Windows and macOS: the count is known, the numbers are conventional.
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        notes.push(format!("{count} CPUs, as the operating system counts them"));
        return (0..count).collect();
    }
    Vec::new()
}

fn from_status(tree: &Tree) -> Result<Vec<usize>, String> {
    let path = "/proc/self/status";
    let status = tree.text(path).map_err(|absent| absent.reason)?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .ok_or_else(|| format!("{path} has no Cpus_allowed_list"))?;
    parse_cpu_list(list).map_err(|error| error.to_string())
}
