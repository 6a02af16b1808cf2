//! Passes the source revision, the compiler and the options of the build to the program.

#![allow(
    clippy::disallowed_macros,
    reason = "this is how a build script tells cargo"
)]

use std::path::Path;
use std::process::Command;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(args)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo:rustc-env=PERWATT_GIT_COMMIT={commit}");
        // Archived results are not source: a session must not mark the build that measured
        // it as dirty.
        let status = git(&["status", "--porcelain", "--", ".", ":!results"]);
        let dirty = status.is_none_or(|text| !text.is_empty());
        println!("cargo:rustc-env=PERWATT_GIT_DIRTY={dirty}");
    }
    if let Some(directory) = git(&["rev-parse", "--absolute-git-dir"]) {
        for name in ["HEAD", "index", "logs/HEAD"] {
            let path = Path::new(&directory).join(name);
            if path.exists() {
                println!("cargo:rerun-if-changed={}", path.display());
            }
        }
    }
    for name in ["Cargo.toml", "Cargo.lock", "crates", "shaders"] {
        println!("cargo:rerun-if-changed={}", root.join(name).display());
    }

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("-V")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".into(), |text| text.trim().to_owned());
    println!("cargo:rustc-env=PERWATT_RUSTC={version}");

    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo:rustc-env=PERWATT_TARGET={}", variable("TARGET"));
    println!(
        "cargo:rustc-env=PERWATT_PROFILE={} (opt-level {})",
        variable("PROFILE"),
        variable("OPT_LEVEL")
    );
    let flags = variable("CARGO_ENCODED_RUSTFLAGS").replace('\u{1f}', " ");
    println!("cargo:rustc-env=PERWATT_RUSTFLAGS={flags}");
    println!(
        "cargo:rustc-env=PERWATT_TARGET_FEATURES={}",
        variable("CARGO_CFG_TARGET_FEATURE")
    );
}
