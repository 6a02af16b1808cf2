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

pub const USAGE: &str = "\
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

/// What to count.
pub struct Options {
    check: bool,
    /// The llvm-mca asked for; `None`: whichever is installed.
    llvm_mca: Option<String>,
    kernels: Vec<&'static Kernel>,
}

impl Options {
    /// Reads the command line. `None` when help is asked for.
    pub fn read(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut check = false;
        let mut llvm_mca = None;
        let mut wanted = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match &argument[..] {
                "--check" => check = true,
                "--llvm-mca" => {
                    let program = arguments.next().ok_or("--llvm-mca needs a program")?;
                    llvm_mca = Some(program.clone());
                }
                "--help" | "-h" => return Ok(None),
                option if option.starts_with('-') => return Err(format!("no option {option:?}")),
                kernel => wanted.push(kernel),
            }
        }
        let is_wanted = |kernel: &&Kernel| {
            wanted.is_empty() || wanted.iter().any(|name| kernel.name.starts_with(name))
        };
        let kernels: Vec<&Kernel> = KERNELS.iter().filter(is_wanted).collect();
        if kernels.is_empty() {
            let known: Vec<_> = KERNELS.iter().map(|kernel| kernel.name).collect();
            return Err(format!(
                "no kernel's name begins with {}; there are {}",
                wanted.join(" or "),
                known.join(", ")
            ));
        }
        Ok(Some(Self {
            check,
            llvm_mca,
            kernels,
        }))
    }
}

/// Counts and prints; with `check`, fails when a kernel is over its budget.
pub fn cycles(options: &Options) -> anyhow::Result<()> {
    let mca = match &options.llvm_mca {
        Some(program) => Some(Mca::new(program)?),
        None if options.check => None,
        None => mca::PROGRAMS
            .iter()
            .find_map(|program| Mca::new(program).ok()),
    };
    let mut costs = Vec::new();
    for arch in ["x86_64", "aarch64"] {
        let kernels = options.kernels.iter().filter(|kernel| kernel.arch == arch);
        if kernels.clone().next().is_none() {
            continue;
        }
        let target = match arch {
            "aarch64" => "aarch64-unknown-linux-gnu",
            _ => "x86_64-unknown-linux-gnu",
        };
        if !has_target(target)? {
            eprintln!(
                "skipped: the kernels for {arch}, since Rust's library for it is not installed: rustup target add {target}"
            );
            continue;
        }
        let functions = asm::functions(target)?;
        for kernel in kernels {
            costs.push(cost(kernel, &functions, mca.as_ref())?);
        }
    }
    report::print(&costs, mca.as_ref());
    if options.check {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Options>, String> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Options::read(&arguments)
    }

    #[test]
    fn kernels_are_chosen_by_the_beginning_of_their_names() {
        let all = read(&[]).unwrap().unwrap();
        assert_eq!(all.kernels.len(), KERNELS.len());
        assert!(!all.check && all.llvm_mca.is_none());
        let some = read(&["--check", "x86-sha", "neon"]).unwrap().unwrap();
        assert!(some.check);
        assert_eq!(some.kernels.len(), 5);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (arguments, says) in [
            (&["--frob"][..], "--frob"),
            (&["--llvm-mca"], "needs a program"),
            (&["cuda"], "there are avx512-rolled"),
        ] {
            let error = read(arguments).err().unwrap();
            assert!(error.contains(says), "{error}");
        }
        assert!(read(&["-h"]).unwrap().is_none());
    }

    #[test]
    fn a_kernel_over_its_budget_is_named() {
        let kernel = KERNELS
            .iter()
            .find(|kernel| kernel.name == "avx512")
            .unwrap();
        let cost = |operations| Cost {
            kernel,
            counts: BTreeMap::from([(Class::Add, operations), (Class::Load, 9999)]),
            mca: Vec::new(),
        };
        assert!(within_budgets(&[cost(2900)]).is_ok());
        let error = within_budgets(&[cost(2901)]).unwrap_err().to_string();
        assert!(error.contains("avx512 has 2901"), "{error}");
    }
}
