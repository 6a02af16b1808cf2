//! The kinds of matrix work that only GPUs have, as workloads.

use perwatt_record::schema::{Entry, Unit};

use super::kind::Kind;
use super::plan::{backends, entries};
use super::run::{forms, run};
use crate::device::{Forms, GpuFacts, MachineFacts};
use crate::plan::{BackendStatus, PlanError, Plannable, Suite};
use crate::worker::{Assignment, Load, RunError};
use crate::workload::gpu::planning::tuning_key;
use crate::workload::runnable::{Done, Runnable};

/// A kind that only GPUs have, as a workload.
pub(in crate::workload) struct OnGpus {
    /// The kind.
    pub kind: &'static Kind,
    /// Its unit and the way that it is counted, in one sentence.
    pub description: &'static str,
}

impl Plannable for OnGpus {
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

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        Vec::new()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        backends(self.kind, gpu)
    }

    fn entries(
        &self,
        _kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &MachineFacts,
    ) -> Result<Vec<Entry>, PlanError> {
        match facts.gpu(&backend.device) {
            Some(gpu) => entries(self.kind, params, suite, backend, gpu),
            None => Ok(Vec::new()),
        }
    }

    fn tuning_key(&self, entry: &Entry) -> Option<String> {
        Some(tuning_key(entry))
    }
}

impl Runnable for OnGpus {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        run(self.kind, assignment, load)
    }

    fn forms(&self, _kind: &str, shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        forms(self.kind, shape).map(Some)
    }
}
