//! The kinds of matrix work that only GPUs have, as workloads.

use perwatt_record::schema::Entry;
use perwatt_record::work::Work;

use super::kind::Kind;
use super::library_run;
use super::plan::{backends, entries};
use super::run::{forms, run};
use crate::device::{Forms, GpuFacts, MachineFacts, is_road};
use crate::plan::{BackendStatus, PlanError, Plannable, Wanted};
use crate::worker::{Assignment, Load, RunError};
use crate::workload::gpu::planning::{AT, tuning_key};
use crate::workload::runnable::{Done, Runnable};

/// A kind that only GPUs have, as a workload.
pub(in crate::workload) struct OnGpus(pub &'static Kind);

impl Plannable for OnGpus {
    fn works(&self) -> &'static [Work] {
        std::slice::from_ref(&self.0.work)
    }

    fn description(&self) -> &'static str {
        self.0.description
    }

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        Vec::new()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        backends(self.0, gpu)
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        match wanted.facts.gpu(&wanted.backend.device) {
            Some(gpu) => entries(self.0, wanted, gpu),
            None => Ok(Vec::new()),
        }
    }

    fn tuning_key(&self, entry: &Entry) -> Option<String> {
        Some(tuning_key(entry))
    }
}

impl Runnable for OnGpus {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        match is_road(&assignment.entry.backend) {
            true => library_run::run(self.0, assignment, load),
            false => run(self.0, assignment, load),
        }
    }

    fn forms(&self, kind: &str, shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        match kind.split_once(AT) {
            Some((_, backend)) => library_run::forms(self.0, backend, shape).map(Some),
            None => forms(self.0, shape).map(Some),
        }
    }
}
