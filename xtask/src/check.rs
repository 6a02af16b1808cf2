//! Type checks for other systems than this one, so that the code for them (Metal, DirectX
//! 12, their ways to pin threads) at least compiles.

use perwatt_tools::shell::{line, run};

use crate::setup;

const AARCH64: &str = "aarch64-unknown-linux-gnu";

const TARGETS: [&str; 3] = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin", AARCH64];

pub fn check() -> anyhow::Result<()> {
    for target in TARGETS {
        // Its TLS library contains C code, which needs a compiler for the target even for a
        // check.
        if target == AARCH64 && !setup::aarch64(target)? {
            continue;
        }
        // No effect where the target is installed.
        if let Err(error) = run(line(&format!("rustup target add {target}"))) {
            eprintln!("skipped: Rust's library for {target} cannot be had: {error:#}");
            continue;
        }
        // One call for each target: several in one would share their features.
        run(line(&format!(
            "cargo check --workspace --locked --quiet --target {target}"
        )))?;
    }
    Ok(())
}
