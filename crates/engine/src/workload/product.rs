//! Matrix products as workloads, on the CPU and on GPUs.

use perwatt_record::schema::Entry;
use perwatt_record::work::Work;

use super::gpu::kind::Kind;
use super::gpu::{self, product};
use super::on_cpu;
use super::runnable::{Done, Runnable};
use crate::device::{CPU, Forms, GpuFacts, MachineFacts, is_road};
use crate::plan::{BackendStatus, PlanError, Plannable, Wanted};
use crate::worker::{Assignment, Load, RunError};

/// A kind of product as a workload.
pub(super) struct Products(pub &'static Kind);

impl Plannable for Products {
    fn works(&self) -> &'static [Work] {
        std::slice::from_ref(&self.0.work)
    }

    fn description(&self) -> &'static str {
        self.0.description
    }

    fn backends(&self, facts: &MachineFacts) -> Vec<BackendStatus> {
        on_cpu::backends(self.0, facts)
    }

    fn timed(&self, backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
        on_cpu::timed(backends)
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        product::backends(self.0, gpu)
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        match wanted.facts.gpu(&wanted.backend.device) {
            Some(gpu) => product::entries(self.0, wanted, gpu),
            None => on_cpu::entries(self.0, wanted),
        }
    }

    fn tuning_key(&self, entry: &Entry) -> Option<String> {
        Some(gpu::tuning_key(entry))
    }
}

impl Runnable for Products {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        let Entry {
            device, backend, ..
        } = &assignment.entry;
        match device.as_str() {
            CPU => on_cpu::run(self.0, assignment, load),
            _ if is_road(backend) => product::library_run(self.0, assignment, load),
            _ => product::run(self.0, assignment, load),
        }
    }

    fn forms(&self, kind: &str, shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        match kind.split_once(gpu::AT) {
            Some((_, backend)) => product::library_forms(self.0, backend, shape).map(Some),
            None => product::forms(self.0, shape).map(Some),
        }
    }
}
