//! What a source takes from the world: files, time, and drivers' interfaces.
//!
//! All can be replaced, so that recorded trees, failures that a superuser
//! cannot provoke, and hours of counting are ordinary tests.

use crate::drivers::Drivers;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Attribute files are one short line; anything longer is not one.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Read access to a tree of small text files, by paths relative to its root
/// (`sys/class/powercap`).
pub trait FileTree: Send + Sync {
    /// The text of the file at `path`.
    ///
    /// # Errors
    /// Those of the operating system; `InvalidData` for text that is not UTF-8.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// The bytes of the file at `path`, for files that hold no text.
    ///
    /// # Errors
    /// Those of the operating system.
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path).map(String::into_bytes)
    }

    /// The names in the directory `path`, sorted.
    ///
    /// # Errors
    /// Those of the operating system.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
}

/// The files below a directory of this machine.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The tree below `root`: `/` for the running system, or a recorded copy.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl FileTree for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read_bytes(path)?)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
    }

    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        perwatt_host::files::read_attribute(&self.root.join(path), MAX_FILE_BYTES)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.root.join(path))? {
            // A name that is not UTF-8 is not one any source knows.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

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
pub struct Environment {
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

impl Environment {
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

    /// `GenuineIntel`, `AuthenticAMD`, `HygonGenuine`; empty where it is not stated.
    pub(crate) fn cpu_vendor(&self) -> String {
        let text = self
            .files
            .read(Path::new("proc/cpuinfo"))
            .unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == "vendor_id")
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// The virtual machine this is, in words; `None` on bare metal.
    pub(crate) fn virtual_machine(&self) -> Option<String> {
        let release = self.line("proc/sys/kernel/osrelease");
        if release.to_ascii_lowercase().contains("microsoft") {
            return Some("Windows Subsystem for Linux is a virtual machine".into());
        }
        let cpuinfo = self.files.read(Path::new("proc/cpuinfo")).ok()?;
        let hypervisor = cpuinfo
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == "flags")
            .is_some_and(|(_, flags)| flags.split_whitespace().any(|f| f == "hypervisor"));
        hypervisor.then(|| match self.line("sys/class/dmi/id/sys_vendor").as_str() {
            "" => "this is a virtual machine".into(),
            maker => format!("this is a virtual machine ({maker})"),
        })
    }
}
