//! The program and the tools, built together: in separate builds, their common libraries
//! would be compiled several times.

use anyhow::Context;
use perwatt_tools::shell::{command, root, run};

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
            Self::Optimised => run(command(
                "cargo",
                &[
                    "build",
                    "--config",
                    "profile.release.lto=false",
                    "--release",
                    "--locked",
                    "--package",
                    "perwatt",
                    "--package",
                    "perwatt-fleet",
                ],
            )),
            // The whole workspace and its tests: with less, the libraries would have fewer
            // features and be compiled again.
            Self::Tested => {
                let all = ["build", "--workspace", "--locked", "--bins", "--tests"];
                run(command("cargo", &all))
            }
        }
    }

    /// The path of one of them.
    pub fn path(self, name: &str) -> anyhow::Result<String> {
        let dir = match self {
            Self::Optimised => "target/release",
            Self::Tested => "target/debug",
        };
        let path = root().join(dir).join(name);
        let text = path.to_str();
        Ok(text
            .context("the path of the workspace is not UTF-8")?
            .to_owned())
    }
}
