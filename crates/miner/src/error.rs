//! Why a miner was not read.

use crate::repair::RepairError;

/// An error of asking one miner.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
#[error("{address}: {problem}")]
pub struct ApiError {
    /// Host and port, or the host where several ports were asked.
    pub address: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a miner's interface. The address is not in it, so that it can be
/// kept in a report.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub enum Problem {
    /// The host is not found, or nothing listens at the port.
    #[error("{why}; is it on, and is its API switched on?")]
    Unreachable {
        /// The system's reason.
        why: String,
    },
    /// No whole reply in time.
    #[error("no whole answer to {request} within {timeout_s} s")]
    Timeout {
        /// The request's name.
        request: &'static str,
        /// The time limit.
        timeout_s: f64,
    },
    /// The reply cannot be used.
    #[error("the answer to {request} cannot be read: {why}")]
    Garbled {
        /// The request's name.
        request: &'static str,
        /// What is wrong with it.
        why: RepairError,
    },
    /// Something that is not the protocol.
    #[error("{request} is answered by {why}; is this the right port and kind?")]
    Protocol {
        /// The request's name.
        request: &'static str,
        /// What came instead.
        why: String,
    },
    /// The firmware wants a login, which perwatt does not give.
    #[error("{kind} shows this only after a login: {requests}; perwatt does not log in")]
    Login {
        /// The kind of interface.
        kind: &'static str,
        /// The requests that were refused.
        requests: String,
    },
    /// Replies without a single figure.
    #[error("{kind} answers, but none of its fields is known; is it another firmware?{notes}")]
    NoClaims {
        /// The kind of interface.
        kind: &'static str,
        /// The notes of the reading, each after a blank.
        notes: String,
    },
    /// No known interface.
    #[error(
        "none of the known interfaces answers ({tried}); is it on, and is its API switched on? \
         Name its kind with --api KIND=HOST, or write --api none"
    )]
    Unrecognised {
        /// What was tried, with the reasons.
        tried: String,
    },
}

impl Problem {
    /// True if the port does not answer, so that a further request would wait in vain.
    pub(crate) fn silent(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. })
    }
}
