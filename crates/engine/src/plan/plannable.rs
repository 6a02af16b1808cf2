//! The planning half of a workload: its name and unit, its backends, its entries.

use std::collections::BTreeMap;

use perwatt_record::schema::{Entry, Unit};

use super::error::PlanError;
use super::suite::Suite;
use crate::device::{GpuFacts, MachineFacts};

/// One workload family and its kinds, as plans and tables see it.
pub trait Plannable: Sync {
    /// First part of its names: `matmul`.
    fn family(&self) -> &'static str;

    /// Full names of what it can measure: `stream/read`, `stream/triad`.
    fn kinds(&self) -> &'static [&'static str];

    /// The unit of its work and how it is counted, in one sentence.
    fn description(&self) -> &'static str;

    /// That unit.
    fn unit(&self) -> Unit;

    /// The ways to run it on the CPU, best first, and the reasons that some cannot run
    /// here. Takes no time: of backends that [`timed`](Self::timed) ranks, each that may
    /// turn out the fastest counts as the best.
    fn backends(&self, facts: &MachineFacts) -> Vec<BackendStatus>;

    /// The same backends after a short trial, where they are ranked by one.
    fn timed(&self, backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
        backends
    }

    /// The ways to run it on a GPU, likewise; none where it runs only on the CPU.
    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus>;

    /// The entries of one kind on one backend: those of the suite, or the one
    /// that `params` names (`matmul/f32:512x512x512`).
    fn entries(
        &self,
        kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &MachineFacts,
    ) -> Result<Vec<Entry>, PlanError>;

    /// The key under which the forms of an entry's kernel are tuned on its GPU; `None`
    /// where there is only one form.
    fn tuning_key(&self, _entry: &Entry) -> Option<String> {
        None
    }
}

/// One way to run a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct BackendStatus {
    /// The name that `--backend` takes.
    pub name: String,
    /// The device that it runs on.
    pub device: String,
    /// Its description; for a library its version and path.
    pub detail: String,
    /// Reason that it runs below what the machine can do, if that is known.
    pub warning: Option<String>,
    /// The shortest suite in which it runs without being named, if any.
    pub unnamed_from: Option<Suite>,
    /// Units of work per second on one thread, from a short trial, where backends
    /// are chosen by one.
    pub trial_rate_per_s: Option<f64>,
    /// The form of its kernel, where that was found by tuning.
    pub variant: Option<String>,
    /// Reason that it cannot run here and what would help, if it cannot.
    pub unavailable: Option<String>,
}

/// The parameters of a workload, by name.
pub(crate) fn params<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.into(), value)).into()
}
