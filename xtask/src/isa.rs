//! The GPU kernels in the instructions of real GPUs: a program of its own
//! (`xtask/isa`), so that the other commands are built without what it needs.

use crate::shell::{command, root, run};

/// Runs it; fails as it does.
pub fn isa(arguments: &[String]) -> anyhow::Result<()> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the GPUs' compilers that this uses run on Linux alone");
        return Ok(());
    }
    // Of the workspace: the features of libraries are then those of the tests, and
    // nothing is built again.
    let build = [
        "build",
        "--quiet",
        "--locked",
        "--workspace",
        "--bin",
        "perwatt-isa",
    ];
    run(command("cargo", &build))?;
    let program = root().join("target/debug/perwatt-isa");
    let mut program = std::process::Command::new(program);
    program.args(arguments).current_dir(root());
    run(program)
}

/// What CI demands: AMD's kernels within their budgets. `--require-amd` where it
/// must be able to tell, which the environment says by `CI`.
pub fn check() -> anyhow::Result<()> {
    let strict = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let mut arguments = vec!["--check".to_owned()];
    if strict {
        arguments.push("--require-amd".to_owned());
    }
    isa(&arguments)
}
