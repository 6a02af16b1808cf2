//! Products by the library of a GPU's vendor: what can be planned.

use perwatt_matmul::Shape;
use perwatt_record::schema::Gpu;
use perwatt_vendor::lt::{Card, Format, Vendor};

use super::kind::{self, Kind};
use super::work::Work;
use crate::device::{GpuFacts, GpuRoad};
use crate::plan::{BackendStatus, Suite};
use crate::workload::gpu::planning::{AT, warning};

/// Copies of small operands that products go through in turn at most.
const MOST_COPIES: u64 = 32;
/// The part of a card's memory that a step may take.
const USABLE: f64 = 0.9;

/// The backend of a kind on a GPU whose vendor has a library.
pub(super) fn backend(kind: &Kind, facts: &GpuFacts) -> Option<BackendStatus> {
    let (format, road) = (kind.library_format()?, facts.road.as_ref()?);
    let (unavailable, of_card) = match &road.card {
        Ok(card) => {
            let off = || format.switched_off(vendor(road)).map(|off| off.to_string());
            let lacking = lacks(format, road, card).or_else(off);
            (lacking, remarks(format, road, card))
        }
        Err(reason) => (Some(reason.clone()), String::new()),
    };
    let [_, _, output, _] = kind.formats();
    let layout = "A and B K-contiguous (TN)";
    let detail = format!("{}; {layout}, D {output}{of_card}", road.detail);
    Some(BackendStatus {
        warning: warning(facts, &format!("{}{AT}{}", kind.name, road.backend)),
        unavailable,
        ..BackendStatus::new(road.backend, &facts.gpu.name, detail)
    })
}

/// The card behind a backend that is a vendor's library.
pub(super) fn card<'f>(backend: &str, facts: &'f GpuFacts) -> Option<&'f Card> {
    let road = facts.road.as_ref().filter(|road| road.backend == backend)?;
    road.card.as_ref().ok()
}

fn vendor(road: &GpuRoad) -> Vendor {
    match road.interface {
        "hip" => Vendor::Amd,
        _ => Vendor::Nvidia,
    }
}

fn is_amd(road: &GpuRoad) -> bool {
    vendor(road) == Vendor::Amd
}

/// The reason that a card has no arithmetic in a format.
fn lacks(format: Format, road: &GpuRoad, card: &Card) -> Option<String> {
    let [major, minor] = card.capability;
    let (has, have) = match (format, is_amd(road)) {
        (Format::F16, false) => (major >= 7, "compute capability 7.0 and later have"),
        (Format::I8, false) => (
            card.capability >= [7, 5],
            "compute capability 7.5 and later have",
        ),
        (Format::Bf16 | Format::Tf32, false) => {
            (major >= 8, "compute capability 8.0 and later have")
        }
        (Format::Fp8 { .. }, false) => (
            card.capability >= [8, 9],
            "compute capability 8.9 and later have",
        ),
        (Format::Tf32, true) => (card.capability == [9, 4], "gfx942 (MI300) has"),
        (Format::Fp8 { .. }, true) => (
            major >= 12 || (major == 9 && minor >= 4),
            "gfx942, gfx950 and gfx12 have",
        ),
        (Format::Bf16 | Format::F16 | Format::I8, true) => return None,
    };
    (!has).then(|| {
        let level = match is_amd(road) {
            true => format!("a GPU of level gfx{major}.{minor}"),
            false => format!("a GPU of compute capability {major}.{minor}"),
        };
        format!("{level} has no matrix arithmetic in {format}; {have}")
    })
}

/// Remarks on the card that belong to each of its figures.
fn remarks(format: Format, road: &GpuRoad, card: &Card) -> String {
    let mut remarks = match card.ecc {
        Some(true) => "; ECC on".to_owned(),
        Some(false) => "; ECC off".to_owned(),
        None => String::new(),
    };
    if matches!(format, Format::Fp8 { .. }) && is_amd(road) {
        remarks.push_str("; sums in f32, in either workload");
    }
    if matches!(format, Format::Bf16 | Format::F16) && card.name.contains("GeForce") {
        remarks.push_str("; GeForce cards sum in f32 at half the rate of f16");
    }
    remarks
}

/// True for cards of data centres, which need larger products to be busy.
fn is_large(card: &Card) -> bool {
    matches!(card.capability, [8, 0] | [9 | 10, _])
}

/// The work of a suite.
pub(super) fn suite_names(kind: &Kind, suite: Suite, card: &Card) -> Vec<&'static str> {
    let square = match is_large(card) {
        true => "8192x8192x8192",
        false => "square-4096",
    };
    let of_models = [kind::BF16.work, kind::FP8.work].contains(&kind.work);
    match (suite, of_models) {
        (Suite::Quick, false) => Vec::new(),
        (Suite::Quick, true) | (Suite::Standard, false) => vec![square],
        (Suite::Standard, true) | (Suite::Full, _) => vec![square, "llama8b-prefill512"],
    }
}

/// The reason that a product cannot be computed on a card, if it cannot.
pub(super) fn excess(kind: &Kind, work: &Work, card: &Card, gpu: &Gpu) -> Option<String> {
    let format = kind.library_format()?;
    let granule = format.granule();
    let of = |shape: &Shape| [shape.m, shape.n, shape.k];
    let shapes = || work.set.products.iter().map(|(shape, _)| shape);
    if let Some(odd) = shapes().find(|shape| of(shape).iter().any(|side| side % granule != 0)) {
        return Some(format!(
            "vendors' libraries want sides of {format} products that are multiples of {granule}, and it has {odd}"
        ));
    }
    let bytes = |shape: &Shape| {
        let operands = operand_bytes(format, shape).saturating_mul(copies(format, shape, card));
        let result = (shape.m as u64).saturating_mul(shape.n as u64);
        operands.saturating_add(result.saturating_mul(4))
    };
    let need = shapes().map(bytes).fold(0, u64::saturating_add);
    (need as f64 > USABLE * card.memory_bytes as f64).then(|| {
        format!(
            "{} needs {need} bytes, and {} ({}) has {}",
            work.name, gpu.name, gpu.model, card.memory_bytes
        )
    })
}

fn operand_bytes(format: Format, shape: &Shape) -> u64 {
    let sides = (shape.m as u64).saturating_add(shape.n as u64);
    sides
        .saturating_mul(shape.k as u64)
        .saturating_mul(format.bytes() as u64)
}

/// Copies of the operands with which products do not find them in the card's cache.
pub(super) fn copies(format: Format, shape: &Shape, card: &Card) -> u64 {
    let twice = card.l2_bytes.saturating_mul(2);
    twice
        .div_ceil(operand_bytes(format, shape).max(1))
        .clamp(1, MOST_COPIES)
}
