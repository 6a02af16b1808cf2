//! Reading `/proc` and `/sys` below a root directory.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::files;
use crate::missing::Absent;

/// No file read here is larger than a few hundred kilobytes (`/proc/cpuinfo`
/// of a thousand CPUs is about 2 MB), so a larger one is not what it claims.
const MAX_BYTES: u64 = 16 << 20;

/// Read access to a tree of small files, by paths relative to its root
/// (`sys/class/powercap`).
pub trait FileTree: Send + Sync {
    /// The bytes of the file at `path`.
    ///
    /// # Errors
    /// Errors of the operating system.
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The names in the directory `path`, sorted.
    ///
    /// # Errors
    /// Errors of the operating system.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// The text of the file at `path`.
    ///
    /// # Errors
    /// Errors of the operating system; `InvalidData` if the text is not UTF-8.
    fn read(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read_bytes(path)?)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    }
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
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        files::read_attribute(&self.root.join(path), MAX_BYTES)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.root.join(path))? {
            // A name that is not UTF-8 cannot be one that is looked for.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

/// A [`Disk`] that takes absolute paths (`/proc/…`) and gives the reason in words if
/// something is absent.
pub(crate) struct Tree {
    disk: Disk,
}

impl Tree {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            disk: Disk::new(root),
        }
    }

    /// True if this is the running machine, which may also be queried by system calls
    /// and CPUID. Those answers must not be mixed with a recorded tree.
    pub(crate) fn is_live(&self) -> bool {
        self.disk.root == Path::new("/")
    }

    pub(crate) fn exists(&self, absolute: &str) -> bool {
        self.disk.root.join(relative(absolute)).exists()
    }

    pub(crate) fn bytes(&self, absolute: &str) -> Result<Vec<u8>, Absent> {
        let absent = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => Absent::because(format!("{absolute} does not exist")),
            ErrorKind::PermissionDenied => {
                Absent::because(format!("{absolute}: permission denied"))
                    .fix(format!("run as root, or make {absolute} readable"))
            }
            _ => Absent::because(format!("{absolute}: {error}")),
        };
        self.disk.read_bytes(relative(absolute)).map_err(absent)
    }

    /// The text of a file without surrounding white space; an empty file counts
    /// as absent.
    pub(crate) fn text(&self, absolute: &str) -> Result<String, Absent> {
        let bytes = self.bytes(absolute)?;
        let text = String::from_utf8_lossy(&bytes);
        // Device-tree strings end in NUL.
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if text.is_empty() {
            return Err(Absent::because(format!("{absolute} is empty")));
        }
        Ok(text.to_owned())
    }

    pub(crate) fn number<T: FromStr>(&self, absolute: &str) -> Result<T, Absent> {
        let text = self.text(absolute)?;
        text.parse()
            .map_err(|_| Absent::because(format!("{absolute} holds {text:?}, not a number")))
    }

    /// Names in a directory, sorted; empty when it cannot be listed.
    pub(crate) fn names(&self, absolute: &str) -> Vec<String> {
        self.disk.list(relative(absolute)).unwrap_or_default()
    }
}

/// An absolute path as a path relative to a root.
fn relative(absolute: &str) -> &Path {
    Path::new(absolute.trim_start_matches('/'))
}

/// Trees of files for unit tests.
#[cfg(test)]
pub(crate) mod fixture {
    use tempfile::TempDir;

    /// A root with these files, each with its text.
    pub(crate) fn tree_of(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().expect("a temporary directory");
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        root
    }
}
