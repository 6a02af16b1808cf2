//! Type checks for other systems than this one, so that the code for them (Metal, DirectX
//! 12, their ways to pin threads) at least compiles.

use perwatt_tools::shell::{line, run};

use crate::setup;

const AARCH64: &str = "aarch64-unknown-linux-gnu";

/// The systems whose code no other check compiles.
pub const OTHERS: [&str; 2] = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"];
/// The same, and Linux on AArch64, whose code is that of the two and of Linux here.
pub const ALL: [&str; 3] = [OTHERS[0], OTHERS[1], AARCH64];

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
