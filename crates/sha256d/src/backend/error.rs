//! Backend selection errors.

use std::fmt;

/// A backend that cannot be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendError {
    /// No backend has this name.
    Unknown {
        /// The name given.
        name: String,
        /// The names of all backends.
        known: Vec<&'static str>,
    },
    /// This CPU cannot run it.
    Unavailable {
        /// The name given.
        name: &'static str,
        /// The missing architecture or features.
        reason: String,
        /// The names of the backends that can run here.
        available: Vec<&'static str>,
    },
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, known } => write!(
                f,
                "there is no SHA-256d backend {name:?}; choose one of {}",
                known.join(", ")
            ),
            Self::Unavailable {
                name,
                reason,
                available,
            } => write!(
                f,
                "backend {name} cannot run here: {reason}; choose one of {}",
                available.join(", ")
            ),
        }
    }
}

impl std::error::Error for BackendError {}
