//! CPU time within the window of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CPU time that a run's worker got within its window, and what kept it from more. Each
/// figure is the difference of two readings, at the two ends of `steady`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CpuTime {
    /// CPU seconds of the worker, all its threads together.
    pub worker_s: f64,
    /// Seconds in which threads of the worker were ready to run and other programs had
    /// their CPU, all threads together. Absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_s: Option<f64>,
    /// Seconds in which the hypervisor ran something else on CPUs of this machine that
    /// had work, all CPUs together. Absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stolen_s: Option<f64>,
    /// CPU seconds of all programs and the kernel of this machine, the worker among them.
    /// Absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_s: Option<f64>,
    /// Seconds in which the quota of a control group stopped the program, all CPUs
    /// together. Absent where no group counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled_s: Option<f64>,
}
