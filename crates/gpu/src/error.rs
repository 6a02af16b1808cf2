//! Why a GPU cannot be used, or stopped being so.

use std::time::Duration;

/// What can go wrong with a GPU.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// The driver refuses to open the adapter.
    #[error(
        "{adapter} cannot be opened: {reason}; see whether its driver works with other programs"
    )]
    Open {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The driver or wgpu rejects something.
    #[error("{adapter} rejected the work: {reason}")]
    Rejected {
        /// The adapter's name.
        adapter: String,
        /// What was said.
        reason: String,
    },
    /// Work did not end in time.
    #[error("{adapter} hung: it did not finish within {waited:?}; its driver may have to be reset")]
    Hung {
        /// The adapter's name.
        adapter: String,
        /// How long it was given.
        waited: Duration,
    },
    /// The device's memory does not suffice.
    #[error("{adapter} has too little memory for this: {reason}")]
    OutOfMemory {
        /// The adapter's name.
        adapter: String,
        /// What was said.
        reason: String,
    },
    /// The driver gave the device up.
    #[error("{adapter} was lost: {reason}")]
    Lost {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The adapter lacks something.
    #[error("{adapter} cannot run this: {lacks}")]
    Unsupported {
        /// The adapter's name.
        adapter: String,
        /// What it lacks.
        lacks: String,
    },
    /// A result is not what it must be.
    #[error("{adapter} computed wrongly: {what}; none of its results can be used")]
    Wrong {
        /// The adapter's name.
        adapter: String,
        /// What is wrong.
        what: String,
    },
}
