//! What the tests need beyond Rust, installed where it is missing and can be.

use crate::shell::{command, run, succeeds};

/// A CBLAS library, so that the dynamically loaded backend is tested for real,
/// a Vulkan driver that is software, so that GPU kernels run, and a Prometheus
/// exporter for the meter that reads such.
const LIBRARIES: &[&str] = &[
    "libopenblas0-pthread",
    "libvulkan1",
    "mesa-vulkan-drivers",
    "prometheus-node-exporter",
];

/// What builds and runs programs for AArch64 Linux.
const AARCH64: &[&str] = &[
    "gcc-aarch64-linux-gnu",
    "libc6-dev-arm64-cross",
    "qemu-user",
];

/// Installs the libraries that tests load and the servers they ask; says so where it cannot, and those
/// tests then say that they have none.
pub fn packages() -> anyhow::Result<()> {
    debian(LIBRARIES).map(drop)
}

/// Installs those of `packages` that are missing; false, with the reason
/// printed, where they cannot be had.
fn debian(packages: &[&str]) -> anyhow::Result<bool> {
    if !succeeds(command("dpkg", &["--version"])) {
        eprintln!("skipped: {packages:?} are Debian packages, and this is no Debian");
        return Ok(false);
    }
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !succeeds(command("dpkg", &["-s", package])))
        .collect();
    if missing.is_empty() {
        return Ok(true);
    }
    let root = succeeds(command("sh", &["-c", "test \"$(id -u)\" = 0"]));
    let sudo = succeeds(command("sudo", &["-n", "true"]));
    if !root && !sudo {
        eprintln!("skipped: {missing:?} are not installed and this user may not install them");
        return Ok(false);
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
    .concat()))?;
    Ok(true)
}

/// Makes sure that programs for AArch64 Linux can be built and run; false, with
/// the reason printed, where they cannot.
pub fn aarch64(target: &str) -> anyhow::Result<bool> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the emulator of AArch64 Linux programs runs on Linux alone");
        return Ok(false);
    }
    let tools = ["aarch64-linux-gnu-gcc", "qemu-aarch64"];
    let there = tools
        .iter()
        .all(|tool| succeeds(command(tool, &["--version"])));
    if !there && !debian(AARCH64)? {
        return Ok(false);
    }
    // Does nothing where the target is installed.
    if let Err(error) = run(command("rustup", &["target", "add", target])) {
        eprintln!("skipped: Rust's library for {target} cannot be had: {error:#}");
        return Ok(false);
    }
    Ok(true)
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
