//! The kernels to compile, and what each one's work is.

use perwatt_gpu::sha256d::algorithm::Select;
use perwatt_gpu::sha256d::wgsl::{Kernel as Search, Rotate, Variant, WORKGROUP};

/// How a kernel's instructions are to be set against its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// Straight-line code whose every instruction is run once: counted per hash
    /// of the so many that an invocation makes.
    Hash(u32),
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
