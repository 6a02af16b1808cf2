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
    // A link that leads to where `top` lies leads to what nobody asked for.
    for above in fs::canonicalize(top)?.ancestors().skip(1) {
        seen.extend(identity(above));
    }
    let mut unreadable = Vec::new();
    // Links are followed last, so that a directory has the path that it lies at.
    let (mut open, mut links) = (vec![(top.to_owned(), 0)], Vec::new());
    while let Some((dir, depth)) = open.pop().or_else(|| links.pop()) {
        let entries = identity(&dir).and_then(|identity| match seen.insert(identity) {
            true => fs::read_dir(&dir).map(Some),
            false => Ok(None),
        });
        let entries = match entries {
            Ok(Some(entries)) => entries,
            Ok(None) => continue,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => {
                unreadable.push(dir);
                continue;
            }
        };
        if depth > 0 {
            see(&dir, true);
        }
        for entry in entries {
            // One that fails in the middle tells no more.
            let Ok(entry) = entry else {
                unreadable.push(dir.clone());
                break;
            };
            let path = entry.path();
            if !path.is_dir() {
                see(&path, false);
            } else if depth < MAX_DEPTH && enter(&path) {
                let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                let list = if link { &mut links } else { &mut open };
                list.push((path, depth + 1));
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
