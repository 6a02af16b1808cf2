//! The products that run on a GPU, and their descriptions.

use perwatt_gpu::matmul::Element;
use perwatt_record::schema::{Entry, Gpu, GpuKind};

use super::kind::{COOPERATIVE, Kind};
use super::library;
use super::work::Work;
use crate::device::GpuFacts;
use crate::plan::{BackendStatus, PlanError, Suite, Wanted};
use crate::workload::gpu::planning::{tuning_key, warning};

/// Seed of the inputs: part of the workload, so it is the same everywhere.
pub(in crate::workload) const INPUT_SEED: u64 = 1;

/// Products of two large matrices.
pub(in crate::workload) const PRODUCTS: &[&str] = &[
    "square-1024",
    "square-2048",
    "square-4096",
    "prefill512-attn-4096x4096",
    "prefill512-ffn-up-4096x14336",
    "prefill512-ffn-down-14336x4096",
];
/// Products of one row with a matrix.
pub(in crate::workload) const VECTORS: &[&str] = &[
    "decode1-attn-4096x4096",
    "decode1-ffn-up-4096x14336",
    "decode1-ffn-down-14336x4096",
];

/// The work of a suite: small on software adapters, whole models on others.
fn suite_names(kind: &Kind, suite: Suite, gpu: &Gpu) -> Vec<&'static str> {
    let software = gpu.kind == GpuKind::Software;
    let names: &[&str] = match (kind.vector, software, suite) {
        (false, true, Suite::Quick) if kind.work == super::kind::F32.work => &["256x256x256"],
        (_, true, Suite::Quick) => &[],
        (false, true, _) => &["256x256x256", "llama8b-1of16-prefill8"],
        (true, true, _) => &["llama8b-1of16-decode1"],
        (false, false, Suite::Quick) => &["square-4096"],
        (true, false, Suite::Quick) => &["decode1-ffn-up-4096x14336"],
        (false, false, Suite::Standard) => &["square-4096", "llama8b-prefill512"],
        (true, false, Suite::Standard) => &["decode1-ffn-up-4096x14336", "llama8b-decode1"],
        (false, false, Suite::Full) => {
            return [PRODUCTS, &["llama8b-prefill512"]].concat();
        }
        (true, false, Suite::Full) => return [VECTORS, &["llama8b-decode1"]].concat(),
    };
    names.to_vec()
}

/// The backends of a kind on a GPU.
pub(in crate::workload) fn backends(kind: &Kind, facts: &GpuFacts) -> Vec<BackendStatus> {
    let own = kind.backends().into_iter().map(|(name, element)| {
        let detail = match name {
            COOPERATIVE => "cooperative matrices, B transposed; no run-time checks",
            _ if kind.vector => "one row of W per output; no run-time checks",
            _ => "blocks of C per workgroup; no run-time checks",
        };
        BackendStatus {
            warning: warning(facts, kind.name),
            unavailable: facts
                .lacks_shaders()
                .or_else(|| lacks(element, kind, &facts.gpu)),
            ..BackendStatus::new(name, &facts.gpu.name, detail)
        }
    });
    own.chain(library::backend(kind, facts)).collect()
}

fn lacks(element: Element, kind: &Kind, gpu: &Gpu) -> Option<String> {
    let has = |feature: &str| gpu.features.iter().any(|name| name == feature);
    let half = match element {
        Element::F32 | Element::I8 => false,
        // Half-precision weights of a vector's product are unpacked to single precision.
        Element::F16 | Element::F16F32 | Element::CoopF16F32 => !kind.vector,
    };
    if half && !has("f16") {
        return Some("it has no half-precision arithmetic in shaders".into());
    }
    if element == Element::CoopF16F32 && !has("cooperative-matrix") {
        return Some("its driver offers no cooperative matrices".into());
    }
    None
}

/// The entries of a kind on one backend of a GPU.
pub(in crate::workload) fn entries(
    kind: &'static Kind,
    wanted: &Wanted<'_>,
    facts: &GpuFacts,
) -> Result<Vec<Entry>, PlanError> {
    let bad = |params: &str, reason: String| wanted.bad(params, reason);
    let card = library::card(&wanted.backend.name, facts);
    let excess = |work: &Work| match card {
        Some(card) => library::excess(kind, work, card, &facts.gpu),
        None => work.excess(kind, &facts.gpu),
    };
    let Some(text) = wanted.params else {
        let names = match card {
            Some(card) => library::suite_names(kind, wanted.suite, card),
            None => suite_names(kind, wanted.suite, &facts.gpu),
        };
        let names = names.into_iter();
        return names
            .map(|name| Work::find(kind, name).map_err(|reason| bad(name, reason)))
            // Work that does not fit on a device is not part of its suite.
            .filter(|work| !matches!(work, Ok(work) if excess(work).is_some()))
            .map(|work| entry(kind, &work?, wanted, facts))
            .collect();
    };
    let work = Work::find(kind, text).map_err(|reason| bad(text, reason))?;
    match excess(&work) {
        Some(reason) => Err(bad(text, reason)),
        None => Ok(vec![entry(kind, &work, wanted, facts)?]),
    }
}

/// The parameters that identify a product: the same on every device that computes it.
pub(in crate::workload) fn product_params(
    kind: &Kind,
    shape: String,
) -> Vec<(&'static str, String)> {
    let [dtype_in, dtype_accumulate, dtype_out, distribution] = kind.formats();
    vec![
        ("shape", shape),
        ("layout", "row-major".into()),
        ("dtype_in", dtype_in.into()),
        ("dtype_accumulate", dtype_accumulate.into()),
        ("dtype_out", dtype_out.into()),
        ("input_distribution", distribution.into()),
        ("input_seed", INPUT_SEED.to_string()),
    ]
}

fn entry(
    kind: &Kind,
    work: &Work,
    wanted: &Wanted<'_>,
    facts: &GpuFacts,
) -> Result<Entry, PlanError> {
    let [dtype_in, dtype_accumulate, ..] = kind.formats();
    let mut params = product_params(kind, work.set.shapes());
    let what = match work.model {
        true => {
            params.push(("model", work.name.clone()));
            params.push(("tokens_per_step", work.set.tokens.to_string()));
            format!("all weight matrices of {} once", work.name)
        }
        false => format!("product {} (MxNxK)", work.set.shapes()),
    };
    let on = &facts.gpu.name;
    let about = format!("{what}, {dtype_in} with sums in {dtype_accumulate}, on {on}");
    let mut entry = wanted.entry(&work.name, params, about)?;
    let key = tuning_key(&entry);
    let tuned = facts.tuned(&key, &entry.backend);
    entry.variant = tuned.map(|tuned| tuned.variant.clone());
    entry.backend_warning = warning(facts, &key);
    Ok(entry)
}
