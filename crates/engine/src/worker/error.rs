//! Failures of a run, as a worker reports them.

use std::io;

use perwatt_record::schema::FailureKind;
use thiserror::Error;

use super::message::FromWorker;

/// A run that gives no figure.
#[derive(Debug, Error)]
pub enum RunError {
    /// The coordinator cannot be reached.
    #[error("the coordinator is gone: {0}")]
    Pipe(#[from] io::Error),
    /// The work cannot be done here.
    #[error("{0}")]
    Refused(String),
    /// The GPU did not finish in time.
    #[error("{0}")]
    Hung(String),
    /// The driver reports that the GPU is lost.
    #[error("{0}")]
    DeviceLost(String),
    /// The GPU's memory does not suffice.
    #[error("{0}")]
    OutOfMemory(String),
    /// The work was done and its result is wrong.
    #[error("{0}")]
    Unverified(String),
}

impl RunError {
    /// A refusal with the message of another error.
    pub(crate) fn refused(error: impl std::fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }

    /// A wrong result, with the message of another error.
    pub(crate) fn unverified(error: impl std::fmt::Display) -> Self {
        Self::Unverified(error.to_string())
    }
}

impl From<&RunError> for FromWorker {
    fn from(error: &RunError) -> Self {
        let kind = match error {
            RunError::Unverified(_) => FailureKind::Unverified,
            RunError::Hung(_) => FailureKind::Hung,
            RunError::DeviceLost(_) => FailureKind::DeviceLost,
            RunError::OutOfMemory(_) => FailureKind::OutOfMemory,
            RunError::Pipe(_) | RunError::Refused(_) => FailureKind::Refused,
        };
        Self::Failed {
            kind,
            message: error.to_string(),
        }
    }
}
