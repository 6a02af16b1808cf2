//! Files, time and driver interfaces that sources depend on.
//!
//! All of them can be replaced, so that recorded trees, failures that even a superuser
//! cannot provoke, and hours of counting can be tested.

use crate::drivers::Drivers;
use perwatt_host::{CpuInfo, Disk, FileTree};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A clock that never goes back.
pub trait Clock: Send + Sync {
    /// Seconds since a fixed but unspecified moment.
    fn now_s(&self) -> f64;
}

/// The operating system's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    origin: Instant,
}

impl Monotonic {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for Monotonic {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Monotonic {
    fn now_s(&self) -> f64 {
        self.origin.elapsed().as_secs_f64()
    }
}

/// Files, time and drivers, shared by every source of one detection.
#[derive(Clone)]
pub struct System {
    /// The tree of files.
    pub files: Arc<dyn FileTree>,
    /// The clock that times the readings.
    pub clock: Arc<dyn Clock>,
    /// True if `files` is this machine's own root, so that a feature missing from the
    /// operating system is a fact about it, not about a recorded tree.
    pub live: bool,
    /// Driver interfaces other than files.
    pub drivers: Drivers,
}

impl System {
    /// The tree below `root`, on this machine's clock.
    pub fn on_disk(root: &Path) -> Self {
        let live = root == Path::new("/");
        Self {
            files: Arc::new(Disk::new(root)),
            clock: Arc::new(Monotonic::new()),
            live,
            // This machine's drivers do not describe a recorded tree.
            drivers: match live {
                true => Drivers::of_this_machine(),
                false => Drivers::default(),
            },
        }
    }

    /// The first line of the file at `path`, trimmed; empty when it cannot be read.
    pub(crate) fn line(&self, path: &str) -> String {
        self.files
            .read(Path::new(path))
            .map(|text| text.lines().next().unwrap_or_default().trim().to_owned())
            .unwrap_or_default()
    }

    /// Linux's description of the processors; empty if the file does not exist.
    pub(crate) fn cpu_info(&self) -> CpuInfo {
        let text = self.files.read(Path::new("proc/cpuinfo"));
        CpuInfo::parse(&text.unwrap_or_default())
    }

    /// The kind of virtual machine, in words; `None` on bare metal.
    pub(crate) fn virtual_machine(&self) -> Option<String> {
        let release = self.line("proc/sys/kernel/osrelease");
        if release.to_ascii_lowercase().contains("microsoft") {
            return Some("Windows Subsystem for Linux is a virtual machine".into());
        }
        let guest = self.cpu_info().is_guest()?;
        guest.then(|| match self.line("sys/class/dmi/id/sys_vendor").as_str() {
            "" => "this is a virtual machine".into(),
            maker => format!("this is a virtual machine ({maker})"),
        })
    }
}
