//! The planning half of a workload: its name and unit, its backends, its entries.

use perwatt_record::schema::{Entry, Unit, WorkloadKey};
use perwatt_record::work::{Params, Work};

use super::error::PlanError;
use super::suite::Suite;
use crate::device::{GpuFacts, MachineFacts};

/// One workload family and its kinds, for plans and tables.
pub trait Plannable: Sync {
    /// Its kinds: workloads of one family and one unit, at least one.
    fn works(&self) -> &'static [Work];

    /// The unit of its work and the way that it is counted, in one sentence.
    fn description(&self) -> &'static str;

    /// Full names of its kinds: `stream/read`, `stream/triad`.
    fn kinds(&self) -> Vec<&'static str> {
        self.works().iter().map(|work| work.name()).collect()
    }

    /// The unit of its work.
    fn unit(&self) -> Unit {
        self.works()[0].unit()
    }

    /// The ways to run it on the CPU, best first, and the reasons that some cannot run
    /// here. Takes no time: every backend that may turn out the fastest when
    /// [`timed`](Self::timed) ranks them counts as the best.
    fn backends(&self, facts: &MachineFacts) -> Vec<BackendStatus>;

    /// The same backends after a short trial, where they are ranked by one.
    fn timed(&self, backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
        backends
    }

    /// The ways to run it on a GPU, likewise; empty where it runs only on the CPU.
    fn gpu_backends(&self, _gpu: &GpuFacts) -> Vec<BackendStatus> {
        Vec::new()
    }

    /// The entries of one kind on one backend: those of the suite, or the one that the
    /// parameters name.
    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError>;

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

impl BackendStatus {
    /// A backend that can run here and runs without being named.
    pub fn new(name: &str, device: &str, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            device: device.into(),
            detail: detail.into(),
            warning: None,
            unnamed_from: Some(Suite::Quick),
            trial_rate_per_s: None,
            variant: None,
            unavailable: None,
        }
    }
}

/// A request for the entries of one workload on one backend.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The workload.
    pub work: Work,
    /// Its parameters, if they were named: `512x512x512` of `matmul/f32:512x512x512`.
    pub params: Option<&'a str>,
    /// The suite.
    pub suite: Suite,
    /// The backend.
    pub backend: &'a BackendStatus,
    /// The machine.
    pub facts: &'a MachineFacts,
}

impl Wanted<'_> {
    /// Refuses parameters, for a workload that takes none.
    ///
    /// # Errors
    /// [`PlanError::NoParams`].
    pub fn no_params(&self) -> Result<(), PlanError> {
        match self.params {
            None => Ok(()),
            Some(params) => Err(PlanError::NoParams {
                workload: self.work.name(),
                params: params.into(),
            }),
        }
    }

    /// The error of parameters that cannot be run.
    pub fn bad(&self, params: &str, reason: impl ToString) -> PlanError {
        PlanError::BadParams {
            workload: self.work.name(),
            params: params.into(),
            reason: reason.to_string(),
        }
    }

    /// The entry with these parameters, counted as the workload defines. `shape` is the part
    /// of the id between workload and device; empty where the id has none.
    ///
    /// # Errors
    /// [`PlanError::BadParams`] if the definition counts no such parameters.
    pub fn entry(
        &self,
        shape: &str,
        params: impl IntoIterator<Item = (&'static str, String)>,
        description: String,
    ) -> Result<Entry, PlanError> {
        let params = params.into_iter().map(|(key, value)| (key.into(), value));
        let params = Params::from_iter(params);
        let (name, backend) = (self.work.name(), self.backend);
        let counted = self.work.per_step(&params);
        let work_per_step = counted.ok_or_else(|| self.bad(shape, "its work cannot be counted"))?;
        let middle = if shape.is_empty() { "" } else { "/" };
        Ok(Entry {
            id: format!("{name}{middle}{shape}/{}/{}", backend.device, backend.name),
            workload: WorkloadKey::new(self.work, params),
            device: backend.device.clone(),
            backend: backend.name.clone(),
            backend_detail: Some(backend.detail.clone()).filter(|detail| !detail.is_empty()),
            variant: backend.variant.clone(),
            backend_warning: backend.warning.clone(),
            unit: self.work.unit(),
            work_per_step,
            description,
        })
    }
}
