//! The optimised program, and what makes archives for it to read, built together:
//! apart, each would have their common libraries built anew.

use anyhow::Context;

use crate::shell::{command, root, run};

/// Builds both, without link-time optimisation: it takes minutes and the kernels,
/// each in a crate of its own, gain nothing by it.
pub fn build() -> anyhow::Result<()> {
    let arguments = [
        "build",
        "--config",
        "profile.release.lto=false",
        "--release",
        "--locked",
        "--package",
        "perwatt",
        "--package",
        "perwatt-fleet",
    ];
    run(command("cargo", &arguments))
}

/// The path of one of them.
pub fn path(name: &str) -> anyhow::Result<String> {
    let path = root().join("target/release").join(name);
    let text = path.to_str();
    Ok(text
        .context("the path of the workspace is not UTF-8")?
        .to_owned())
}
