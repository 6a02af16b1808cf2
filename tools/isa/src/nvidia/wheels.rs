//! NVIDIA's compiler and disassembler from its wheels on PyPI. They are proprietary, so
//! they are downloaded and never part of perwatt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::amd::quietly;

/// The version of both, for which the budgets were made.
pub const VERSION: &str = "13.5.37";
const PACKAGES: &[&str] = &["nvidia-cuda-nvrtc", "nvidia-cuda-nvdisasm"];

/// The paths of the tools.
#[derive(Debug)]
pub struct Tools {
    /// The folder with NVRTC's libraries.
    pub libraries: PathBuf,
    pub nvdisasm: PathBuf,
}

/// The tools, downloaded to `folder` where they are missing.
pub fn tools(folder: &Path) -> anyhow::Result<Tools> {
    let root = folder.join(VERSION).join("nvidia/cu13");
    let tools = Tools {
        libraries: root.join("lib"),
        nvdisasm: root.join("bin/nvdisasm"),
    };
    if !tools.nvdisasm.exists() || !tools.libraries.exists() {
        fetch(folder).context("NVIDIA's wheels could not be fetched")?;
        ensure!(
            tools.nvdisasm.exists() && tools.libraries.exists(),
            "NVIDIA's wheels are laid out in another way than they were"
        );
    }
    Ok(tools)
}

fn fetch(folder: &Path) -> anyhow::Result<()> {
    let wheels = folder.join("wheels");
    fs::create_dir_all(&wheels)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(&wheels)
        .args(
            PACKAGES
                .iter()
                .map(|package| format!("{package}=={VERSION}")),
        );
    quietly(pip)?;
    // Unpacked elsewhere first, so that a folder with the version's name is complete.
    let partial = folder.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    for wheel in fs::read_dir(&wheels)? {
        let mut unpack = Command::new("python3");
        unpack
            .args(["-m", "zipfile", "-e"])
            .arg(wheel?.path())
            .arg(&partial);
        quietly(unpack)?;
    }
    make_executable(&partial.join("nvidia/cu13/bin/nvdisasm"))?;
    fs::rename(&partial, folder.join(VERSION))?;
    Ok(())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", path.display()))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
