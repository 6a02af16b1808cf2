//! `matmul/f32`: C = A·B with A m×k and B k×n, row-major, elements drawn from N(0,1) by a
//! recorded seed; 1 product counts 2·m·n·k FLOP. Inputs matter: zeros draw far less power
//! than noise and are never used.

use perwatt_matmul::{Backend, Problem, Rounding, Shape, ShapeError, Watch, freivalds, shapes};
use perwatt_record::schema::{Entry, Proof};
use perwatt_record::work::{Matmul as MatmulFormat, Work};

use super::gpu::kind::F32;
use super::gpu::product::{PRODUCTS, VECTORS};
use super::gpu::{self, product};
use super::pinning::pin_hook;
use super::runnable::{Done, Runnable};
use crate::device::{self, CPU, Forms, GpuFacts, MachineFacts};
use crate::plan::{BackendStatus, PlanError, Plannable, Suite, Wanted};
use crate::worker::{Assignment, Load, RunError};

/// Freivalds vectors per run; each misses a wrong product with a probability of at most
/// 1/2, and far less where more than one element is wrong.
const FREIVALDS_ROUNDS: u32 = 10;

const QUICK: &[&str] = &[
    "square-2048",
    "prefill512-attn-4096x4096",
    "decode1-attn-4096x4096",
];
/// The first and the last product of the standard suite.
const SMALLEST: &str = "square-512";
const DECODE8: &str = "decode8-attn-4096x4096";

pub struct Matmul;

impl Plannable for Matmul {
    fn works(&self) -> &'static [Work] {
        &[Work::Matmul(MatmulFormat::F32)]
    }

    fn description(&self) -> &'static str {
        F32.description
    }

    fn backends(&self, facts: &MachineFacts) -> Vec<BackendStatus> {
        Backend::all()
            .iter()
            .map(|backend| {
                // Foreign libraries are tested by a worker, never by this process.
                let found = match backend.is_loaded() {
                    true => facts.library.clone().unwrap_or_default(),
                    false => device::described(backend.status()),
                };
                BackendStatus {
                    warning: found.warning,
                    unnamed_from: backend.is_measured_unnamed().then_some(Suite::Quick),
                    unavailable: found.unavailable,
                    ..BackendStatus::new(backend.name(), CPU, found.detail)
                }
            })
            .collect()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        product::backends(&F32, gpu)
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        if let Some(on) = wanted.facts.gpu(&wanted.backend.device) {
            return product::entries(&F32, wanted, on);
        }
        let all = shapes::names();
        let names: Vec<&str> = match (wanted.params, wanted.suite) {
            (Some(one), _) => vec![one],
            (None, Suite::Quick) => QUICK.to_vec(),
            (None, Suite::Standard) => [&[SMALLEST], PRODUCTS, VECTORS, &[DECODE8]].concat(),
            (None, Suite::Full) => all.iter().map(String::as_str).collect(),
        };
        let entry = |name| {
            let bad = |error: ShapeError| wanted.bad(name, error);
            let shapes::Named { name, shape } = shapes::find(name).map_err(bad)?;
            if let Some(memory) = wanted.facts.memory_bytes {
                shape.fits(memory).map_err(bad)?;
            }
            let (m, n, k) = (shape.m, shape.n, shape.k);
            let params = product::product_params(&F32, shape.to_string());
            let about = format!("f32 product of {m}\u{d7}{k} by {k}\u{d7}{n}, all threads");
            wanted.entry(&name, params, about)
        };
        names.into_iter().map(entry).collect()
    }

    fn tuning_key(&self, entry: &Entry) -> Option<String> {
        Some(gpu::tuning_key(entry))
    }
}

impl Runnable for Matmul {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        if assignment.entry.device != CPU {
            return product::run(&F32, assignment, load);
        }
        let shape: Shape = assignment.param("shape")?;
        let seed = assignment.param("input_seed")?;
        let mut problem = Problem::generate(shape, seed).map_err(RunError::refused)?;
        let (hook, pinned) = pin_hook(assignment);
        let (name, threads) = (&assignment.entry.backend, assignment.threads as usize);
        let mut backend = Backend::open(name, threads, Some(hook)).map_err(RunError::refused)?;
        let mut c = vec![f32::NAN; shape.m * shape.n];

        let mut watch = Watch::new(shape, assignment.check_seed);
        load.run(|| {
            watch.before(&mut problem, &c);
            backend.multiply(&problem, &mut c);
            watch.after(&c);
        })?;
        pinned.check()?;
        let probes = watch.end().map_err(RunError::unverified)?;
        let agreement = freivalds::check(&problem, &c, FREIVALDS_ROUNDS, assignment.check_seed)
            .map_err(RunError::unverified)?;
        Ok(Done::by(Proof::Freivalds {
            rounds: agreement.rounds,
            seed: assignment.check_seed,
            max_ratio: agreement.max_ratio,
            probes: Some(probes),
            tolerance: Some(Rounding::F32.into()),
        }))
    }

    fn forms(&self, _kind: &str, shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        product::forms(&F32, shape).map(Some)
    }
}
