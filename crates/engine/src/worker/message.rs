//! Messages between coordinator and worker, one JSON document a line.

use perwatt_record::schema::{DeviceTime, Entry, FailureKind, Flag, Gpu, Proof};
use serde::{Deserialize, Serialize};

use super::answer::{Checked, Library, Tuned};

/// Everything that a worker needs to know to do one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The entry to measure.
    pub entry: Entry,
    /// The GPU that the entry names, if it names one.
    pub gpu: Option<Gpu>,
    /// On how many threads.
    pub threads: u32,
    /// The CPU of each thread, when they are pinned.
    pub pinned_cpus: Option<Vec<u32>>,
    /// Seeds the check of the result.
    pub check_seed: u64,
    /// Binds `sha256d` shares to the session.
    pub session_id: String,
    /// Binds them to the machine.
    pub machine_key: String,
    /// Binds them to the round.
    pub round: u32,
    /// First value of the header's time.
    pub first_time: u32,
    /// Likely length of the run: sets the difficulty of shares.
    pub expected_s: f64,
    /// Size of the last-level cache, where known.
    pub llc_bytes: Option<u64>,
    /// The coordinator's clock at the time of writing, for platforms whose
    /// monotonic clock is not shared between processes.
    pub clock_ns: u64,
}

/// From the coordinator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub enum ToWorker {
    /// Begin.
    Start(Box<Assignment>),
    /// End: what has been measured is enough.
    Stop,
    /// In place of `Start`: which GPUs are there?
    Gpus,
    /// In place of `Start`: which CBLAS library is there, and does it multiply?
    Library,
    /// In place of `Start`: which forms of a workload's kernels are the fastest?
    Tune {
        /// The GPU.
        gpu: Box<Gpu>,
        /// The workload.
        workload: String,
    },
    /// In place of `Start`: does every form of every kernel compute what it must?
    Verify {
        /// The GPU.
        gpu: Box<Gpu>,
    },
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub enum FromWorker {
    /// Inputs are ready; the load starts now.
    Ready,
    /// Steps done so far, at a time of the monotonic clock.
    Work {
        /// Time.
        t_ns: u64,
        /// Steps.
        steps: u64,
    },
    /// The load has ended and its result was looked at.
    Done {
        /// The proof that the work was done.
        proof: Proof,
        /// Times by a GPU's clock.
        device_time: Option<DeviceTime>,
        /// Remarks for a reader.
        flags: Vec<Flag>,
    },
    /// The GPUs found.
    Gpus {
        /// In the driver's order.
        gpus: Vec<Gpu>,
    },
    /// The CBLAS library.
    Library(Library),
    /// The fastest forms found, one for each backend.
    Tuned {
        /// None for a workload that has one form only.
        tuned: Vec<Tuned>,
    },
    /// One form was checked; `None` after the last.
    Checked {
        /// The form and its result.
        checked: Option<Checked>,
    },
    /// The run gives no figure.
    Failed {
        /// The class of failure.
        kind: FailureKind,
        /// The failure in words.
        message: String,
    },
}
