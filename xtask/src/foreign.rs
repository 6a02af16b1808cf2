//! The pool of `perwatt-stratum` against a client that nobody here wrote.

use perwatt_tools::shell::{line, run};

/// Builds the client, which is a workspace of its own, and has it mine.
pub fn foreign() -> anyhow::Result<()> {
    run(line(
        "cargo test --locked --manifest-path crates/stratum/foreign/Cargo.toml --target-dir target/foreign",
    ))
}
