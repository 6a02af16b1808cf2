//! The kernels to compile, and the work of each.

use std::fs;
use std::path::Path;

use anyhow::Context;
use perwatt_gpu::gemv;
use perwatt_gpu::matmul::{Element, Source, Tile};
use perwatt_gpu::sha256d::algorithm::Select;
use perwatt_gpu::sha256d::wgsl::{Kernel as Search, Rotate, Variant, WORKGROUP};
use perwatt_gpu::stream;

use crate::spirv;

/// The work to which a kernel's instructions are related.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// Straight-line code whose every instruction is executed once: counted per hash, with
    /// the number of hashes per invocation.
    Hash(u32),
    /// A matrix product: the fraction of the instructions in its inner loop that are fused
    /// multiplications and additions, dot products or matrix products.
    Product,
    /// A product of a vector with a matrix, bound by memory: the bytes that an instruction
    /// in its inner loop moves.
    Vector,
    /// A pass over memory: the bytes that an instruction of the whole program moves.
    Pass,
}

/// A kernel.
pub struct Kernel {
    /// Its name on the command line and in the table of budgets.
    pub name: String,
    /// Its WGSL text.
    pub wgsl: String,
    /// Invocations of a workgroup.
    pub workgroup: u32,
    /// Its work.
    pub workload: Workload,
    /// The targets that it can be compiled for; `None` for all.
    pub targets: Option<&'static [&'static str]>,
}

impl Kernel {
    /// True where it can be compiled for a target.
    pub fn is_for(&self, target: &str) -> bool {
        self.targets.is_none_or(|targets| targets.contains(&target))
    }
}

/// A matrix kernel from a file.
pub fn product(path: &Path) -> anyhow::Result<Kernel> {
    let wgsl =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    kernel(name.into_owned(), wgsl, Workload::Product)
        .with_context(|| format!("in {}", path.display()))
}

/// A kernel whose text says how large its workgroups are.
fn kernel(name: String, wgsl: String, workload: Workload) -> anyhow::Result<Kernel> {
    Ok(Kernel {
        name,
        workgroup: spirv::workgroup(&wgsl)?,
        wgsl,
        workload,
        targets: None,
    })
}

/// Every kernel of perwatt, in the order of the table.
pub fn kernels() -> anyhow::Result<Vec<Kernel>> {
    searches()
        .map(Ok)
        .chain(products())
        .chain(vectors())
        .chain(passes())
        .collect()
}

/// Products by every tile that hardware runs. The conversion of Metal's text to CUDA does
/// not support cooperative matrices, and of the AMD chips here only one has instructions
/// for them, of 16x16.
fn products() -> impl Iterator<Item = anyhow::Result<Kernel>> {
    Element::ALL.into_iter().flat_map(|element| {
        let tiles = Tile::all(element).into_iter();
        tiles.filter_map(move |tile| {
            let targets: Option<&'static [&'static str]> = match (element, tile.source) {
                (_, Source::Cooperative(16)) => Some(&["navi31"]),
                (_, Source::Cooperative(_)) => return None,
                _ => None,
            };
            // The tiles of software adapters.
            if tile.tn > 8 && targets != Some(&["navi31"]) {
                return None;
            }
            let wgsl = perwatt_gpu::matmul::wgsl(element, &tile, false);
            let name = format!("matmul-{element}-{tile}");
            let kernel = kernel(name, wgsl, Workload::Product);
            let kernel = kernel.map(|kernel| Kernel { targets, ..kernel });
            Some(kernel)
        })
    })
}

/// Products of one token with weights by every split: their inner loops are sums of
/// products, bound by memory at run time.
fn vectors() -> impl Iterator<Item = anyhow::Result<Kernel>> {
    let elements = Element::ALL.into_iter();
    let elements = elements.filter(|element| gemv::available(*element).is_ok());
    elements.flat_map(|element| {
        gemv::Split::ALL.map(|split| {
            let name = format!("gemv-{element}-{split}");
            kernel(name, gemv::wgsl(element, &split), Workload::Vector)
        })
    })
}

/// Passes over memory.
fn passes() -> impl Iterator<Item = anyhow::Result<Kernel>> {
    let passes = stream::Kernel::ALL.into_iter();
    passes.map(|pass| kernel(format!("stream-{pass}"), pass.wgsl(), Workload::Pass))
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
            targets: None,
        })
    })
}
