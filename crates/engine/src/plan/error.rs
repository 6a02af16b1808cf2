//! Requests that cannot be planned.

use thiserror::Error;

use crate::device::DeviceError;

/// A request that cannot be planned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// No such workload.
    #[error("no workload {name:?}; there are {known}")]
    UnknownWorkload {
        /// As given.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No such device, or several.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// No workload that was asked for has such a backend.
    #[error("no backend {name:?} for the workloads asked for; there are {known}")]
    UnknownBackend {
        /// As given.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The backend cannot run here.
    #[error("backend {name:?} cannot run on this machine: {reason}")]
    UnavailableBackend {
        /// Its name.
        name: String,
        /// The reason, and what would help.
        reason: String,
    },
    /// A workload that takes no parameters was given some.
    #[error(
        "workload {workload} takes no parameters, and {params:?} was given; leave out \":{params}\""
    )]
    NoParams {
        /// The workload.
        workload: &'static str,
        /// As given.
        params: String,
    },
    /// Parameters that make no sense.
    #[error("{workload}:{params} cannot be run: {reason}")]
    BadParams {
        /// The workload.
        workload: &'static str,
        /// As given.
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
        /// The range.
        range: String,
    },
    /// Nothing is left to measure.
    #[error("nothing to measure: {reason}")]
    Empty {
        /// The reason.
        reason: String,
    },
}
