//! Type checks for other systems than this one, so that the code for them (Metal, DirectX
//! 12, their ways to pin threads) at least compiles.

use perwatt_tools::shell::{line, run};

use crate::setup;

const AARCH64: &str = "aarch64-unknown-linux-gnu";

/// The system that differs most from this one; all that there is time for among other checks.
pub const MOST_DIFFERENT: [&str; 1] = ["x86_64-pc-windows-msvc"];
/// All systems.
pub const ALL: [&str; 3] = [MOST_DIFFERENT[0], "aarch64-apple-darwin", AARCH64];

pub fn check(targets: &[&str]) -> anyhow::Result<()> {
    for &target in targets {
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
