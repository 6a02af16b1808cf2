//! `cargo isa`: the GPU kernels in real instruction sets, compiled by the vendors' own and
//! Mesa's compilers without a GPU.
//!
//! The source of each number:
//! - **AMD** ([`amd`]): naga makes SPIR-V of the shader with the options of wgpu's
//!   Vulkan backend ([`spirv`]), and RADV compiles it for a chip that is not
//!   present. The driver reports registers, spills, workgroup memory and subgroups
//!   through `VK_KHR_pipeline_executable_properties`; instructions are counted in
//!   its disassembly.
//! - **NVIDIA** ([`nvidia`]): naga's Metal text, made CUDA C++, is compiled by
//!   NVRTC. The assembler reports registers, spills and shared memory;
//!   instructions are counted in nvdisasm's text; subgroups follow from the limits
//!   of the architecture.
//! - **Per hash**: a search is straight-line code whose instructions are all run
//!   once, so the program's count divided by its hashes. Also counted is the code
//!   that reports a hit, some 15 instructions which hardly ever run.
//! - **Inner loop** of a matrix product: the shortest loop with most of the
//!   products.
//!
//! The results are exact and do not depend on the machine, so that `--check`
//! compares them with a committed table ([`budgets`]).

mod amd;
mod budgets;
mod cost;
mod kernels;
mod nvidia;
mod options;
mod report;
mod spirv;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use perwatt_tools::shell;

use crate::budgets::Budget;
use crate::cost::Cost;
use crate::kernels::Kernel;
use crate::options::Options;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    shell::exit_code(match &arguments[..] {
        [first, rest @ ..] if first == amd::WORKER => amd::work(rest),
        _ => isa(&Options::parse()),
    })
}

fn isa(options: &Options) -> anyhow::Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "the compilers that this uses are programs and libraries for Linux"
    );
    let all = kernels::kernels()?;
    let known: Vec<String> = all.iter().map(|kernel| kernel.name.clone()).collect();
    let mut kernels: Vec<Kernel> = all
        .into_iter()
        .filter(|kernel| options.wants(&kernel.name))
        .collect();
    for path in &options.products {
        kernels.push(kernels::product(path)?);
    }
    ensure!(
        !kernels.is_empty(),
        "no kernel's name begins with {}; there are {}",
        options.kernels.join(" or "),
        known.join(", ")
    );
    let out = shell::root().canonicalize()?.join("target/isa");
    std::fs::create_dir_all(&out)?;

    let mut measured = Vec::new();
    match amd::costs(&kernels, options.checks(), &out) {
        Ok(costs) => measured.push(costs),
        Err(reason) if options.require_amd => {
            return Err(reason.context("AMD's instruction sets are required"));
        }
        Err(reason) => println!("skipped: AMD: {reason:#}\n"),
    }
    if options.nvidia {
        match nvidia::costs(&kernels, &out) {
            Ok(costs) => measured.push(costs),
            Err(reason) => println!("skipped: NVIDIA: {reason:#}\n"),
        }
    }
    for (compiler, costs) in &measured {
        report::print(compiler, costs);
    }

    let table = budgets::read(budgets::COMMITTED).map_err(anyhow::Error::msg)?;
    if options.write_budgets {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.txt");
        std::fs::write(&path, budgets::write(&table, &measured))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    match options.check {
        true => check(options, &table, &measured),
        false => Ok(()),
    }
}

/// Fails when a kernel is above its budget.
fn check(
    options: &Options,
    table: &[Budget],
    measured: &[(String, Vec<Cost>)],
) -> anyhow::Result<()> {
    let mut over = Vec::new();
    for (compiler, costs) in measured {
        if budgets::are_for(table, compiler) {
            over.extend(budgets::exceeded(table, compiler, costs));
        } else if options.require_amd {
            bail!("there are no budgets for {compiler}");
        } else {
            println!("skipped: the check, since there are no budgets for {compiler}");
        }
    }
    ensure!(over.is_empty(), "{}", over.join("; "));
    Ok(())
}
