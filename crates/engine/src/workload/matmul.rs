//! `matmul/f32`: C = A·B with A m×k and B k×n, row-major, elements drawn from N(0,1) by a
//! recorded seed; 1 product counts 2·m·n·k FLOP. Inputs matter: zeros draw far less power
//! than noise and are never used.

use perwatt_matmul::{Backend, Problem, Watch, freivalds, shapes};
use perwatt_record::schema::{Entry, Proof, Unit, WorkloadKey};
use perwatt_record::work::{Family, Matmul as MatmulFormat, Work};

use super::gpu::kind::F32;
use super::gpu::{self, product};
use super::pinning::pin_hook;
use super::runnable::{Done, Runnable};
use crate::device::{self, CPU, Forms, GpuFacts, MachineFacts};
use crate::plan::{BackendStatus, PlanError, Plannable, Suite};
use crate::worker::{Assignment, Load, RunError};

/// Freivalds vectors per run; each misses a wrong product with a probability of at most
/// 1/2, and far less where more than one element is wrong.
const FREIVALDS_ROUNDS: u32 = 10;

const QUICK: &[&str] = &[
    "square-2048",
    "prefill512-attn-4096x4096",
    "decode1-attn-4096x4096",
];
const STANDARD: &[&str] = &[
    "square-512",
    "square-1024",
    "square-2048",
    "square-4096",
    "prefill512-attn-4096x4096",
    "prefill512-ffn-up-4096x14336",
    "prefill512-ffn-down-14336x4096",
    "decode1-attn-4096x4096",
    "decode1-ffn-up-4096x14336",
    "decode1-ffn-down-14336x4096",
    "decode8-attn-4096x4096",
];

pub struct Matmul;

impl Plannable for Matmul {
    fn family(&self) -> &'static str {
        Family::Matmul.name()
    }

    fn kinds(&self) -> &'static [&'static str] {
        const { &[Work::Matmul(MatmulFormat::F32).name()] }
    }

    fn description(&self) -> &'static str {
        "matrix product in f32, the AI proxy: 1 product of m\u{d7}k by k\u{d7}n counts 2\u{b7}m\u{b7}n\u{b7}k FLOP; inputs N(0,1)"
    }

    fn unit(&self) -> Unit {
        Unit::Flop
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
                    name: backend.name().into(),
                    device: CPU.into(),
                    detail: found.detail,
                    warning: found.warning,
                    unnamed_from: backend.is_measured_unnamed().then_some(Suite::Quick),
                    trial_rate_per_s: None,
                    variant: None,
                    unavailable: found.unavailable,
                }
            })
            .collect()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        product::backends(&F32, gpu)
    }

    fn entries(
        &self,
        kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &MachineFacts,
    ) -> Result<Vec<Entry>, PlanError> {
        if let Some(on) = facts.gpu(&backend.device) {
            return product::entries(&F32, params, suite, backend, on);
        }
        let all = shapes::names();
        let names: Vec<&str> = match (params, suite) {
            (Some(one), _) => vec![one],
            (None, Suite::Quick) => QUICK.to_vec(),
            (None, Suite::Standard) => STANDARD.to_vec(),
            (None, Suite::Full) => all.iter().map(String::as_str).collect(),
        };
        names
            .into_iter()
            .map(|name| {
                let bad = |error: perwatt_matmul::ShapeError| PlanError::BadParams {
                    workload: kind,
                    params: name.into(),
                    reason: error.to_string(),
                };
                let named = shapes::find(name).map_err(bad)?;
                if let Some(memory) = facts.memory_bytes {
                    named.shape.fits(memory).map_err(bad)?;
                }
                Ok(entry(kind, &named, backend))
            })
            .collect()
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
        let params = &assignment.entry.workload.params;
        let param = |name: &str| {
            params
                .get(name)
                .ok_or_else(|| RunError::Refused(format!("the workload has no parameter {name:?}")))
        };
        let shape = param("shape")?
            .parse()
            .map_err(|e: perwatt_matmul::ShapeError| RunError::refused(e))?;
        let seed = param("input_seed")?
            .parse()
            .map_err(|e: std::num::ParseIntError| RunError::refused(e))?;
        let mut problem = Problem::generate(shape, seed).map_err(RunError::refused)?;
        let (hook, pinned) = pin_hook(assignment);
        let mut backend = Backend::open(
            &assignment.entry.backend,
            assignment.threads as usize,
            Some(hook),
        )
        .map_err(RunError::refused)?;
        let mut c = vec![f32::NAN; shape.m * shape.n];

        load.ready()?;
        let mut products = 0;
        let mut watch = Watch::new(shape, assignment.check_seed);
        while !load.stopped() {
            watch.before(&mut problem, &c);
            backend.multiply(&problem, &mut c);
            watch.after(&c);
            products += 1;
            load.progress(products)?;
        }
        load.sample(products)?;
        pinned.check()?;
        let probes = watch
            .end()
            .map_err(|stale| RunError::Unverified(stale.to_string()))?;
        let agreement = freivalds::check(&problem, &c, FREIVALDS_ROUNDS, assignment.check_seed)
            .map_err(|mismatch| RunError::Unverified(mismatch.to_string()))?;
        let proof = Proof::Freivalds {
            rounds: agreement.rounds,
            seed: assignment.check_seed,
            max_ratio: agreement.max_ratio,
            probes: Some(probes),
        };
        Ok(Done {
            proof,
            device_time: None,
            flags: Vec::new(),
        })
    }

    fn forms(&self, _kind: &str, shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        product::forms(&F32, shape).map(Some)
    }
}

fn entry(kind: &str, named: &shapes::Named, backend: &BackendStatus) -> Entry {
    let shape = named.shape;
    let params = product::product_params(&F32, shape.to_string());
    Entry {
        id: format!("{kind}/{}/cpu/{}", named.name, backend.name),
        workload: WorkloadKey::new(F32.work, params),
        device: "cpu".into(),
        backend: backend.name.clone(),
        backend_detail: Some(backend.detail.clone()).filter(|detail| !detail.is_empty()),
        variant: backend.variant.clone(),
        backend_warning: backend.warning.clone(),
        unit: Unit::Flop,
        work_per_step: shape.flop(),
        description: format!(
            "f32 product of {}\u{d7}{} by {}\u{d7}{}, all threads",
            shape.m, shape.k, shape.k, shape.n
        ),
    }
}
