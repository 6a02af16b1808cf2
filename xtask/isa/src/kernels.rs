//! The kernels to compile, and what each one's work is.

use std::fs;
use std::path::Path;

use anyhow::Context;
use perwatt_gpu::sha256d::algorithm::Select;
use perwatt_gpu::sha256d::wgsl::{Kernel as Search, Rotate, Variant, WORKGROUP};

use crate::spirv;

/// How a kernel's instructions are to be set against its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// Straight-line code whose every instruction is run once: counted per hash
    /// of the so many that an invocation makes.
    Hash(u32),
    /// A matrix product: in its inner loop, the share that fused multiplications
    /// and additions, dot products or matrix products have of the instructions.
    Product,
}

/// A kernel.
pub struct Kernel {
    /// What it is chosen by on the command line and named in the table of
    /// budgets.
    pub name: String,
    /// Its text.
    pub wgsl: String,
    /// Invocations of a workgroup.
    pub workgroup: u32,
    /// What it does.
    pub workload: Workload,
}

/// A matrix kernel in a file.
pub fn product(path: &Path) -> anyhow::Result<Kernel> {
    let wgsl =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let workgroup = spirv::workgroup(&wgsl).with_context(|| format!("in {}", path.display()))?;
    let name = path.file_stem().unwrap_or_default();
    Ok(Kernel {
        name: name.to_string_lossy().into_owned(),
        wgsl,
        workgroup,
        workload: Workload::Product,
    })
}

/// Every kernel of perwatt, in the order of the table.
pub fn kernels() -> Vec<Kernel> {
    searches().collect()
}

fn searches() -> impl Iterator<Item = Kernel> {
    let forms = [1, 2, 4, 8].into_iter().flat_map(|midstates| {
        let rotates = [("lit", Rotate::Literal), ("uni", Rotate::Uniform)];
        rotates.map(move |rotate| (midstates, rotate))
    });
    let selects = [("xor", Select::Xor), ("or", Select::Or)];
    forms.flat_map(move |(midstates, (rotate_name, rotate))| {
        selects.map(|(select_name, select)| Kernel {
            name: format!("sha256d-x{midstates}-{rotate_name}-{select_name}"),
            wgsl: Search::new(Variant {
                midstates,
                rotate,
                select,
            })
            .wgsl(),
            workgroup: WORKGROUP,
            workload: Workload::Hash(midstates as u32),
        })
    })
}
