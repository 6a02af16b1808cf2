//! A directory of records: listed in one order everywhere, read on every core, one
//! file in memory per core.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use rayon::prelude::*;

use crate::brief::{self, Brief};
use crate::file::ReadError;

/// Directories deeper than this are not looked into: an archive has no such depth,
/// and a link that leads back up would.
const MAX_DEPTH: usize = 16;

/// The record files below `dir`: every `*.json` that is not hidden, in the order of
/// their paths.
///
/// # Errors
/// A directory that cannot be read.
pub fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(dir, 0, &mut found)?;
    found.sort();
    Ok(found)
}

/// The files of an argument that is a file or a directory of them.
///
/// # Errors
/// What is not there or cannot be read.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::metadata(path)?.is_dir() {
        true => list(path),
        false => Ok(vec![path.to_owned()]),
    }
}

fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if depth < MAX_DEPTH {
                walk(&path, depth + 1, found)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads every file for its figures and keeps of each what `keep` makes of it, in
/// the order of `paths`. The record itself is dropped before the next is read.
pub fn map<T: Send>(
    paths: &[PathBuf],
    keep: impl Fn(&Path, Result<Brief, ReadError>) -> T + Sync,
) -> Vec<T> {
    paths
        .par_iter()
        .with_max_len(1)
        .map(|path| keep(path, brief::read(path)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_json_is_listed_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/.hidden")).unwrap();
        for name in [
            "z.json",
            "a.json",
            "README.md",
            ".perwatt-x.tmp",
            "b/c.json",
            "b/.hidden/d.json",
            ".e.json",
        ] {
            fs::write(root.join(name), "{}").unwrap();
        }
        let names: Vec<_> = list(root)
            .unwrap()
            .iter()
            .map(|path| {
                path.strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/")
            })
            .collect();
        assert_eq!(names, ["a.json", "b/c.json", "z.json"]);
        assert!(list(&root.join("missing")).is_err());
    }

    #[test]
    fn results_come_in_the_order_of_the_paths() {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..50)
            .map(|i| dir.path().join(format!("{i:02}.json")))
            .collect();
        for path in &paths {
            fs::write(path, "[]").unwrap();
        }
        let kept = map(&paths, |path, read| (path.to_owned(), read.is_err()));
        let expected: Vec<_> = paths.into_iter().map(|path| (path, true)).collect();
        assert_eq!(kept, expected);
    }
}
