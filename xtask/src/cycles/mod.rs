//! `cargo xtask cycles`: what a hash costs in each kernel, counted in the
//! compiler's output, and the bound that CPUs' ports set. It needs no quiet
//! machine, nor the CPU in question.

mod asm;
mod classify;
mod kernels;
mod mca;
mod ports;
mod region;
mod report;

use std::collections::BTreeMap;

use anyhow::{Context, bail};

use self::asm::Function;
use self::classify::Class;
use self::kernels::{KERNELS, Kernel};
use self::mca::Mca;
use crate::shell::{command, output};

const AARCH64: &str = "aarch64-unknown-linux-gnu";

const USAGE: &str = "\
cargo xtask cycles [--check] [--llvm-mca PROGRAM] [KERNEL...]

  --check             fail when a kernel has more vector operations than its budget
  --llvm-mca PROGRAM  ask this llvm-mca too (`llvm-mca` where it is installed)
  KERNEL              only those whose name begins so";

/// What a step of a kernel consists of.
pub struct Cost {
    pub kernel: &'static Kernel,
    /// Instructions of each class in a step.
    pub counts: BTreeMap<Class, u32>,
    /// What llvm-mca says, by CPU, in cycles a hash.
    pub mca: Vec<(&'static str, f64)>,
}

impl Cost {
    pub fn vector_operations(&self) -> u32 {
        let of = self.counts.iter();
        of.filter(|(class, _)| class.is_vector_operation())
            .map(|(_, count)| count)
            .sum()
    }

    pub fn instructions(&self) -> u32 {
        self.counts.values().sum()
    }
}

pub fn cycles(args: &[String]) -> anyhow::Result<()> {
    let mut check = false;
    let mut mca = None;
    let mut wanted = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match &arg[..] {
            "--check" => check = true,
            "--llvm-mca" => {
                let program = args.next().context("--llvm-mca needs a program")?;
                mca = Some(Mca::new(program)?);
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            option if option.starts_with('-') => bail!("no option {option:?}\n\n{USAGE}"),
            kernel => wanted.push(kernel),
        }
    }
    if mca.is_none() && !check {
        mca = mca::PROGRAMS
            .iter()
            .find_map(|program| Mca::new(program).ok());
    }
    let chosen: Vec<&Kernel> = KERNELS
        .iter()
        .filter(|kernel| wanted.is_empty() || wanted.iter().any(|w| kernel.name.starts_with(w)))
        .collect();
    if chosen.is_empty() {
        let known: Vec<_> = KERNELS.iter().map(|kernel| kernel.name).collect();
        bail!(
            "no kernel {}; there are {}",
            wanted.join(", "),
            known.join(", ")
        );
    }

    let mut costs = Vec::new();
    for arch in ["x86_64", "aarch64"] {
        let kernels = chosen.iter().filter(|kernel| kernel.arch == arch);
        if kernels.clone().next().is_none() {
            continue;
        }
        let target = match (arch, std::env::consts::ARCH) {
            (arch, here) if arch == here => None,
            ("aarch64", _) if has_target(AARCH64)? => Some(AARCH64),
            _ => {
                eprintln!(
                    "skipped: the kernels for {arch}, since Rust's library for it is not installed{}",
                    match arch {
                        "aarch64" => ": rustup target add aarch64-unknown-linux-gnu",
                        _ => "",
                    }
                );
                continue;
            }
        };
        let functions = asm::functions(target)?;
        for kernel in kernels {
            costs.push(cost(kernel, &functions, mca.as_ref())?);
        }
    }
    report::print(&costs, mca.as_ref());
    if check {
        within_budgets(&costs)?;
    }
    Ok(())
}

fn has_target(target: &str) -> anyhow::Result<bool> {
    let folder = output(command(
        "rustc",
        &["--print", "target-libdir", "--target", target],
    ))?;
    Ok(std::path::Path::new(folder.trim()).exists())
}

fn cost(
    kernel: &'static Kernel,
    functions: &[Function],
    mca: Option<&Mca>,
) -> anyhow::Result<Cost> {
    let step = kernel.step(functions).with_context(|| {
        format!(
            "no part of the assembly does what a step of {} must do, so its instructions cannot be counted: after a change of the kernel or the compiler, see whether the loops in `xtask/src/cycles/kernels.rs` are still right: {}",
            kernel.name,
            kernel.candidates(functions)
        )
    })?;
    let mut counts = BTreeMap::new();
    for (instruction, weight) in &step {
        *counts.entry(kernel.class(instruction)).or_default() += weight;
    }
    let mca = match mca {
        Some(mca) if step.iter().all(|(_, weight)| *weight == 1) => mca.cycles(kernel, &step)?,
        _ => Vec::new(),
    };
    Ok(Cost {
        kernel,
        counts,
        mca,
    })
}

fn within_budgets(costs: &[Cost]) -> anyhow::Result<()> {
    let over: Vec<String> = costs
        .iter()
        .filter_map(|cost| {
            let budget = cost.kernel.budget?;
            let has = cost.vector_operations();
            (has > budget).then(|| {
                format!(
                    "{} has {has} vector operations a step and may have {budget}",
                    cost.kernel.name
                )
            })
        })
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    bail!("{}", over.join("; "))
}
