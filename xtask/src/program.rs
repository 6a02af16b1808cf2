//! The program and the tools, built together: apart, each would have their common
//! libraries built anew.

use anyhow::Context;
use perwatt_tools::shell::{command, root, run};

/// The way they are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// As its users build it, but without link-time optimisation: that takes minutes,
    /// and the kernels, each in a crate of its own, gain nothing by it.
    Optimised,
    /// As the tests have built it already. The kernels are optimised all the same, so
    /// that it does its work, only slower around them.
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
            // The whole workspace: with fewer packages libraries would lose features
            // and be built again.
            Self::Tested => run(command("cargo", &["build", "--workspace", "--locked"])),
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
