//! Why a miner was not read.

use crate::repair::RepairError;

/// Errors of asking one miner.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub enum ApiError {
    /// The host is not found, or nothing listens at the port.
    #[error("{address}: {why}; is it on, and is its API switched on?")]
    Unreachable {
        /// Host and port.
        address: String,
        /// The system's reason.
        why: String,
    },
    /// No whole reply in time.
    #[error("{address}: no whole answer to {request} within {timeout_s} s")]
    Timeout {
        /// Host and port.
        address: String,
        /// The request's name.
        request: &'static str,
        /// The time limit.
        timeout_s: f64,
    },
    /// The reply cannot be used.
    #[error("{address}: the answer to {request} cannot be read: {why}")]
    Garbled {
        /// Host and port.
        address: String,
        /// The request's name.
        request: &'static str,
        /// What is wrong with it.
        why: RepairError,
    },
    /// Something that is not the protocol.
    #[error("{address}: {request} is answered by {why}; is this the right port and kind?")]
    Protocol {
        /// Host and port.
        address: String,
        /// The request's name.
        request: &'static str,
        /// What came instead.
        why: String,
    },
    /// The firmware wants a login, which perwatt does not give.
    #[error(
        "{address}: {kind} shows this to users alone ({requests}); perwatt does not log in, so \
         there are no claims of this miner; --api none says so"
    )]
    Login {
        /// Host and port.
        address: String,
        /// The kind of interface.
        kind: &'static str,
        /// The requests that were refused.
        requests: String,
    },
    /// Replies without a single figure.
    #[error(
        "{address}: {kind} answers, but none of its fields is known; is it another firmware?{notes}"
    )]
    NoClaims {
        /// Host and port.
        address: String,
        /// The kind of interface.
        kind: &'static str,
        /// The notes of the reading, each after a blank.
        notes: String,
    },
    /// No known interface.
    #[error(
        "{host} has none of the known interfaces ({tried}); name its kind with --api KIND=HOST, \
         or write --api none"
    )]
    Unrecognised {
        /// The host.
        host: String,
        /// What was tried, with the reasons.
        tried: String,
    },
}

impl ApiError {
    /// True if the port does not answer, so that a further request would wait in vain.
    pub(crate) fn silent(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. })
    }
}
