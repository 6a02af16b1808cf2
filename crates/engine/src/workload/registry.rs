//! The list of all workloads.

use perwatt_record::work::Work;

use super::gpu::{AT, kind};
use super::product::Products;
use super::runnable::{Done, Runnable};
use super::sha256d::Sha256d;
use super::stream::Stream;
use crate::device::Forms;
use crate::plan::Plannable;
use crate::worker::{Assignment, Load, RunError};

/// One workload family, planned and run.
pub trait Workload: Plannable + Runnable {}

impl<W: Plannable + Runnable> Workload for W {}

/// Workloads that a worker can run.
pub type Workloads = [&'static dyn Workload];

/// Every workload, in the order in which tables show them.
pub static REGISTRY: &Workloads = &[
    &Sha256d,
    &Products(&kind::F32),
    &Products(&kind::F16),
    &Products(&kind::F16_F32),
    &Products(&kind::BF16),
    &Products(&kind::TF32),
    &Products(&kind::FP8),
    &Products(&kind::FP8_F32),
    &Products(&kind::I8),
    &Products(&kind::GEMV_F16),
    &Products(&kind::GEMV_I8),
    &Stream,
];

/// The planning halves of all workloads.
pub fn plannable() -> Vec<&'static dyn Plannable> {
    let all = REGISTRY.iter();
    all.map(|workload| *workload as &dyn Plannable).collect()
}

fn find(workloads: &Workloads, kind: &str) -> Option<&'static dyn Workload> {
    let work = Work::find(kind)?;
    let mut all = workloads.iter().copied();
    all.find(|workload| workload.works().contains(&work))
}

/// Does one run of the workload that the assignment names.
pub fn run(
    workloads: &Workloads,
    assignment: &Assignment,
    load: &mut Load,
) -> Result<Done, RunError> {
    let name = assignment.entry.workload.name.as_str();
    match find(workloads, name) {
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
pub(crate) fn forms(workloads: &Workloads, key: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
    let (kind, shape) = key.split_once(':').unwrap_or((key, ""));
    let name = kind.split(AT).next().unwrap_or(kind);
    match find(workloads, name) {
        Some(workload) => workload.forms(kind, shape),
        None => Ok(None),
    }
}
