//! The two things a source takes from the world: files and time.
//!
//! Both can be replaced, so that recorded trees, failures that a superuser
//! cannot provoke, and hours of counting are ordinary tests.

use std::io::{self, Read};
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
        let mut text = String::new();
        std::fs::File::open(self.root.join(path))?
            .take(MAX_FILE_BYTES)
            .read_to_string(&mut text)?;
        Ok(text)
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

/// Files and time, shared by every source of one detection.
#[derive(Clone)]
pub struct Environment {
    /// Where files are read.
    pub files: Arc<dyn FileTree>,
    /// What tells the time between readings.
    pub clock: Arc<dyn Clock>,
    /// Whether `files` is this machine's own root, so that what the operating
    /// system lacks is a fact about it and not about a recorded tree.
    pub live: bool,
}

impl Environment {
    /// The tree below `root`, on this machine's clock.
    pub fn on_disk(root: &Path) -> Self {
        Self {
            files: Arc::new(Disk::new(root)),
            clock: Arc::new(Monotonic::new()),
            live: root == Path::new("/"),
        }
    }
}
