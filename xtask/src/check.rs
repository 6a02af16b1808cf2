//! Type checks for systems that this one is not, so that what only they have
//! (Metal, DirectX 12, their ways to pin threads) at least compiles.

use crate::shell::{command, run};

const TARGETS: [&str; 3] = [
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
];

pub fn check() -> anyhow::Result<()> {
    for target in TARGETS {
        // Does nothing where the target is installed.
        if let Err(error) = run(command("rustup", &["target", "add", target])) {
            eprintln!("skipped: Rust's library for {target} cannot be had: {error:#}");
            continue;
        }
        run(command(
            "cargo",
            &[
                "check",
                "--workspace",
                "--locked",
                "--quiet",
                "--target",
                target,
            ],
        ))?;
    }
    Ok(())
}
