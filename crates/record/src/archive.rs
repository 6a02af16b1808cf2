//! Directories of records. They are listed in the same order everywhere and read on all
//! cores, with one file in memory per core.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use rayon::prelude::*;

use crate::threads;
use crate::walk::walk;

/// The record files below `dir`: every `*.json` that is not hidden, sorted by path. The
/// list includes directories below `dir` that cannot be read, so that reading them reports
/// the error.
///
/// # Errors
/// If `dir` itself cannot be read.
pub fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let visible = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        !name.as_encoded_bytes().starts_with(b".")
    };
    let unreadable = walk(dir, visible, |path, is_dir| {
        if !is_dir && visible(path) && path.extension().is_some_and(|ext| ext == "json") {
            found.push(path.to_owned());
        }
    })?;
    found.extend(unreadable);
    found.sort();
    Ok(found)
}

/// Returns `path` itself if it is a file, or the record files below it if it is a
/// directory.
///
/// # Errors
/// If the path does not exist or cannot be read.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::metadata(path)?.is_dir() {
        true => list(path),
        false => Ok(vec![path.to_owned()]),
    }
}

/// Applies `read` to every file in parallel and returns the results in the order of
/// `paths`.
pub fn map<T: Send>(paths: &[PathBuf], read: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    threads::prepare();
    paths
        .par_iter()
        .with_max_len(1)
        .map(|path| read(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::light;

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

    #[cfg(unix)]
    #[test]
    fn each_directory_is_listed_once_however_links_lead_to_it() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = &dir.path().join("archive");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(dir.path().join("not-asked-for.json"), "{}").unwrap();
        fs::write(root.join("a/b/x.json"), "{}").unwrap();
        // Followed as a binary tree, these links would have 2^16 paths.
        for (link, to) in [
            ("a/up", ".."),
            ("a/out", "../.."),
            ("a/b/all", "/"),
            ("a/b/top", "../.."),
            ("a/b/self", "."),
        ] {
            symlink(to, root.join(link)).unwrap();
        }
        symlink("nowhere", root.join("a/dangling.json")).unwrap();
        let found = list(root).unwrap();
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(names, ["x.json", "dangling.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_may_not_be_read_is_named_and_hides_no_other() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (shut, file) = (dir.path().join("shut"), dir.path().join("x.json"));
        fs::create_dir(&shut).unwrap();
        fs::write(&file, "{}").unwrap();
        let mode = |mode| fs::set_permissions(&shut, std::fs::Permissions::from_mode(mode));
        mode(0).unwrap();
        // The super-user may read everything.
        if fs::read_dir(&shut).is_err() {
            assert_eq!(list(dir.path()).unwrap(), [shut.clone(), file]);
            let error = light::read(&shut).unwrap_err().to_string();
            assert!(
                error.contains("shut") && error.contains("denied"),
                "{error}"
            );
        }
        mode(0o700).unwrap();
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
        let kept = map(&paths, |path| (path.to_owned(), light::read(path).is_err()));
        let expected: Vec<_> = paths.into_iter().map(|path| (path, true)).collect();
        assert_eq!(kept, expected);
    }
}
