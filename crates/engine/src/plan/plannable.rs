//! The planning half of a workload: its name and unit, its backends, its entries.

use std::collections::BTreeMap;

use perwatt_record::schema::{Entry, Unit};

use super::error::PlanError;
use super::suite::Suite;
use crate::device::{GpuFacts, MachineFacts};

/// One workload family and its kinds, for plans and tables.
pub trait Plannable: Sync {
    /// First part of its kinds' names: `matmul`.
    fn family(&self) -> &'static str;

    /// Full names of its kinds: `stream/read`, `stream/triad`.
    fn kinds(&self) -> &'static [&'static str];

    /// The unit of its work and the way that it is counted, in one sentence.
    fn description(&self) -> &'static str;

    /// The unit of its work.
    fn unit(&self) -> Unit;

    /// The ways to run it on the CPU, best first, and the reasons that some cannot run
    /// here. Takes no time: every backend that may turn out the fastest when
    /// [`timed`](Self::timed) ranks them counts as the best.
    fn backends(&self, facts: &MachineFacts) -> Vec<BackendStatus>;

    /// The same backends after a short trial, where they are ranked by one.
    fn timed(&self, backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
        backends
    }

    /// The ways to run it on a GPU, likewise; empty where it runs only on the CPU.
    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus>;

    /// The entries of one kind on one backend: those of the suite, or the one that `params`
    /// names (`matmul/f32:512x512x512`).
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
    /// The reason that it runs below the machine's capability, if that is known.
    pub warning: Option<String>,
    /// The shortest suite in which it runs without being named, if any.
    pub unnamed_from: Option<Suite>,
    /// Units of work per second on one thread, from a short trial, where backends
    /// are chosen by one.
    pub trial_rate_per_s: Option<f64>,
    /// The form of its kernel, where tuning found it.
    pub variant: Option<String>,
    /// The reason that it cannot run here and a remedy, if it cannot.
    pub unavailable: Option<String>,
}

/// The parameters of a workload, by name.
pub(crate) fn params<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.into(), value)).into()
}
