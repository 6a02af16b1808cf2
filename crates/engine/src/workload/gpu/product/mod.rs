//! Matrix products on a GPU: of two matrices, and of one token with weights.

pub(in crate::workload) mod kind;
pub(in crate::workload) mod plan;
mod run;

pub(in crate::workload) use kind::Kind;
pub(in crate::workload) use run::{ProductForms, run};

use perwatt_record::schema::{Entry, Unit};

use crate::device::GpuFacts;
use crate::plan::{Facts, PlanError, Suite};
use crate::worker::{Assignment, Load};
use crate::workload::{BackendStatus, Done, RunError, Workload};

/// A kind that only GPUs have, as a workload.
pub(in crate::workload) struct OnGpus {
    /// The kind.
    pub kind: &'static Kind,
    /// What it is, in one sentence.
    pub description: &'static str,
}

impl Workload for OnGpus {
    fn family(&self) -> &'static str {
        self.kind.work.family().name()
    }

    fn kinds(&self) -> &'static [&'static str] {
        std::slice::from_ref(&self.kind.name)
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn unit(&self) -> Unit {
        self.kind.work.unit()
    }

    fn backends(&self, _facts: &Facts) -> Vec<BackendStatus> {
        Vec::new()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        plan::backends(self.kind, gpu)
    }

    fn entries(
        &self,
        _kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &Facts,
    ) -> Result<Vec<Entry>, PlanError> {
        match facts.gpu(&backend.device) {
            Some(gpu) => plan::entries(self.kind, params, suite, backend, gpu),
            None => Ok(Vec::new()),
        }
    }

    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        run(self.kind, assignment, load)
    }
}
