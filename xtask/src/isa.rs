//! The GPU kernels in the instructions of real GPUs: a program of its own
//! (`xtask/isa`), so that the other commands are built without what it needs.

use crate::shell::{command, run};

/// Runs it; fails as it does.
pub fn isa(arguments: &[String]) -> anyhow::Result<()> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the GPUs' compilers that this uses run on Linux alone");
        return Ok(());
    }
    let mut program = command(
        "cargo",
        &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "perwatt-isa",
            "--bin",
            "perwatt-isa",
            "--",
        ],
    );
    program.args(arguments);
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
