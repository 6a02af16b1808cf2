//! The workloads: what can be measured, and how each is planned and run.
//!
//! A workload is one file here and one line in [`REGISTRY`]. Everything else
//! (plans, records, tables) learns of it through [`Workload`].

pub(crate) mod gpu;
mod matmul;
mod sha256d;
mod stream;

use std::collections::BTreeMap;
use std::io;

use perwatt_record::schema::{DeviceTime, Entry, Flag, Proof, Unit};
use thiserror::Error;

use self::gpu::product::{OnGpus, kind};
use crate::device::GpuFacts;
use crate::plan::{Facts, PlanError, Suite};
use crate::worker::{Assignment, Load};

/// Every workload, in the order in which tables show them.
pub static REGISTRY: &[&dyn Workload] = &[
    &sha256d::Sha256d,
    &matmul::Matmul,
    &OnGpus {
        kind: &kind::F16,
        description: "matrix product in f16, sums too: 1 product of m\u{d7}k by k\u{d7}n counts 2\u{b7}m\u{b7}n\u{b7}k FLOP; inputs N(0,1); on GPUs",
    },
    &OnGpus {
        kind: &kind::F16_F32,
        description: "matrix product of f16 with sums in f32, as models are run: 2\u{b7}m\u{b7}n\u{b7}k FLOP; by plain arithmetic, or by cooperative matrices (tensor cores) where there are any; on GPUs",
    },
    &OnGpus {
        kind: &kind::I8,
        description: "matrix product of 8-bit integers with sums in 32 bits, exact: 2\u{b7}m\u{b7}n\u{b7}k OP; on GPUs",
    },
    &OnGpus {
        kind: &kind::GEMV_F16,
        description: "one token through weights of f16 (decode at batch 1), bound by memory: bytes of the weights, the token and the result, each once; on GPUs",
    },
    &OnGpus {
        kind: &kind::GEMV_I8,
        description: "one token through weights of 8-bit integers, counted as gemv/f16; on GPUs",
    },
    &stream::Stream,
];

/// One workload family and its kinds.
pub trait Workload: Sync {
    /// First part of its names: `matmul`.
    fn family(&self) -> &'static str;

    /// Full names of what it can measure: `stream/read`, `stream/triad`.
    fn kinds(&self) -> &'static [&'static str];

    /// What one unit of its work is and how it is counted, in one sentence.
    fn description(&self) -> &'static str;

    /// That unit.
    fn unit(&self) -> Unit;

    /// The ways to run it on the CPU, best first, and why some cannot run here.
    fn backends(&self, facts: &Facts) -> Vec<BackendStatus>;

    /// The ways to run it on a GPU, likewise; none where it runs on the CPU alone.
    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus>;

    /// The entries of one kind on one backend: those of the suite, or the one
    /// that `params` names (`matmul/f32:512x512x512`).
    fn entries(
        &self,
        kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &Facts,
    ) -> Result<Vec<Entry>, PlanError>;

    /// Does the work of one run until the load is told to stop.
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError>;
}

/// One way to run a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct BackendStatus {
    /// The name that `--backend` takes.
    pub name: String,
    /// The device that it runs on.
    pub device: String,
    /// What it is; for a library its version and path.
    pub detail: String,
    /// Why it is known to run below what the machine can do, if it is.
    pub warning: Option<String>,
    /// The shortest suite in which it runs without being named, if any.
    pub unnamed_from: Option<Suite>,
    /// Units of work per second on one thread, from a short trial, where backends
    /// are chosen by one.
    pub trial_rate_per_s: Option<f64>,
    /// Which form of its kernel runs, where that was found by trying.
    pub variant: Option<String>,
    /// Why it cannot run here and what would help, if it cannot.
    pub unavailable: Option<String>,
}

/// What a run that worked hands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What shows that the work was done.
    pub proof: Proof,
    /// What a GPU's clock says.
    pub device_time: Option<DeviceTime>,
    /// What a reader should know.
    pub flags: Vec<Flag>,
}

/// Why a run gives no figure.
#[derive(Debug, Error)]
pub enum RunError {
    /// The coordinator cannot be told.
    #[error("the coordinator is gone: {0}")]
    Pipe(#[from] io::Error),
    /// The work cannot be done here.
    #[error("{0}")]
    Refused(String),
    /// The GPU did not finish in time.
    #[error("{0}")]
    Hung(String),
    /// The driver gave the GPU up.
    #[error("{0}")]
    DeviceLost(String),
    /// The GPU's memory does not suffice.
    #[error("{0}")]
    OutOfMemory(String),
    /// The work was done and is wrong.
    #[error("{0}")]
    Unverified(String),
}

impl RunError {
    fn refused(error: impl std::fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Does one run of whichever workload the assignment names.
pub fn run(assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    let name = assignment.entry.workload.name.as_str();
    match REGISTRY
        .iter()
        .find(|workload| workload.kinds().contains(&name))
    {
        Some(workload) => workload.run(assignment, load),
        None => Err(RunError::Refused(format!(
            "this perwatt has no workload {name:?}; was the record made by a newer one?"
        ))),
    }
}

/// The parameters of a workload, by name.
fn params<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.into(), value)).into()
}

/// A hook for the threads of a run: pins thread `i` to the `i`-th CPU given.
/// Pinning that fails is an error of the run, never a silent change of what is
/// measured, so it is told through the returned slot.
fn pin_hook(assignment: &Assignment) -> (ThreadHook, PinFailure) {
    let failure = PinFailure::default();
    let cpus = assignment.pinned_cpus.clone();
    let slot = failure.clone();
    let hook = std::sync::Arc::new(move |thread: usize| {
        let Some(cpu) = cpus.as_ref().and_then(|cpus| cpus.get(thread)) else {
            return;
        };
        if let Err(error) = perwatt_host::cpus::pin_current_thread(*cpu as usize) {
            *slot
                .0
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error.to_string());
        }
    });
    (hook, failure)
}

type ThreadHook = std::sync::Arc<dyn Fn(usize) + Send + Sync>;

/// The first pinning that failed, if any did.
#[derive(Debug, Default, Clone)]
struct PinFailure(std::sync::Arc<std::sync::Mutex<Option<String>>>);

impl PinFailure {
    fn check(&self) -> Result<(), RunError> {
        match &*self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
        {
            Some(error) => Err(RunError::Refused(error.clone())),
            None => Ok(()),
        }
    }
}
