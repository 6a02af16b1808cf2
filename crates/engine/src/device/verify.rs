//! The worker's side: a check that every form of every kernel computes the right result on
//! one GPU.

use std::ops::ControlFlow;
use std::time::Duration;

use perwatt_gpu::device::Device;
use perwatt_gpu::gemv::{Gemv, splits};
use perwatt_gpu::matmul::{Element, Inputs, Output, Product, variants};
use perwatt_gpu::sha256d::search::{Range, Searcher};
use perwatt_gpu::sha256d::wgsl::Variant;
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_gpu::{Banded, GpuError};
use perwatt_matmul::Shape;
use perwatt_record::schema::{Gpu, GpuKind};
use perwatt_record::work::Work;
use perwatt_sha256d::{Backend, Header, JobGroup, Target};

use super::adapter::open;
use crate::worker::{CheckOutcome, Checked, RunError};

/// Longest time for one form, including its compilation by the driver.
const LIMIT: Duration = Duration::from_secs(50);
/// The number of Freivalds vectors.
const ROUNDS: u32 = 10;
const SEED: u64 = 7;
/// A shape that is not a multiple of any block's side.
const ODD: Shape = Shape {
    m: 67,
    n: 131,
    k: 259,
};
/// The same with many blocks; software adapters would take minutes.
const LARGE: Shape = Shape {
    m: 511,
    n: 3585,
    k: 1023,
};

/// Block 125552, whose nonce is late in the range.
const BLOCK: &str = "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695";

/// Checks all forms and reports each result.
pub(crate) fn verify(
    gpu: &Gpu,
    tell: &mut dyn FnMut(Checked) -> std::io::Result<()>,
) -> Result<(), RunError> {
    let (_, device) = open(gpu)?;
    let mut say = |what: String, result: Result<(), CheckOutcome>| {
        let outcome = result.err().unwrap_or(CheckOutcome::Right);
        tell(Checked { what, outcome }).map_err(RunError::Pipe)
    };
    for variant in Variant::all() {
        say(
            format!("{} {}", Work::Sha256d.name(), variant.name()),
            search(&device, variant),
        )?;
    }
    let shapes = match gpu.kind {
        GpuKind::Software => vec![ODD],
        _ => vec![ODD, LARGE],
    };
    for element in Element::ALL {
        if let Err(lacks) = element.available(&device) {
            say(
                format!("matmul {element}"),
                Err(CheckOutcome::Lacking(lacks)),
            )?;
        }
        for tile in variants(&device, element) {
            let run = |shape: &Shape| {
                products(&device, element, *shape, &|inputs, checked| {
                    let product = Product::new(&device, element, tile, inputs, checked)?;
                    Ok(Box::new(product) as Box<dyn Readable>)
                })
            };
            say(
                format!("matmul {element} {tile}"),
                shapes.iter().try_for_each(run),
            )?;
        }
        for split in splits(&device, element) {
            let shape = Shape { m: 1, ..LARGE };
            let result = products(&device, element, shape, &|inputs, checked| {
                let gemv = Gemv::new(&device, element, split, inputs, checked)?;
                Ok(Box::new(gemv) as Box<dyn Readable>)
            });
            say(format!("gemv {element} {split}"), result)?;
        }
    }
    for kernel in Kernel::ALL {
        say(format!("stream {kernel}"), stream(&device, kernel))?;
    }
    Ok(())
}

fn wrong(error: impl std::fmt::Display) -> CheckOutcome {
    CheckOutcome::Wrong(error.to_string())
}

fn failed(error: GpuError) -> CheckOutcome {
    match error {
        GpuError::Unsupported { .. } => CheckOutcome::Lacking(error.to_string()),
        error => wrong(error),
    }
}

/// Compares the hits with the CPU's, and finds a real block's nonce.
fn search(device: &Device, variant: Variant) -> Result<(), CheckOutcome> {
    let searcher = Searcher::new(device, variant).map_err(failed)?;
    let block = Header::from_hex(BLOCK).map_err(wrong)?;
    let versions: Vec<u32> = (0..variant.midstates as u32)
        .rev()
        .map(|i| block.version ^ (i << 13))
        .collect();
    let nonces = 1 << 18;
    for (target, first) in [
        (block.target().map_err(wrong)?, block.nonce - 77_777),
        (Target::from_leading_zero_bits(14), 0x1234_5678),
    ] {
        let Some(group) = JobGroup::new(&block, target, &versions) else {
            return Err(wrong("no version to search"));
        };
        let range = Range {
            group: &group,
            first,
            nonces,
            mask: group.jobs()[0].mask(),
        };
        let found = searcher.dispatch(range, LIMIT).map_err(failed)?;
        let mut got: Vec<(usize, u32)> = found
            .candidates
            .into_iter()
            .filter(|(job, nonce)| target.is_met_by(&group.jobs()[*job].hash(*nonce)))
            .collect();
        let mut expected = Vec::new();
        Backend::detect().scan_rolled(&group, first, first + (nonces - 1), &mut |job, hit| {
            expected.push((job, hit.nonce));
            ControlFlow::Continue(())
        });
        got.sort_unstable();
        expected.sort_unstable();
        // With eight versions there may be more hits than a dispatch can list.
        let listed = found.count as usize <= perwatt_gpu::sha256d::wgsl::HITS as usize;
        if (listed && got != expected) || !got.iter().all(|hit| expected.contains(hit)) {
            return Err(wrong(format!(
                "of {} hits from nonce {first} on, {} were found",
                expected.len(),
                got.len()
            )));
        }
    }
    Ok(())
}

/// A product whose result can be read.
trait Readable: Banded {
    fn result(&self) -> Result<Output, GpuError>;
}

impl Readable for Product<'_> {
    fn result(&self) -> Result<Output, GpuError> {
        self.read(LIMIT)
    }
}

impl Readable for Gemv<'_> {
    fn result(&self) -> Result<Output, GpuError> {
        self.read(LIMIT)
    }
}

type Compiled<'a> = Result<Box<dyn Readable + 'a>, GpuError>;

/// Checks products by Freivalds' test, with run-time checks and without.
fn products<'a>(
    device: &'a Device,
    element: Element,
    shape: Shape,
    compile: &dyn Fn(&Inputs, bool) -> Compiled<'a>,
) -> Result<(), CheckOutcome> {
    let inputs = Inputs::generate(element, shape, SEED).map_err(wrong)?;
    for checked in [true, false] {
        let product = compile(&inputs, checked).map_err(failed)?;
        let bands = product.bands().div_ceil(3);
        perwatt_gpu::run(device, product.as_ref(), bands, LIMIT).map_err(failed)?;
        let output = product.result().map_err(failed)?;
        inputs
            .verify(element, &output, ROUNDS, SEED)
            .map_err(|mismatch| {
                let with = if checked { "with" } else { "without" };
                wrong(format!("{shape} {with} run-time checks: {mismatch}"))
            })?;
    }
    Ok(())
}

fn stream(device: &Device, kernel: Kernel) -> Result<(), CheckOutcome> {
    for checked in [true, false] {
        let stream = Stream::new(device, kernel, 1 << 22, checked).map_err(failed)?;
        perwatt_gpu::run(device, &stream, stream.bands().div_ceil(3), LIMIT).map_err(failed)?;
        stream.verify(LIMIT).map_err(failed)?;
    }
    Ok(())
}
