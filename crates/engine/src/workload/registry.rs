//! The list of all workloads.

use super::gpu::{OnGpus, kind};
use super::matmul::Matmul;
use super::runnable::{Done, Runnable};
use super::sha256d::Sha256d;
use super::stream::Stream;
use crate::device::Forms;
use crate::plan::Plannable;
use crate::worker::{Assignment, Load, RunError};

/// One workload family, planned and run.
pub trait Workload: Plannable + Runnable {}

impl<W: Plannable + Runnable> Workload for W {}

/// Every workload, in the order in which tables show them.
pub static REGISTRY: &[&dyn Workload] = &[
    &Sha256d,
    &Matmul,
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
    &Stream,
];

/// The planning halves of all workloads.
pub fn plannable() -> Vec<&'static dyn Plannable> {
    let all = REGISTRY.iter();
    all.map(|workload| *workload as &dyn Plannable).collect()
}

fn find(kind: &str) -> Option<&'static dyn Workload> {
    let mut all = REGISTRY.iter().copied();
    all.find(|workload| workload.kinds().contains(&kind))
}

/// Does one run of the workload that the assignment names.
pub fn run(assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    let name = assignment.entry.workload.name.as_str();
    match find(name) {
        Some(workload) => workload.run(assignment, load),
        None => Err(RunError::Refused(format!(
            "this build has no workload {name:?}; use the perwatt that made the record, or a newer one"
        ))),
    }
}

/// The forms to time for a tuning key, if there are several.
///
/// # Errors
/// For a key with a shape that this version of perwatt does not have.
pub(crate) fn forms(key: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
    let (kind, shape) = key.split_once(':').unwrap_or((key, ""));
    match find(kind) {
        Some(workload) => workload.forms(kind, shape),
        None => Ok(None),
    }
}
