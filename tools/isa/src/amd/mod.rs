//! Compilation for RDNA2 and RDNA3 by Mesa's RADV.
//!
//! The driver provides a device of the family that `RADV_FORCE_FAMILY` names and compiles
//! for it. The driver and the loader read their environment once per process, so each
//! family has a process of its own: this program again, started with [`WORKER`].

pub mod assembly;
mod mesa;
mod vulkan;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use crate::cost::{Cost, Counts};
use crate::kernels::{Kernel, Workload};
use crate::spirv::{self, Checks};

pub use mesa::quietly;

/// The argument of a process that compiles for one family.
pub const WORKER: &str = "--compile-for-amd";

/// Chips, by RADV's names for them: RDNA2 and RDNA3.
pub const FAMILIES: &[&str] = &["navi21", "navi31"];

/// Compiles the kernels for every family; the disassemblies are written to `out`. Returns
/// the compiler's name, with its version, and the costs.
pub fn costs(
    kernels: &[Kernel],
    checks: Checks,
    out: &Path,
) -> anyhow::Result<(String, Vec<Cost>)> {
    let driver = mesa::driver(&out.join("mesa"))?;
    // The compilers run in parallel.
    let mut workers = Vec::new();
    for family in FAMILIES {
        let folder = out.join(family);
        fs::create_dir_all(&folder)?;
        for kernel in kernels {
            fs::write(folder.join(format!("{}.wgsl", kernel.name)), &kernel.wgsl)?;
        }
        let worker = worker(&driver, family, &folder, checks, kernels)
            .spawn()
            .context("cannot start this program again")?;
        workers.push((family, folder, worker));
    }
    let mut version = String::new();
    let mut costs = Vec::new();
    for (family, folder, worker) in workers {
        let output = worker.wait_with_output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            if said.contains("Unknown family") {
                println!("skipped: {family}, which this RADV is too old for\n");
                continue;
            }
            bail!("RADV for {family} failed: {}", said.trim());
        }
        let description = String::from_utf8(output.stdout)?;
        version = mesa_version(&description)
            .with_context(|| format!("{:?} names no Mesa", description.trim()))?;
        for kernel in of_family(kernels, family) {
            costs.push(cost(kernel, family, &folder)?);
        }
    }
    ensure!(!costs.is_empty(), "RADV knows none of {FAMILIES:?}");
    Ok((version, costs))
}

/// The kernels that can be compiled for a family.
fn of_family<'k>(kernels: &'k [Kernel], family: &'k str) -> impl Iterator<Item = &'k Kernel> {
    kernels.iter().filter(move |kernel| kernel.is_for(family))
}

/// Starts the process of a family.
fn worker(
    driver: &mesa::Driver,
    family: &str,
    folder: &Path,
    checks: Checks,
    kernels: &[Kernel],
) -> Command {
    let mut worker = Command::new(std::env::current_exe().unwrap_or_default());
    worker
        .arg(WORKER)
        .arg(folder)
        .arg(match checks {
            Checks::On => "checked",
            Checks::Off => "unchecked",
        })
        .args(of_family(kernels, family).map(|kernel| &kernel.name))
        .env("RADV_FORCE_FAMILY", family)
        .env("MESA_SHADER_CACHE_DISABLE", "true")
        // Loaders read one or the other variable.
        .env("VK_DRIVER_FILES", &driver.icd)
        .env("VK_ICD_FILENAMES", &driver.icd)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(libraries) = &driver.libraries {
        worker.env("LD_LIBRARY_PATH", libraries);
    }
    worker
}

/// The version in a device's description, such as `NAVI21, Mesa 25.0.7-2~bpo12+1`.
fn mesa_version(description: &str) -> Option<String> {
    let (_, after) = description.split_once("Mesa ")?;
    let version: String = after
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    (!version.is_empty()).then(|| format!("Mesa-{version}"))
}

/// The process of a family: compiles the named kernels, whose text is in the folder, and
/// writes the driver's statistics and disassembly of each there.
pub fn work(arguments: &[String]) -> anyhow::Result<()> {
    let [folder, checks, names @ ..] = arguments else {
        bail!("{WORKER} takes a folder, checked or unchecked, and kernels");
    };
    let checks = match &checks[..] {
        "checked" => Checks::On,
        _ => Checks::Off,
    };
    let compiler = vulkan::Compiler::open()?;
    println!("{}", compiler.description);
    for name in names {
        let file = |ending: &str| Path::new(folder).join(format!("{name}.{ending}"));
        let wgsl = fs::read_to_string(file("wgsl"))?;
        let compiled = spirv::spirv(&wgsl, checks)
            .and_then(|spirv| compiler.compile(&spirv))
            .with_context(|| name.clone())?;
        fs::write(file("s"), compiled.assembly)?;
        let lines = compiled.statistics.iter();
        let text: String = lines
            .map(|(name, number)| format!("{name}: {number}\n"))
            .collect();
        fs::write(file("statistics"), text)?;
    }
    Ok(())
}

fn cost(kernel: &Kernel, family: &'static str, folder: &Path) -> anyhow::Result<Cost> {
    let read = |ending: &str| {
        let path = folder.join(format!("{}.{ending}", kernel.name));
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let statistics = read("statistics")?;
    let statistics = numbers(&statistics);
    let number = |name: &str| {
        let number = statistics.get(name).copied();
        number.with_context(|| format!("the driver says no {name:?} of {}", kernel.name))
    };
    let counts = Counts::of(kernel.workload, &assembly::instructions(&read("s")?));
    ensure!(
        counts.total > 0,
        "no instruction was found in the assembly of {}",
        kernel.name
    );
    Ok(Cost {
        kernel: kernel.name.clone(),
        workload: kernel.workload,
        target: family,
        vector: match kernel.workload {
            // The driver's own count (Mesa 25 has one) is more reliable than its
            // disassembler, which can take a load of many scalars for something else.
            Workload::Hash(_) | Workload::Pass => statistics.get("VALU").copied(),
            Workload::Product | Workload::Vector => None,
        }
        .unwrap_or(counts.vector()),
        counts,
        registers: number("VGPRs")?,
        spills: number("Spilled SGPRs")? + number("Spilled VGPRs")?,
        shared_bytes: number("LDS size")?,
        waves: number("Subgroups per SIMD")?,
    })
}

fn numbers(text: &str) -> BTreeMap<&str, u32> {
    text.lines()
        .filter_map(|line| {
            let (name, number) = line.split_once(": ")?;
            Some((name, number.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_what_budgets_are_for() {
        let version = mesa_version("Null hardware (RADV NAVI21), Mesa 25.0.7-2~bpo12+1\n");
        assert_eq!(version.as_deref(), Some("Mesa-25.0.7"));
        assert_eq!(mesa_version("llvmpipe, something else"), None);
    }

    #[test]
    fn statistics_that_fit_are_read() {
        // The hash of a pipeline has 64 bits and is not a statistic.
        let read = numbers("VGPRs: 32\nDriver pipeline hash: 14127099941216730858\nLDS size: 0\n");
        assert_eq!(read, BTreeMap::from([("VGPRs", 32), ("LDS size", 0)]));
    }
}
