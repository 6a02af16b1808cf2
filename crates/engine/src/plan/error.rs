//! Requests that cannot be planned.

use thiserror::Error;

use crate::device::DeviceError;

/// A request that cannot be planned.
#[derive(Debug, Clone, PartialEq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PlanError {
    #[error("no workload {name:?}; there are {known}")]
    UnknownWorkload { name: String, known: String },
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("no backend {name:?} for the workloads asked for; there are {known}")]
    UnknownBackend { name: String, known: String },
    #[error("backend {name:?} cannot run on this machine: {reason}")]
    UnavailableBackend { name: String, reason: String },
    #[error(
        "workload {workload} takes no parameters, and {params:?} was given; leave out \":{params}\""
    )]
    NoParams {
        workload: &'static str,
        params: String,
    },
    #[error("{workload}:{params} cannot be run: {reason}")]
    BadParams {
        workload: &'static str,
        params: String,
        reason: String,
    },
    #[error("{option} {value} is out of range; give {range}")]
    OutOfRange {
        option: &'static str,
        value: String,
        range: String,
    },
    #[error("nothing to measure: {reason}")]
    Empty { reason: String },
}
