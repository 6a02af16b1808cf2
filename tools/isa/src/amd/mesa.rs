//! Mesa's RADV, whose null device compiles for a chip that is not present.
//!
//! Debian's backports for bookworm contain a version with it that is newer than the
//! installed one. It is unpacked beside the system's, whose software Vulkan driver the
//! tests use, and loaded from there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

/// The release and the suite of the Mesa that the budgets are for.
const RELEASE: &str = "bookworm";
const SUITE: &str = "bookworm-backports";
/// The drivers, and the libraries that they need in a newer version than the release's.
const PACKAGES: &[&str] = &["mesa-vulkan-drivers", "libdrm2", "libdrm-amdgpu1"];
const DRIVER: &str = "libvulkan_radeon.so";
/// The directory in which the loader finds installed drivers.
const INSTALLED: &str = "/usr/share/vulkan/icd.d";

/// A driver that can be loaded.
#[derive(Debug)]
pub struct Driver {
    /// Its description, which the loader reads.
    pub icd: PathBuf,
    /// Its libraries in addition to the system's.
    pub libraries: Option<PathBuf>,
}

/// Debian's newer driver, unpacked in `folder`; the installed one where that is not
/// available.
pub fn driver(folder: &Path) -> anyhow::Result<Driver> {
    let reason = match unpacked(folder) {
        Ok(driver) => return Ok(driver),
        Err(reason) => reason,
    };
    let icds = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let radeon = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| name.starts_with("radeon_icd"))
    };
    match icds.map(|entry| entry.path()).find(radeon) {
        Some(icd) => {
            eprintln!("{SUITE} cannot be had, so the installed RADV is used: {reason:#}");
            Ok(Driver {
                icd,
                libraries: None,
            })
        }
        None => Err(reason.context(
            "no RADV is installed (Debian's mesa-vulkan-drivers has it) and none could be fetched",
        )),
    }
}

fn unpacked(folder: &Path) -> anyhow::Result<Driver> {
    let root = folder.join("root");
    let library = match find(&root) {
        Some(library) => library,
        None => {
            fetch(folder, &root)?;
            find(&root).with_context(|| format!("the packages contain no {DRIVER}"))?
        }
    };
    let icd = folder.join("radeon.json");
    let json = format!(
        "{{\"file_format_version\": \"1.0.0\", \"ICD\": {{\"api_version\": \"1.3.0\", \"library_path\": {:?}}}}}\n",
        library
    );
    fs::write(&icd, json).with_context(|| format!("cannot write {}", icd.display()))?;
    Ok(Driver {
        icd,
        libraries: library.parent().map(Path::to_owned),
    })
}

/// The driver in an unpacked package: below `usr/lib`, in the folder of the architecture.
fn find(root: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(root.join("usr/lib")).ok()?;
    folders
        .flatten()
        .map(|folder| folder.path().join(DRIVER))
        .find(|path| path.exists())
}

/// Downloads and unpacks the packages, with folders of apt's own in `folder`, so
/// that nothing of the system changes.
fn fetch(folder: &Path, root: &Path) -> anyhow::Result<()> {
    let source = source()?;
    let apt = folder.join("apt");
    let packages = folder.join("packages");
    for made in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(made))?;
    }
    fs::create_dir_all(&packages)?;
    let list = apt.join(source.file_name);
    fs::write(&list, source.text)?;
    let at = |option: &str, path: &Path| format!("{option}={}", path.display());
    let options = [
        at("Dir::Etc::SourceList", &list),
        "Dir::Etc::SourceParts=-".to_owned(),
        at("Dir::State::Lists", &apt.join("lists")),
        at("Dir::Cache", &apt.join("cache")),
    ];
    let run = |arguments: &[&str], folder: &Path| {
        let mut command = Command::new("apt-get");
        for option in &options {
            command.args(["-o", option]);
        }
        command.args(arguments).current_dir(folder);
        quietly(command)
    };
    run(&["update", "-q"], folder)?;
    run(
        &[&["download", "-q", "-t", SUITE], PACKAGES].concat(),
        &packages,
    )?;
    // Unpacked elsewhere first, so that `root` is complete if it exists.
    let partial = folder.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    for package in fs::read_dir(&packages)? {
        let mut unpack = Command::new("dpkg");
        unpack.arg("-x").arg(package?.path()).arg(&partial);
        quietly(unpack)?;
    }
    fs::rename(&partial, root).with_context(|| format!("cannot make {}", root.display()))
}

/// Runs a program; its output is shown only when it fails.
pub fn quietly(mut command: Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed: {}", said.trim());
    Ok(())
}

/// A source of packages as apt reads it.
#[derive(PartialEq, Eq, Debug)]
struct Source {
    /// The extension from which apt knows the format.
    file_name: &'static str,
    text: String,
}

/// The machine's own source of its release, changed to the other suite, so that the
/// packages come from the same mirror.
fn source() -> anyhow::Result<Source> {
    let folder = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten();
    let mut files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    files.push("/etc/apt/sources.list".into());
    files.sort();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let found = match file.extension().and_then(OsStr::to_str) {
            Some("sources") => stanza(&text),
            Some("list") => line(&text),
            _ => None,
        };
        if let Some(source) = found {
            return Ok(source);
        }
    }
    bail!("apt has no source for Debian {RELEASE}, whose backports have the Mesa of the budgets")
}

/// Reads a file of stanzas (deb822).
fn stanza(text: &str) -> Option<Source> {
    for stanza in text.split("\n\n") {
        let suites = |line: &&str| {
            line.strip_prefix("Suites:")
                .is_some_and(|suites| suites.split_whitespace().any(|suite| suite == RELEASE))
        };
        if stanza.lines().any(|line| suites(&line)) {
            let lines = stanza.lines().filter(|line| !line.starts_with('#'));
            let text: String = lines
                .map(|line| match line.starts_with("Suites:") {
                    true => format!("Suites: {SUITE}\n"),
                    false => format!("{line}\n"),
                })
                .collect();
            return Some(Source {
                file_name: "debian.sources",
                text,
            });
        }
    }
    None
}

/// Reads a file with a source on each line.
fn line(text: &str) -> Option<Source> {
    let line = text.lines().find(|line| {
        line.starts_with("deb ") && line.split_whitespace().any(|word| word == RELEASE)
    })?;
    let words = line.split_whitespace().map(|word| match word {
        RELEASE => SUITE,
        word => word,
    });
    let words: Vec<&str> = words.collect();
    Some(Source {
        file_name: "debian.list",
        text: format!("{}\n", words.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suite_of_the_machines_own_source_is_changed() {
        let stanzas = "Types: deb\nURIs: http://mirror/other\nSuites: bookworm-security\n\n\
             Types: deb\n# since 2025\nURIs: http://mirror/debian\nSuites: bookworm bookworm-updates\n\
             Components: main\nSigned-By: /usr/share/keyrings/k.gpg\n";
        assert_eq!(
            stanza(stanzas).unwrap().text,
            "Types: deb\nURIs: http://mirror/debian\nSuites: bookworm-backports\n\
             Components: main\nSigned-By: /usr/share/keyrings/k.gpg\n"
        );
        let lines = "# deb http://old bookworm main\ndeb [signed-by=/k.gpg] http://mirror/debian bookworm main\n";
        let source = line(lines).unwrap();
        assert_eq!(
            source.text,
            "deb [signed-by=/k.gpg] http://mirror/debian bookworm-backports main\n"
        );
        assert_eq!(source.file_name, "debian.list");
    }

    #[test]
    fn another_release_has_no_such_source() {
        assert_eq!(stanza("Types: deb\nURIs: http://m\nSuites: trixie\n"), None);
        assert_eq!(line("deb http://m bookworm-updates main\n"), None);
    }
}
