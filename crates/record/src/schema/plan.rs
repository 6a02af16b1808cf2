//! The plan of a session.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::unit::Unit;
use super::{Asic, Gpu};
use crate::work::{Named, ProofMethod, Work};

/// The computation and the unit that counts it. Results are comparable only if all
/// fields are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadKey {
    /// `sha256d`, `matmul/f32`, `stream/triad`, …
    pub name: String,
    /// Raised whenever what is computed or counted changes.
    pub version: u32,
    /// Everything that shapes the work: sizes, input distribution and seed.
    pub params: BTreeMap<String, String>,
}

impl WorkloadKey {
    /// A workload of this build, with parameters.
    pub fn new(work: Work, params: BTreeMap<String, String>) -> Self {
        Self {
            name: work.name().into(),
            version: work.version(),
            params,
        }
    }

    /// The name, read as a workload where this build knows it.
    pub fn named(&self) -> Named {
        Named::from(self.name.as_str())
    }

    /// The name of its product, as users give it: a model, or else a shape; `None` for work
    /// that is no product.
    pub fn product(&self) -> Option<&str> {
        let of = |key| self.params.get(key);
        of("model").or_else(|| of("shape")).map(String::as_str)
    }
}

/// One (workload, device, backend) that is run once in every round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Short and unique within the plan: `sha256d/cpu/x86-sha`.
    pub id: String,
    /// The computation.
    pub workload: WorkloadKey,
    /// `cpu`, or the name of one of `plan.gpus`.
    pub device: String,
    /// The implementation on that device.
    pub backend: String,
    /// Library name, version and path where the backend is one.
    pub backend_detail: Option<String>,
    /// The variant of the backend's kernel, where the variant that is fastest on
    /// the device is found out by trying.
    #[serde(default)]
    pub variant: Option<String>,
    /// The reason if this backend is known to be slower than the machine allows.
    pub backend_warning: Option<String>,
    /// The unit of work.
    pub unit: Unit,
    /// Work in one step of the work series: 1 for hashes, 2·m·n·k for a product.
    pub work_per_step: u64,
    /// One sentence that explains the row to a reader of the file alone.
    pub description: String,
}

impl Entry {
    /// The id without its device and backend: the workload and its shape.
    pub fn work_name(&self) -> &str {
        let tail = format!("/{}/{}", self.device, self.backend);
        self.id.strip_suffix(&tail).unwrap_or(&self.id)
    }

    /// The method that proves its work.
    pub fn proof_method(&self) -> ProofMethod {
        match self.workload.named().work() {
            Some(work) => work.family().proof(),
            None => ProofMethod::of_unit(self.unit),
        }
    }
}

/// Something that was asked for or expected and is not measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Workload, device and backend, as far as they are known.
    pub what: String,
    /// Reason that it is not measured.
    pub reason: String,
    /// Remedy.
    pub fix: Option<String>,
}

/// The planned measurements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Each is run once a round, in an order shuffled by the session's seed.
    pub entries: Vec<Entry>,
    /// Measurements left out, with the reasons.
    pub skipped: Vec<Skipped>,
    /// Trials of backends against each other before the plan was made. They select the
    /// backend if none is named; they are not results.
    #[serde(default)]
    pub trials: Vec<Trial>,
    /// The GPUs that entries name.
    #[serde(default)]
    pub gpus: Vec<Gpu>,
    /// The miners that entries name. Absent in files of minor version 6 and older.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asics: Vec<Asic>,
}

/// A short look at one backend: on the CPU one thread for a fraction of a second,
/// on a GPU some dispatches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// The workload.
    pub workload: String,
    /// The device.
    #[serde(default = "cpu")]
    pub device: String,
    /// The backend.
    pub backend: String,
    /// Units of work per second, best of many timings of a few milliseconds.
    pub rate_per_s: f64,
    /// True for the fastest on its device.
    pub chosen: bool,
}

fn cpu() -> String {
    "cpu".into()
}

/// Threads used by every CPU run of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Threads {
    /// Number of threads.
    pub count: u32,
    /// Source of that number.
    pub reason: String,
    /// The CPU of each thread when they were pinned (`--pin`).
    pub pinned_cpus: Option<Vec<u32>>,
}

/// The timing rules of a session; part of what must be equal to compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Protocol {
    /// Length of the measured window that a run aims at.
    pub window_s: f64,
    /// Warm-up lasts at least so long.
    pub warmup_min_s: f64,
    /// And at most so long: then the run is measured and flagged `not-steady`.
    pub warmup_max_s: f64,
    /// Warm-up also lasts until no meter's reading looks back to before the load: the
    /// longest time that one averages over, is late or waits for an update. Absent where the
    /// shortest warm-up suffices, and in files of builds before it existed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub settle_s: f64,
    /// Largest deviation from the median of the last rates that counts as steady.
    pub steady_tolerance: f64,
    /// A worker silent for so long is taken for hung and ended.
    pub stall_timeout_s: f64,
    /// Length of the idle stretches before and after the runs; 0 for none.
    #[serde(default)]
    pub idle_s: f64,
    /// Error that the edges of a meter's window may cost, relative, as one standard
    /// deviation. A window too short for it is measured all the same, and the row
    /// says how long it would have to be.
    #[serde(default = "energy_error_rel")]
    pub energy_error_rel: f64,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn energy_error_rel() -> f64 {
    0.005
}

/// Settings of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Config {
    /// `quick`, `standard` or `full`.
    pub suite: String,
    /// Planned runs of each entry.
    pub rounds: u32,
    /// The timing rules.
    pub protocol: Protocol,
    /// True where the machine was compared with itself (`perwatt selfcheck`): the
    /// noise that later comparisons take into account. Absent in files of minor
    /// version 2 and older.
    #[serde(default)]
    pub selfcheck: bool,
    /// Number of cards of this machine that were measured at the same time, each by a
    /// session of its own; absent for cards that took turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards_at_once: Option<u32>,
}
