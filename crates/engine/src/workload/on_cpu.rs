//! Matrix products on the CPU, row-major, with inputs by a recorded seed: zeros draw far
//! less power than noise and are never used.

use perwatt_matmul::{Backend, Element, Format, Shape, ShapeError, Watch, bf16, f16, shapes};
use perwatt_record::schema::{Entry, Proof};
use perwatt_record::work::{Matmul, Work, rounding};

use super::gpu::kind::Kind;
use super::gpu::product::{PRODUCTS, VECTORS, product_params};
use super::pinning::pin_hook;
use super::runnable::Done;
use crate::device::{CPU, MachineFacts, described};
use crate::plan::{BackendStatus, PlanError, Suite, Wanted};
use crate::worker::{Assignment, Load, RunError};

/// Freivalds vectors per run; each misses a wrong product with a probability of at most
/// 1/2, and far less where more than one element is wrong.
const FREIVALDS_ROUNDS: u32 = 10;

const QUICK: &[&str] = &[SQUARE, PREFILL, "decode1-attn-4096x4096"];
/// The first and the last product of the standard suite.
const SMALLEST: &str = "square-512";
const DECODE8: &str = "decode8-attn-4096x4096";
const SQUARE: &str = "square-2048";
const PREFILL: &str = "prefill512-attn-4096x4096";

/// The backend that chooses between built-in libraries, and the one of the libraries that
/// are usually faster.
const EMBEDDED: &str = "embedded";
const CBLAS: &str = "cblas";

/// The product of the trials in tables and records, small enough for a cache.
const TRIAL: Shape = Shape {
    m: 192,
    n: 512,
    k: 768,
};

/// The format of a kind, where CPUs compute it.
fn format(kind: &Kind) -> Option<Format> {
    match kind.work {
        Work::Matmul(Matmul::F32) => Some(Format::F32),
        Work::Matmul(Matmul::F16F32) => Some(Format::F16F32),
        Work::Matmul(Matmul::Bf16) => Some(Format::Bf16),
        Work::Matmul(Matmul::I8) => Some(Format::I8),
        _ => None,
    }
}

/// The backends of a kind on the CPU.
pub(super) fn backends(kind: &Kind, facts: &MachineFacts) -> Vec<BackendStatus> {
    let Some(format) = format(kind) else {
        return Vec::new();
    };
    let own = Backend::all().iter();
    let own = own.filter(|backend| backend.formats().contains(&format));
    let mut backends: Vec<BackendStatus> = own
        .map(|backend| {
            // Foreign libraries are tested by a worker, never by this process.
            let found = match backend.is_loaded() {
                true => facts.library(backend.name(), format.name()),
                false => described(backend.status(format), format),
            };
            BackendStatus {
                warning: found.warning,
                unnamed_from: backend.is_measured_unnamed().then_some(Suite::Standard),
                unavailable: found.unavailable,
                ..BackendStatus::new(backend.name(), CPU, found.detail)
            }
        })
        .collect();
    let tuned = |one: &BackendStatus| one.name != CBLAS || one.unavailable.is_none();
    if facts.libraries.iter().any(|one| one.backend == CBLAS) && !backends.iter().all(tuned) {
        let own = backends.iter_mut().filter(|one| one.name == EMBEDDED);
        own.for_each(|one| one.warning = Backend::advice().map(str::to_owned));
    }
    // The quick suite has what is built in and the first library of a common format.
    let mut first = true;
    for backend in backends.iter_mut().filter(|one| one.unnamed_from.is_some()) {
        let quick = match (format, backend.name.as_str()) {
            (Format::F32, name) => [EMBEDDED, CBLAS].contains(&name),
            (Format::Bf16, _) if backend.unavailable.is_none() => std::mem::take(&mut first),
            _ => false,
        };
        if quick {
            backend.unnamed_from = Some(Suite::Quick);
        }
    }
    backends
}

/// The same backends of f32 with the trials of those that are built in. From then on
/// `embedded` has a form, and its entries have those that are fastest for their shapes.
pub(super) fn timed(mut backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
    if !backends.iter().any(|backend| backend.name == EMBEDDED) {
        return backends;
    }
    let trials = Backend::trials(TRIAL);
    for backend in &mut backends {
        let own = trials.iter().find(|(name, _)| *name == backend.name);
        backend.trial_rate_per_s = own.map(|(_, rate_per_s)| *rate_per_s);
        if backend.name == EMBEDDED {
            backend.variant = trials.first().map(|(name, _)| (*name).into());
        }
    }
    backends
}

/// The entries of a kind on one backend.
pub(super) fn entries(kind: &'static Kind, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
    let all = shapes::names();
    let single = format(kind) == Some(Format::F32);
    let names: Vec<&str> = match (wanted.params, wanted.suite, single) {
        (Some(one), ..) => vec![one],
        (None, Suite::Quick, true) => QUICK.to_vec(),
        (None, Suite::Quick, false) => match format(kind) {
            Some(Format::Bf16) => vec![SQUARE],
            _ => Vec::new(),
        },
        (None, Suite::Standard, true) => [&[SMALLEST], PRODUCTS, VECTORS, &[DECODE8]].concat(),
        (None, Suite::Standard, false) => vec![SQUARE, PREFILL],
        (None, Suite::Full, _) => all.iter().map(String::as_str).collect(),
    };
    let entry = |name| {
        let bad = |error: ShapeError| wanted.bad(name, error);
        let shapes::Named { name, shape } = shapes::find(name).map_err(bad)?;
        if let Some(memory) = wanted.facts.memory_bytes {
            shape.fits(memory).map_err(bad)?;
        }
        let (m, n, k) = (shape.m, shape.n, shape.k);
        let params = product_params(kind, shape.to_string());
        let [input, ..] = kind.formats();
        let about = format!("{input} product of {m}\u{d7}{k} by {k}\u{d7}{n}, all threads");
        let mut entry = wanted.entry(&name, params, about)?;
        if m <= Backend::FEW_ROWS {
            // Computed in the same way in every form.
            entry.variant = None;
        } else if entry.variant.is_some() {
            let trials = Backend::trials(shape);
            entry.variant = trials.first().map(|(name, _)| (*name).into());
        }
        Ok(entry)
    };
    names.into_iter().map(entry).collect()
}

/// Does one run.
pub(super) fn run(kind: &Kind, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    match format(kind) {
        Some(Format::F32) => run_in::<f32>(kind, assignment, load),
        Some(Format::F16F32) => run_in::<f16>(kind, assignment, load),
        Some(Format::Bf16) => run_in::<bf16>(kind, assignment, load),
        Some(Format::I8) => run_in::<i8>(kind, assignment, load),
        None => Err(RunError::Refused(format!(
            "{} has no backend on the CPU",
            kind.name
        ))),
    }
}

fn run_in<T: Element>(
    kind: &Kind,
    assignment: &Assignment,
    load: &mut Load,
) -> Result<Done, RunError> {
    let shape: Shape = assignment.param("shape")?;
    let seed = assignment.param("input_seed")?;
    let mut problem = T::generate(shape, seed).map_err(RunError::refused)?;
    let (hook, pinned) = pin_hook(assignment);
    let entry = &assignment.entry;
    let (name, threads) = (&entry.backend, assignment.threads as usize);
    let opened = T::open(name, entry.variant.as_deref(), threads, Some(hook));
    let mut backend = opened.map_err(RunError::refused)?;
    backend.prepare(&problem).map_err(RunError::refused)?;
    let mut c = vec![T::Sum::default(); shape.c_len()];

    let mut watch = Watch::new(shape, assignment.check_seed);
    load.run(|| {
        watch.before(&mut problem, &c);
        backend.multiply(&problem, &mut c);
        watch.after(&c);
    })?;
    pinned.check()?;
    let probes = watch.end().map_err(RunError::unverified)?;
    let agreement = T::check(&problem, &c, FREIVALDS_ROUNDS, assignment.check_seed)
        .map_err(RunError::unverified)?;
    Ok(Done::by(Proof::Freivalds {
        rounds: agreement.rounds,
        seed: assignment.check_seed,
        max_ratio: agreement.max_ratio,
        probes: Some(probes),
        tolerance: rounding(kind.work, name).map(Into::into),
    }))
}
