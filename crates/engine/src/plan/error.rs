//! Requests that cannot be planned.

use thiserror::Error;

use crate::device::DeviceError;

/// A request that cannot be planned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// There is no such workload.
    #[error("no workload {name:?}; there are {known}")]
    UnknownWorkload {
        /// The name given.
        name: String,
        /// The workloads of this program.
        known: String,
    },
    /// There is no such device, or several match.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// No requested workload has such a backend.
    #[error("no backend {name:?} for the workloads asked for; there are {known}")]
    UnknownBackend {
        /// The name given.
        name: String,
        /// The backends of the requested workloads.
        known: String,
    },
    /// The backend cannot run here.
    #[error("backend {name:?} cannot run on this machine: {reason}")]
    UnavailableBackend {
        /// Its name.
        name: String,
        /// The reason, and a remedy.
        reason: String,
    },
    /// A workload that takes no parameters was given some.
    #[error(
        "workload {workload} takes no parameters, and {params:?} was given; leave out \":{params}\""
    )]
    NoParams {
        /// The workload.
        workload: &'static str,
        /// The parameters given.
        params: String,
    },
    /// Parameters that are invalid.
    #[error("{workload}:{params} cannot be run: {reason}")]
    BadParams {
        /// The workload.
        workload: &'static str,
        /// The parameters given.
        params: String,
        /// The reason.
        reason: String,
    },
    /// A number outside its range.
    #[error("{option} {value} is out of range; give {range}")]
    OutOfRange {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// The permitted range.
        range: String,
    },
    /// There is nothing to measure.
    #[error("nothing to measure: {reason}")]
    Empty {
        /// The reason.
        reason: String,
    },
}
