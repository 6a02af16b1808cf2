//! The GPU kernels on a second implementation of Vulkan: SwiftShader, which is part of
//! Debian's Chromium. It shares no code with Mesa, and has subgroups of 4, workgroups of
//! 256 and no half precision.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use perwatt_tools::shell::{command, root, run, succeeds};

/// The package that contains it, and the path in the package.
const PACKAGE: &str = "chromium-common";
const ICD: &str = "usr/lib/chromium/vk_swiftshader_icd.json";

/// The tests that are run on it; it runs the kernels a hundred times slower than Mesa.
const TESTS: [&str; 4] = ["rolled", "search", "matmul", "stream"];

pub fn swiftshader() -> anyhow::Result<()> {
    let folder = root().join("target/swiftshader");
    let icd = folder.join(ICD);
    if !icd.exists() && !fetch(&folder)? {
        return Ok(());
    }
    let icd = icd
        .canonicalize()
        .with_context(|| format!("{PACKAGE} has no {ICD}"))?;
    // For the whole workspace, although all are in one crate: the libraries then have the
    // same features as in the other tests, and nothing is compiled again.
    let mut tests = command("cargo", &["test", "--locked", "--workspace"]);
    for test in TESTS {
        tests.args(["--test", test]);
    }
    tests
        // Loaders read one or the other variable.
        .env("VK_DRIVER_FILES", &icd)
        .env("VK_ICD_FILENAMES", &icd)
        .env("PERWATT_EXPECT_ADAPTER", "SwiftShader");
    run(tests)
}

/// Downloads and unpacks it without installing it; false, with the reason printed, where
/// that is impossible.
fn fetch(folder: &Path) -> anyhow::Result<bool> {
    if !succeeds(command("dpkg", &["--version"])) {
        eprintln!("skipped: SwiftShader comes from a Debian package, and this is not Debian");
        return Ok(false);
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let download = || {
        let mut apt = Command::new("apt-get");
        apt.args(["download", "-q", PACKAGE]).current_dir(folder);
        run(apt)
    };
    // apt's lists may be older than the mirror.
    let fetched = download().or_else(|_| {
        run(command("apt-get", &["update", "-q"]))?;
        download()
    });
    if let Err(error) = fetched {
        eprintln!("skipped: SwiftShader cannot be had: {error:#}");
        return Ok(false);
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            let mut unpack = Command::new("dpkg");
            unpack.arg("-x").arg(&path).arg(folder);
            run(unpack)?;
        }
    }
    Ok(true)
}
