//! Why a request cannot be planned.

use thiserror::Error;

/// Why a request cannot be planned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// No such workload.
    #[error("no workload {name:?}; there are {known}")]
    UnknownWorkload {
        /// As given.
        name: String,
        /// What there is.
        known: String,
    },
    /// No such device.
    #[error("no device {name:?} on this machine; {known}")]
    UnknownDevice {
        /// As given.
        name: String,
        /// What there is.
        known: String,
    },
    /// Several devices have that name.
    #[error("{name:?} is the name of several devices: {matching}; say which by its number")]
    AmbiguousDevice {
        /// As given.
        name: String,
        /// Those it matches.
        matching: String,
    },
    /// No workload that was asked for has such a backend.
    #[error("no backend {name:?} for the workloads asked for; there are {known}")]
    UnknownBackend {
        /// As given.
        name: String,
        /// What there is.
        known: String,
    },
    /// The backend cannot run here.
    #[error("backend {name:?} cannot run on this machine: {reason}")]
    UnavailableBackend {
        /// Its name.
        name: String,
        /// Why, and what would help.
        reason: String,
    },
    /// A workload that takes no parameters was given some.
    #[error(
        "workload {workload} takes no parameters, and {params:?} was given; leave out \":{params}\""
    )]
    NoParams {
        /// The workload.
        workload: &'static str,
        /// What was given.
        params: String,
    },
    /// Parameters that make no sense.
    #[error("{workload}:{params} cannot be run: {reason}")]
    BadParams {
        /// The workload.
        workload: &'static str,
        /// What was given.
        params: String,
        /// Why not.
        reason: String,
    },
    /// A number outside its range.
    #[error("{option} {value} is out of range; give {range}")]
    OutOfRange {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        range: String,
    },
    /// Nothing is left to measure.
    #[error("nothing to measure: {reason}")]
    Empty {
        /// Why.
        reason: String,
    },
}
