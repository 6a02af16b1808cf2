//! What a source takes from the world: files, time, and drivers' interfaces.
//!
//! All can be replaced, so that recorded trees, failures that a superuser
//! cannot provoke, and hours of counting are ordinary tests.

use crate::drivers::Drivers;
use perwatt_host::{CpuInfo, Disk, FileTree};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A clock that never goes back.
pub trait Clock: Send + Sync {
    /// Seconds since a fixed, unstated moment.
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
    /// Where files are read.
    pub files: Arc<dyn FileTree>,
    /// What tells the time between readings.
    pub clock: Arc<dyn Clock>,
    /// Whether `files` is this machine's own root, so that what the operating
    /// system lacks is a fact about it and not about a recorded tree.
    pub live: bool,
    /// What is asked through a driver's own interface rather than a file.
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
            // This machine's drivers say nothing about a recorded tree.
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

    /// What Linux tells of the processors; nothing where there is no such file.
    pub(crate) fn cpu_info(&self) -> CpuInfo {
        let text = self.files.read(Path::new("proc/cpuinfo"));
        CpuInfo::parse(&text.unwrap_or_default())
    }

    /// The virtual machine this is, in words; `None` on bare metal.
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
