//! Needs of the tests beyond Rust, installed where they are missing and can be.

use perwatt_tools::shell::{command, root, run, succeeds};

/// A CBLAS library, so that the dynamically loaded backend is tested for real,
/// and a Vulkan driver that is software, so that GPU kernels run.
const LIBRARIES: &[&str] = &["libopenblas0-pthread", "libvulkan1", "mesa-vulkan-drivers"];

/// Real servers for the meters outside the machine. The tests start them on ports
/// and directories of their own; nothing needs the services these packages bring.
const SERVERS: &[&str] = &[
    "nut-server",
    "snmpd",
    "openipmi",
    "ipmitool",
    "prometheus-node-exporter",
];

/// A real browser for the pages that reports are, and what lets a test drive it.
const BROWSER: &[&str] = &["chromium", "chromium-driver"];

/// Compiler, library and emulator of AArch64 Linux.
const AARCH64: &[&str] = &[
    "gcc-aarch64-linux-gnu",
    "libc6-dev-arm64-cross",
    "qemu-user",
];

/// DuckDB as its makers publish it, and another implementation of RFC 8785, in an
/// environment of Python's own.
const PYTHON: [&str; 2] = ["duckdb==2.0.0", "rfc8785==0.1.4"];

/// Installs the libraries that tests load and the servers that they start; says so
/// where it cannot, and those tests then say that they have none.
pub fn packages() -> anyhow::Result<()> {
    debian(&[LIBRARIES, SERVERS, BROWSER].concat()).map(drop)
}

/// Installs those of `packages` that are missing; false, with the reason
/// printed, where they cannot be had.
fn debian(packages: &[&str]) -> anyhow::Result<bool> {
    if !succeeds(command("dpkg", &["--version"])) {
        eprintln!("skipped: {packages:?} are Debian packages, and this is not Debian");
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
    // No questions. Without an init, as in a container, no daemon starts; with one,
    // snmpd answers this machine alone and nut-server waits for a configuration.
    let apt = |args: &[&str]| {
        let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        match root {
            true => command(quiet[0], &[&quiet[1..], args].concat()),
            false => command("sudo", &[&["-n"], &quiet[..], args].concat()),
        }
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

/// Makes sure that a Python with [`PYTHON`]'s packages is there, below `target/`, and
/// hands out its path; none, with the reason printed, where it cannot be had.
pub fn python() -> Option<String> {
    let dir = root().join("target/python");
    let python = dir.join("bin/python");
    let (dir, python) = (dir.to_str()?, python.to_str()?.to_owned());
    let check = "import sys, importlib.metadata as m
for package in sys.argv[1:]: assert m.version(package.split('==')[0]) == package.split('==')[1]";
    let ready = || succeeds(command(&python, &[&["-c", check], &PYTHON[..]].concat()));
    if ready() {
        return Some(python);
    }
    // Debian's Python makes no environment with pip in it without this package.
    if !succeeds(command("python3", &["-c", "import venv, ensurepip"]))
        && let Err(error) = debian(&["python3-venv"])
    {
        eprintln!("{error:#}");
    }
    for (program, args) in [
        ("python3", vec!["-m", "venv", "--clear", dir]),
        (
            &python,
            [&["-m", "pip", "install", "--quiet"], &PYTHON[..]].concat(),
        ),
    ] {
        if let Err(error) = run(command(program, &args)) {
            eprintln!("skipped: {PYTHON:?} cannot be had: {error:#}");
            return None;
        }
    }
    ready().then_some(python)
}

/// Makes sure that a nightly compiler and a C++ compiler for libFuzzer are there;
/// false, with the reason printed, where one cannot be had.
pub fn fuzz() -> bool {
    if !succeeds(command("c++", &["--version"])) {
        eprintln!("skipped: libFuzzer is built with a C++ compiler, and there is no c++");
        return false;
    }
    let ready = || succeeds(command("cargo", &["+nightly", "--version"]));
    if ready() {
        return true;
    }
    let install = ["toolchain", "install", "nightly", "--profile", "minimal"];
    if let Err(error) = run(command("rustup", &install)) {
        eprintln!("{error:#}");
    }
    if ready() {
        return true;
    }
    eprintln!("skipped: there is no nightly compiler and rustup could not install one");
    false
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
