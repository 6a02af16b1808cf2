//! Requirements of the tests beyond Rust, installed where they are missing and installation
//! is possible.

use anyhow::Context;
use perwatt_tools::shell::{command, line, root, run, succeeds, text};

/// A CBLAS library, so that the tests can load a real one, and a software Vulkan driver, so
/// that GPU kernels run.
const LIBRARIES: &str = "libopenblas0-pthread libvulkan1 mesa-vulkan-drivers";

/// Real servers for the meters outside the machine. The tests start them on ports and in
/// directories of their own; the services of these packages are not needed.
const SERVERS: &str = "nut-server snmpd openipmi ipmitool prometheus-node-exporter";

/// A real browser for the HTML reports, and the driver that lets a test control it.
const BROWSER: &str = "chromium chromium-driver";

/// Compiler, C library and emulator for AArch64 Linux.
const AARCH64: &str = "gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user";

/// DuckDB as its makers publish it, and another implementation of RFC 8785, in a virtual
/// environment of Python.
const PYTHON: [&str; 2] = ["duckdb==2.0.0", "rfc8785==0.1.4"];

/// oneDNN as Intel publishes it for x86-64: Debian 12 has no version 3. The wheel is
/// unpacked and not installed, and only for the tests of `perwatt-matmul`.
const ONEDNN: &str = "onednn-cpu-gomp==2023.2.0 \
    --hash=sha256:2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb";
const ONEDNN_FILE: &str = "libdnnl.so.3";

/// axe-core as Deque publishes it: rules of accessible pages, which the tests apply to the
/// HTML reports in the browser. No page contains it.
const AXE: &str = "https://registry.npmjs.org/axe-core/-/axe-core-4.14.1.tgz";
const AXE_SHA256: &str = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745";
const AXE_FILE: &str = "package/axe.min.js";

/// Installs the libraries that tests load and the servers that they start; prints the
/// reason where it cannot. Those tests then print that they are skipped.
pub fn packages() -> anyhow::Result<()> {
    debian(&[LIBRARIES, SERVERS, BROWSER].join(" "))?;
    onednn();
    axe();
    Ok(())
}

/// Ensures that axe-core is below `target/`; prints the reason where that is impossible.
fn axe() {
    let dir = root().join("target/axe");
    if dir.join(AXE_FILE).exists() {
        return;
    }
    let fetched = || -> anyhow::Result<()> {
        std::fs::create_dir_all(&dir)?;
        let (archive, sums) = (dir.join("axe.tgz"), dir.join("axe.sha256"));
        std::fs::write(&sums, format!("{AXE_SHA256}  {}\n", text(&archive)?))?;
        run(command("curl", &["-fsSL", AXE, "-o", text(&archive)?]))?;
        run(command("sha256sum", &["--check", "--quiet", text(&sums)?]))?;
        let unpack = ["-xzf", text(&archive)?, "-C", text(&dir)?, AXE_FILE];
        run(command("tar", &unpack))
    };
    if let Err(error) = fetched() {
        eprintln!("skipped: axe-core cannot be had: {error:#}");
    }
}

/// Ensures that oneDNN is below `target/`; prints the reason where that is impossible.
fn onednn() {
    let dir = root().join("target/onednn");
    if dir.join(ONEDNN_FILE).exists() || !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return;
    }
    let unpack = "import sys, glob, zipfile
[wheel] = glob.glob(sys.argv[1] + '/*.whl')
with zipfile.ZipFile(wheel) as files:
    [name] = [name for name in files.namelist() if name.endswith('/lib/' + sys.argv[2])]
    with open(sys.argv[1] + '/' + sys.argv[2], 'wb') as file: file.write(files.read(name))
";
    let fetched = || -> anyhow::Result<()> {
        let python = python().context("it needs pip")?;
        std::fs::create_dir_all(&dir)?;
        let wanted = dir.join("requirements.txt");
        std::fs::write(&wanted, ONEDNN)?;
        let pip = "-m pip download --quiet --no-deps --only-binary=:all: --require-hashes";
        let pip: Vec<&str> = pip.split(' ').collect();
        let places = ["-r", text(&wanted)?, "-d", text(&dir)?];
        run(command(&python, &[&pip[..], &places].concat()))?;
        run(command(&python, &["-c", unpack, text(&dir)?, ONEDNN_FILE]))
    };
    if let Err(error) = fetched() {
        eprintln!("skipped: {ONEDNN_FILE} cannot be had: {error:#}");
    }
}

/// Installs those of `packages` that are missing; false, with the reason printed, where
/// that is impossible.
fn debian(packages: &str) -> anyhow::Result<bool> {
    if !succeeds(command("dpkg", &["--version"])) {
        eprintln!("skipped: {packages} are Debian packages, and this is not Debian");
        return Ok(false);
    }
    let packages = packages.split(' ');
    let is_missing = |package: &&str| !succeeds(command("dpkg", &["-s", package]));
    let missing: Vec<&str> = packages.filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(true);
    }
    let root = succeeds(command("sh", &["-c", "test \"$(id -u)\" = 0"]));
    let sudo = succeeds(command("sudo", &["-n", "true"]));
    if !root && !sudo {
        eprintln!("skipped: {missing:?} are not installed and this user may not install them");
        return Ok(false);
    }
    // Without questions. Without an init system, as in a container, no daemon starts; with
    // one, snmpd answers only this machine and nut-server waits for a configuration.
    let apt = |args: &[&str]| {
        let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        match root {
            true => command(quiet[0], &[&quiet[1..], args].concat()),
            false => command("sudo", &[&["-n"], &quiet[..], args].concat()),
        }
    };
    run(apt(&["update", "-q"]))?;
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    run(apt(&[&install, &missing[..]].concat()))?;
    Ok(true)
}

/// Ensures that programs for AArch64 Linux can be built and run; false, with the reason
/// printed, where they cannot.
pub fn aarch64(target: &str) -> anyhow::Result<bool> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the emulator of AArch64 Linux programs runs on Linux alone");
        return Ok(false);
    }
    let tools = ["aarch64-linux-gnu-gcc", "qemu-aarch64"];
    let mut tools = tools.iter();
    let there = tools.all(|tool| succeeds(command(tool, &["--version"])));
    if !there && !debian(AARCH64)? {
        return Ok(false);
    }
    // No effect where the target is installed.
    if let Err(error) = run(line(&format!("rustup target add {target}"))) {
        eprintln!("skipped: Rust's library for {target} cannot be had: {error:#}");
        return Ok(false);
    }
    Ok(true)
}

/// Ensures that a Python with [`PYTHON`]'s packages is below `target/`, and returns its
/// path; `None`, with the reason printed, where that is impossible.
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
    // Without this package, Debian's Python cannot create an environment that contains pip.
    if !succeeds(command("python3", &["-c", "import venv, ensurepip"]))
        && let Err(error) = debian("python3-venv")
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

/// Ensures that a nightly compiler and a C++ compiler for libFuzzer are installed; false,
/// with the reason printed, where that is impossible.
pub fn fuzz() -> bool {
    if !succeeds(line("c++ --version")) {
        eprintln!("skipped: libFuzzer is built with a C++ compiler, and there is no c++");
        return false;
    }
    let lacks = "there is no nightly compiler and rustup could not install one";
    is_ready("cargo +nightly --version", &[NIGHTLY], lacks)
}

/// Ensures that nightly Miri is installed; false, with the reason printed, where that is
/// impossible.
pub fn miri() -> bool {
    let component = "rustup component add miri rust-src --toolchain nightly";
    let lacks = "Miri is not installed and rustup could not install it";
    is_ready(
        "cargo +nightly miri --version",
        &[NIGHTLY, component],
        lacks,
    )
}

const NIGHTLY: &str = "rustup toolchain install nightly --profile minimal";

/// True if `check` succeeds, if need be after `installs`; where it does not, `lacks` is
/// printed.
fn is_ready(check: &str, installs: &[&str], lacks: &str) -> bool {
    if succeeds(line(check)) {
        return true;
    }
    for install in installs {
        if let Err(error) = run(line(install)) {
            eprintln!("{error:#}");
        }
    }
    let is_ready = succeeds(line(check));
    if !is_ready {
        eprintln!("skipped: {lacks}");
    }
    is_ready
}
