//! Messages between coordinator and worker, one JSON document a line.

use perwatt_record::schema::{DeviceTime, Entry, FailureKind, Flag, Gpu, Proof};
use serde::{Deserialize, Serialize};

use super::answer::{Checked, Library, Road, Tuned};

/// All information that a worker needs to do one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The entry to measure.
    pub entry: Entry,
    /// The GPU of the entry, if it runs on one.
    pub gpu: Option<Gpu>,
    /// The number of threads.
    pub threads: u32,
    /// The CPU of each thread, when they are pinned.
    pub pinned_cpus: Option<Vec<u32>>,
    /// The seed of the check of the result.
    pub check_seed: u64,
    /// Binds `sha256d` shares to the session.
    pub session_id: String,
    /// Binds them to the machine.
    pub machine_key: String,
    /// Binds them to the round.
    pub round: u32,
    /// First value of the header's time.
    pub first_time: u32,
    /// Expected length of the run in seconds; it sets the difficulty of shares.
    pub expected_s: f64,
    /// Size of the last-level cache in bytes, where known.
    pub llc_bytes: Option<u64>,
    /// The coordinator's clock at the time of writing, for platforms whose monotonic clock
    /// is not shared between processes.
    pub clock_ns: u64,
}

/// Messages from the coordinator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub enum ToWorker {
    /// Begins a run.
    Start(Box<Assignment>),
    /// Ends the load: enough has been measured.
    Stop,
    /// Instead of `Start`: requests the list of GPUs.
    Gpus,
    /// Instead of `Start`: requests the library of a backend of the CPU, and a test that it
    /// multiplies.
    Library {
        /// The backend.
        backend: String,
    },
    /// Instead of `Start`: requests a GPU vendor's matrix library and its cards.
    Road {
        /// The backend of the library.
        backend: String,
    },
    /// Instead of `Start`: requests the fastest forms of a workload's kernels.
    Tune {
        /// The GPU.
        gpu: Box<Gpu>,
        /// The workload.
        workload: String,
    },
    /// Instead of `Start`: requests a check of every form of every kernel.
    Verify {
        /// The GPU.
        gpu: Box<Gpu>,
    },
}

/// Messages from the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub enum FromWorker {
    /// Inputs are ready; the load starts now.
    Ready,
    /// Steps done so far, at a time of the monotonic clock.
    Work {
        /// Time in nanoseconds.
        t_ns: u64,
        /// Steps done.
        steps: u64,
        /// CPU time of the worker so far, all threads together, in nanoseconds; absent
        /// where the system does not count it.
        #[serde(default)]
        cpu_ns: Option<u64>,
    },
    /// The load has ended and its result was checked.
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
    /// The library, once for each format of products.
    Libraries {
        /// In the order of formats.
        found: Vec<Library>,
    },
    /// A GPU vendor's matrix library and its cards.
    Road(Road),
    /// The fastest forms found, one for each backend.
    Tuned {
        /// Empty for a workload that has only one form.
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
