//! The devices of a machine: the CPU, and its GPUs as a worker finds them.
//!
//! Drivers run in workers alone. One that crashes or hangs while it lists its
//! adapters, or while kernels are tried on them, takes no session with it.

mod ask;
mod cache;
mod choose;
mod describe;
mod tune;
mod verify;

pub use ask::{ask_gpus, ask_tuning, ask_verdicts};
pub use choose::choose;
pub use verify::{CheckOutcome, Checked};

pub(crate) use describe::{gpus, open};
pub(crate) use tune::{Form, tune};
pub(crate) use verify::verify;

use perwatt_record::schema::Gpu;
use serde::{Deserialize, Serialize};

/// The name of the CPU as a device.
pub const CPU: &str = "cpu";

/// The kernels' backend on a GPU.
pub const WGSL: &str = "wgsl";

/// A GPU and which forms of the kernels are fastest on it.
#[derive(Debug, Clone, PartialEq)]
pub struct GpuFacts {
    /// What it is.
    pub gpu: Gpu,
    /// What was found by trying; empty before that.
    pub tuned: Vec<Tuned>,
    /// Kinds of workload that could not be tried, and why.
    pub untuned: Vec<(String, String)>,
}

impl GpuFacts {
    /// A GPU on which nothing was tried yet.
    pub fn new(gpu: Gpu) -> Self {
        Self {
            gpu,
            tuned: Vec::new(),
            untuned: Vec::new(),
        }
    }

    /// What was found for one backend of a workload.
    pub fn tuned(&self, workload: &str, backend: &str) -> Option<&Tuned> {
        self.tuned
            .iter()
            .find(|tuned| tuned.workload == workload && tuned.backend == backend)
    }
}

/// The fastest form of a kernel on one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The workload.
    pub workload: String,
    /// The backend whose kernel it is.
    pub backend: String,
    /// The form, as the kernel calls it.
    pub variant: String,
    /// Units of work per second that it did.
    pub rate_per_s: f64,
    /// Forms that were tried.
    pub tried: u32,
    /// Forms there are.
    pub forms: u32,
}
