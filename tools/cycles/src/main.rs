//! `cargo cycles`: the cost of a hash in each search kernel, counted in the compiler's
//! output, and the bound that CPUs' ports set.

#![forbid(unsafe_code)]

mod asm;
mod classify;
mod kernels;
mod mca;
mod ports;
mod region;
mod report;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use perwatt_tools::shell::{self, line, output};

use crate::asm::Function;
use crate::classify::Class;
use crate::kernels::{KERNELS, Kernel};
use crate::mca::Mca;

/// The instructions in a step of a kernel.
struct Cost {
    kernel: &'static Kernel,
    /// Instructions of each class in a step.
    counts: BTreeMap<Class, u32>,
    /// llvm-mca's result for each CPU, in cycles per hash.
    mca: Vec<(&'static str, f64)>,
}

impl Cost {
    fn vector_operations(&self) -> u32 {
        let of = self.counts.iter();
        of.filter(|(class, _)| class.is_vector_operation())
            .map(|(_, count)| count)
            .sum()
    }

    fn instructions(&self) -> u32 {
        self.counts.values().sum()
    }
}

/// Counts the instructions of each search kernel in the compiler's output, and prints
/// the bounds that CPUs' ports set.
///
/// It needs no quiet machine, nor the CPU in question.
#[derive(Parser)]
#[command(bin_name = "cargo cycles")]
struct Options {
    /// Fail when a kernel has more vector operations than its budget.
    #[arg(long)]
    check: bool,
    /// Ask this llvm-mca too [default: the newest that is installed, without --check].
    #[arg(long, value_name = "PROGRAM")]
    llvm_mca: Option<String>,
    /// Only kernels whose names begin so [default: all].
    #[arg(value_name = "KERNEL", value_parser = beginning)]
    kernels: Vec<String>,
}

impl Options {
    fn kernels(&self, arch: &str) -> Vec<&'static Kernel> {
        let names = &self.kernels;
        let is_wanted = |kernel: &&Kernel| {
            names.is_empty() || names.iter().any(|name| kernel.name.starts_with(name))
        };
        let kernels = KERNELS.iter().filter(is_wanted);
        kernels.filter(|kernel| kernel.arch == arch).collect()
    }
}

/// Parses the beginning of a kernel's name.
fn beginning(word: &str) -> Result<String, String> {
    if KERNELS.iter().any(|kernel| kernel.name.starts_with(word)) {
        return Ok(word.to_owned());
    }
    let known: Vec<_> = KERNELS.iter().map(|kernel| kernel.name).collect();
    Err(format!(
        "no kernel's name begins so; there are {}",
        known.join(", ")
    ))
}

fn main() -> ExitCode {
    shell::exit_code(cycles(&Options::parse()))
}

/// Counts and prints; with `check`, fails when a kernel is above its budget.
fn cycles(options: &Options) -> anyhow::Result<()> {
    let mca = match &options.llvm_mca {
        Some(program) => Some(Mca::new(program)?),
        None if options.check => None,
        None => mca::PROGRAMS
            .split(' ')
            .find_map(|program| Mca::new(program).ok()),
    };
    let mut costs = Vec::new();
    for arch in ["x86_64", "aarch64"] {
        let kernels = options.kernels(arch);
        if kernels.is_empty() {
            continue;
        }
        let target = &format!("{arch}-unknown-linux-gnu");
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
    let folder = output(line(&format!(
        "rustc --print target-libdir --target {target}"
    )))?;
    Ok(std::path::Path::new(folder.trim()).exists())
}

fn cost(
    kernel: &'static Kernel,
    functions: &[Function],
    mca: Option<&Mca>,
) -> anyhow::Result<Cost> {
    let step = kernel.step(functions).with_context(|| {
        format!(
            "no part of the assembly does what a step of {} must do, so its instructions cannot be counted: after a change of the kernel or the compiler, see whether the loops in `tools/cycles/src/kernels.rs` are still right: {}",
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

    fn read(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["cycles"], arguments].concat())
    }

    #[test]
    fn kernels_are_chosen_by_the_beginning_of_their_names() {
        let count =
            |options: &Options| options.kernels("x86_64").len() + options.kernels("aarch64").len();
        let all = read(&[]).unwrap();
        assert_eq!(count(&all), KERNELS.len());
        let some = read(&["--check", "x86-sha", "neon"]).unwrap();
        assert!(some.check);
        assert_eq!(count(&some), 5);
        let error = read(&["cuda"]).err().unwrap().to_string();
        assert!(error.contains("there are avx512-rolled"), "{error}");
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
