//! Builds the program and runs it on this machine's GPUs.

use anyhow::ensure;
use perwatt_tools::shell::{line, root, run};

/// Runs `perwatt gpu-acceptance` with `arguments`. Where the program cannot be built,
/// because there is no network or compiler, one that was built elsewhere can be used.
pub fn acceptance(arguments: &[String]) -> anyhow::Result<()> {
    let program = root().join("target/release/perwatt");
    let built = run(line("cargo build --release --locked -p perwatt"));
    if let Err(error) = built {
        ensure!(
            program.exists(),
            "{error:#}; to go on without building, copy a built perwatt to target/release/perwatt"
        );
        eprintln!("the program that is already in target/release is taken: {error:#}");
    }
    let mut accept = std::process::Command::new(program);
    accept
        .arg("gpu-acceptance")
        .args(arguments)
        .current_dir(root());
    run(accept)
}
