//! Reading `/proc` and `/sys` below a root directory.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::files;
use crate::missing::Absent;

/// No file read here is larger than a few hundred kilobytes (`/proc/cpuinfo`
/// of a thousand CPUs is about 2 MB), so a larger one is not what it claims.
const MAX_BYTES: u64 = 16 << 20;

/// A file system root: `/` of the running machine, or a recorded tree.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Whether this is the running machine, which may also be asked by system
    /// calls and CPUID. A recorded tree must not be mixed with those answers.
    pub(crate) fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }

    /// The path of `absolute` (`/proc/…`) in this tree.
    pub(crate) fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    pub(crate) fn exists(&self, absolute: &str) -> bool {
        self.path(absolute).exists()
    }

    pub(crate) fn bytes(&self, absolute: &str) -> Result<Vec<u8>, Absent> {
        let absent = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => Absent::because(format!("{absolute} does not exist")),
            ErrorKind::PermissionDenied => {
                Absent::because(format!("{absolute}: permission denied"))
                    .fix(format!("run as root, or make {absolute} readable"))
            }
            _ => Absent::because(format!("{absolute}: {error}")),
        };
        files::read_attribute(&self.path(absolute), MAX_BYTES).map_err(absent)
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
        let Ok(entries) = std::fs::read_dir(self.path(absolute)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }
}
