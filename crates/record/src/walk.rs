//! Directories below a directory, each once, however links lead to it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

/// Directories deeper than this are not looked into: no archive has such a depth.
const MAX_DEPTH: usize = 16;

/// Calls `see` with everything below `top`, in no order, and with whether it is a
/// directory; those that `enter` refuses are left out with all below them. Hands out the
/// directories below `top` that cannot be read.
///
/// # Errors
/// That `top` cannot be read.
pub(crate) fn walk(
    top: &Path,
    enter: impl Fn(&Path) -> bool,
    mut see: impl FnMut(&Path, bool),
) -> io::Result<Vec<PathBuf>> {
    let mut seen = HashSet::new();
    seen.insert(identity(top)?);
    let mut unreadable = Vec::new();
    let mut open = vec![(top.to_owned(), 0)];
    while let Some((dir, depth)) = open.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => {
                unreadable.push(dir);
                continue;
            }
        };
        for entry in entries {
            // One that fails in the middle tells no more.
            let Ok(path) = entry.map(|entry| entry.path()) else {
                unreadable.push(dir.clone());
                break;
            };
            if !path.is_dir() {
                see(&path, false);
            } else if depth < MAX_DEPTH
                && enter(&path)
                && identity(&path).is_ok_and(|identity| seen.insert(identity))
            {
                see(&path, true);
                open.push((path, depth + 1));
            }
        }
    }
    Ok(unreadable)
}

/// Equal for two paths that lead to one directory.
#[cfg(unix)]
fn identity(dir: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let data = fs::metadata(dir)?;
    Ok((data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn identity(dir: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(dir)
}
