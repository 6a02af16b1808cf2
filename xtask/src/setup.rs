//! What the tests need beyond Rust, installed where it is missing and can be.

use crate::shell::{command, run, succeeds};

/// A CBLAS library, so that the dynamically loaded backend is tested for real.
const DEBIAN_PACKAGES: &[&str] = &["libopenblas0-pthread"];

/// Installs Debian packages that are missing; says so where it cannot.
pub fn packages() -> anyhow::Result<()> {
    if !succeeds(command("dpkg", &["--version"])) {
        eprintln!("skipped: {DEBIAN_PACKAGES:?} are Debian packages, and this is no Debian");
        return Ok(());
    }
    let missing: Vec<&str> = DEBIAN_PACKAGES
        .iter()
        .copied()
        .filter(|package| !succeeds(command("dpkg", &["-s", package])))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let root = succeeds(command("sh", &["-c", "test \"$(id -u)\" = 0"]));
    let sudo = succeeds(command("sudo", &["-n", "true"]));
    if !root && !sudo {
        eprintln!(
            "skipped: {missing:?} are not installed and this user may not install them; tests that need them say so"
        );
        return Ok(());
    }
    let apt = |args: &[&str]| match root {
        true => command("apt-get", args),
        false => command("sudo", &[&["-n", "apt-get"], args].concat()),
    };
    run(apt(&["update", "-q"]))?;
    run(apt(&[
        &["install", "-y", "-q", "--no-install-recommends"],
        missing.as_slice(),
    ]
    .concat()))
}

/// Makes sure that nightly Miri is there; false, with the reason printed, where
/// it cannot be had.
pub fn miri() -> bool {
    let ready = || succeeds(command("cargo", &["+nightly", "miri", "--version"]));
    if ready() {
        return true;
    }
    let install = [
        "component",
        "add",
        "miri",
        "rust-src",
        "--toolchain",
        "nightly",
    ];
    for args in [
        &["toolchain", "install", "nightly", "--profile", "minimal"][..],
        &install[..],
    ] {
        if let Err(error) = run(command("rustup", args)) {
            eprintln!("{error:#}");
        }
    }
    if ready() {
        return true;
    }
    eprintln!("skipped: Miri is not installed and rustup could not install it");
    false
}
