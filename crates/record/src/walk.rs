//! Traversal of the directories below a directory, each once, regardless of links.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

/// Depth below which directories are not read; no archive is that deep.
const MAX_DEPTH: usize = 16;

/// Calls `see` with each path below `top`, in no particular order, and with true if the
/// path is a directory. A directory that `enter` refuses is skipped with everything below
/// it. Returns the directories below `top` that cannot be read.
///
/// # Errors
/// If `top` cannot be read.
pub(crate) fn walk(
    top: &Path,
    enter: impl Fn(&Path) -> bool,
    mut see: impl FnMut(&Path, bool),
) -> io::Result<Vec<PathBuf>> {
    let mut seen = HashSet::new();
    // Directories above `top` count as seen, so that a link to one of them is not followed.
    for above in fs::canonicalize(top)?.ancestors().skip(1) {
        seen.extend(identity(above));
    }
    let mut unreadable = Vec::new();
    // Links are followed last, so that a directory is reported by its real path.
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
            // An error in the middle of a listing ends it.
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

/// An identity of a directory that is equal for all paths that lead to it.
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
