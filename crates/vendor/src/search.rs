//! The search for a library: the file that an environment variable names, else the loader's
//! path, the usual directories, and the packages of Python installations.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use libloading::Library;
use thiserror::Error;

use crate::load::{NOT_LOADED, load};

/// The places of one library.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// Its name in messages, such as `cuBLASLt`.
    pub name: &'static str,
    /// The environment variable that names a file to be used instead of the search.
    pub variable: &'static str,
    /// File names, best first.
    pub files: &'static [&'static str],
    /// Absolute directories beside the loader's path; a component may end in `*`.
    pub directories: &'static [&'static str],
    /// Directories below Python's `site-packages`, such as `nvidia/cu13/lib`, or `../..`
    /// for the `lib` of the installation; a component may end in `*`.
    pub packages: &'static [&'static str],
    /// The way to install it, as the end of a sentence.
    pub fix: &'static str,
}

/// A library that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}; {fix}")]
pub struct Unavailable {
    /// The missing file, or the fault of the one that was found.
    pub reason: String,
    /// The user's remedy.
    pub fix: String,
}

impl Search {
    /// Loads the library and has `accept` examine it. A file that does not load, or that
    /// `accept` refuses with a clause that completes "but …", is passed over, unless the
    /// user named it.
    ///
    /// # Errors
    /// [`Unavailable`] if no file is accepted.
    pub fn open<T>(
        &self,
        accept: impl Fn(&'static Library, &Path) -> Result<T, String>,
    ) -> Result<T, Unavailable> {
        // An empty value counts as unset: a loader takes it for the program itself.
        let chosen = env::var_os(self.variable).filter(|path| !path.is_empty());
        self.open_from(chosen, accept)
    }

    /// As [`open`](Self::open), with the value of the variable.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_from<T>(
        &self,
        chosen: Option<OsString>,
        accept: impl Fn(&'static Library, &Path) -> Result<T, String>,
    ) -> Result<T, Unavailable> {
        let try_one = |path: &Path| load(path).and_then(|library| accept(library, path));
        if let Some(chosen) = chosen.map(PathBuf::from) {
            return try_one(&as_file(&chosen)).map_err(|reason| Unavailable {
                reason: format!(
                    "{} names '{}', but {reason}",
                    self.variable,
                    chosen.display()
                ),
                fix: format!(
                    "set it to the path of a {} shared library, or unset it to search for one",
                    self.name
                ),
            });
        }
        let by_loader = self.files.iter().map(PathBuf::from);
        let mut unusable = Vec::new();
        for candidate in by_loader.chain(self.found_files()) {
            match try_one(&candidate) {
                Ok(opened) => return Ok(opened),
                Err(reason) if is_absent(&candidate, &reason) => {}
                Err(reason) => unusable.push(format!("{}: {reason}", candidate.display())),
            }
        }
        let mut reason = format!("none of {} could be loaded", self.files.join(", "));
        if !unusable.is_empty() {
            reason = format!("{reason} and used ({})", unusable.join("; "));
        }
        Err(Unavailable {
            reason,
            fix: self.fix.to_owned(),
        })
    }

    /// The files of these names in the directories and in Python's packages.
    fn found_files(&self) -> impl Iterator<Item = PathBuf> {
        let packages = python_libraries().into_iter().flat_map(|site| {
            let below = self.packages.iter();
            below.flat_map(move |package| expand(&site.join(package)))
        });
        let usual = self.directories.iter();
        usual
            .flat_map(|pattern| expand(Path::new(pattern)))
            .chain(packages)
            .flat_map(|directory| self.files.iter().map(move |file| directory.join(file)))
            .filter(|file| file.exists())
    }
}

/// The path of a file that exists; loaders do not look for a bare name in the current
/// directory. Another name is left to them.
fn as_file(chosen: &Path) -> PathBuf {
    match fs::symlink_metadata(chosen) {
        Ok(_) => std::path::absolute(chosen).unwrap_or_else(|_| chosen.to_owned()),
        Err(_) => chosen.to_owned(),
    }
}

/// True if the loader did not find this file; false if it found it and not one that it needs.
fn is_absent(file: &Path, reason: &str) -> bool {
    let missing = format!(
        "{}: cannot open shared object file: No such",
        file.display()
    );
    match cfg!(all(target_os = "linux", target_env = "gnu")) {
        true => reason.contains(&missing),
        false => reason.contains(NOT_LOADED) && !file.exists(),
    }
}

/// The directories `lib/python3.*/site-packages` of the Python installations of this user:
/// the active virtual and conda environments, the first `python3` of the path, the user's
/// own packages, pyenv's versions, and the system's.
#[must_use]
pub fn python_libraries() -> Vec<PathBuf> {
    let of = |variable: &str| env::var_os(variable).map(PathBuf::from);
    let first_python = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .find(|directory| directory.join("python3").exists());
    let mut prefixes: Vec<PathBuf> = Vec::new();
    prefixes.extend(of("VIRTUAL_ENV"));
    prefixes.extend(of("CONDA_PREFIX"));
    if let Some(bin) = first_python {
        prefixes.extend(bin.parent().map(Path::to_owned));
        let resolved = bin.join("python3").canonicalize().ok();
        let above = resolved
            .as_deref()
            .and_then(Path::parent)
            .and_then(Path::parent);
        prefixes.extend(above.map(Path::to_owned));
    }
    prefixes.extend(of("HOME").map(|home| home.join(".local")));
    let pyenv = of("PYENV_ROOT").or_else(|| of("HOME").map(|home| home.join(".pyenv")));
    prefixes.extend(
        pyenv
            .iter()
            .flat_map(|root| expand(&root.join("versions/*"))),
    );
    prefixes.extend(["/usr/local", "/usr"].map(PathBuf::from));
    let mut sites: Vec<PathBuf> = Vec::new();
    for prefix in prefixes {
        for version in expand(&prefix.join("lib").join("python3*")) {
            for packages in ["site-packages", "dist-packages"] {
                let site = version.join(packages);
                if !sites.contains(&site) && site.is_dir() {
                    sites.push(site);
                }
            }
        }
    }
    sites
}

/// The existing directories that match a path; a component may end in `*`. Later versions
/// come first.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let text = component.as_os_str().to_string_lossy();
        let Some(stem) = text.strip_suffix('*') else {
            for path in &mut found {
                path.push(component);
            }
            continue;
        };
        let mut matching: Vec<PathBuf> = found
            .iter()
            .filter_map(|directory| fs::read_dir(directory).ok())
            .flat_map(|entries| entries.flatten())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(stem))
            .map(|entry| entry.path())
            .collect();
        matching.sort_unstable_by(|a, b| b.cmp(a));
        found = matching;
    }
    found.retain(|path| path.is_dir());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_expand_to_existing_directories_the_latest_first() {
        let root = tempfile::tempdir().unwrap();
        for name in [
            "cuda-12.4/lib64",
            "cuda-13.0/lib64",
            "cuda-13.1",
            "other/lib64",
        ] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("cuda-file"), "").unwrap();
        let found = expand(&root.path().join("cuda*").join("lib64"));
        let wanted = ["cuda-13.0/lib64", "cuda-12.4/lib64"];
        assert_eq!(found, wanted.map(|name| root.path().join(name)));
        assert!(expand(&root.path().join("none*")).is_empty());
    }

    const NOWHERE: Search = Search {
        name: "Nothing",
        variable: "PERWATT_TEST_NOTHING",
        files: &["libperwatt-nothing.so.1", "libperwatt-nothing.so"],
        directories: &["/nonexistent*/lib"],
        packages: &["nothing/lib"],
        fix: "install it",
    };

    fn refusal(chosen: Option<&Path>) -> String {
        let chosen = chosen.map(|path| path.as_os_str().to_owned());
        let opened = NOWHERE.open_from(chosen, |_, _| Ok(()));
        opened.unwrap_err().to_string()
    }

    #[test]
    fn an_absent_library_is_named_with_the_remedy() {
        assert_eq!(
            refusal(None),
            "none of libperwatt-nothing.so.1, libperwatt-nothing.so could be loaded; install it"
        );
    }

    #[test]
    fn a_bare_name_is_a_file_of_the_current_directory_if_there_is_one() {
        // Tests run in the directory of their crate.
        assert!(refusal(Some(Path::new("Cargo.toml"))).contains("Cargo.toml: "));
        assert_eq!(
            as_file(Path::new("Cargo.toml")),
            Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")
        );
        let elsewhere = Path::new("libperwatt-nothing.so.1");
        assert_eq!(as_file(elsewhere), elsewhere);
    }

    #[test]
    fn a_file_that_is_no_library_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("lib.so");
        fs::write(&file, "not a library").unwrap();
        for path in [directory.path(), &file, Path::new("/nonexistent.so")] {
            let message = refusal(Some(path));
            assert!(message.contains(&path.display().to_string()), "{message}");
            assert!(message.contains("cannot be loaded"), "{message}");
        }
    }
}
