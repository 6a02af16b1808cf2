//! The program and the tools, built together: in separate builds, their common libraries
//! would be compiled several times.

use perwatt_tools::shell::{line, root, run, text};

/// The build profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// As users build it, but without link-time optimisation: that takes minutes, and the
    /// kernels, each in a crate of its own, do not gain from it.
    Optimised,
    /// As the tests have already built it. The kernels are optimised in this profile too,
    /// so that it does its work, and only the code around them is slower.
    Tested,
}

impl Program {
    /// Builds them.
    pub fn build(self) -> anyhow::Result<()> {
        match self {
            Self::Optimised => run(line(
                "cargo build --config profile.release.lto=false --release --locked -p perwatt -p perwatt-fleet",
            )),
            // The whole workspace and its tests: with less, the libraries would have fewer
            // features and be compiled again.
            Self::Tested => run(line("cargo build --workspace --locked --bins --tests")),
        }
    }

    /// The path of one of them.
    pub fn path(self, name: &str) -> anyhow::Result<String> {
        let dir = match self {
            Self::Optimised => "target/release",
            Self::Tested => "target/debug",
        };
        Ok(text(&root().join(dir).join(name))?.to_owned())
    }
}
