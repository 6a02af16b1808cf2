//! The reasons that a GPU cannot be used, or can no longer be used.

use std::time::Duration;

/// A failure of a GPU.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// The driver refuses to open the adapter.
    #[error(
        "{adapter} cannot be opened: {reason}; see whether its driver works with other programs"
    )]
    Open {
        /// The adapter's name.
        adapter: String,
        /// The driver's message.
        reason: String,
    },
    /// The driver or wgpu rejects something.
    #[error("{adapter} rejected the work: {reason}")]
    Rejected {
        /// The adapter's name.
        adapter: String,
        /// The message of the driver or of wgpu.
        reason: String,
    },
    /// Work did not end in time.
    #[error("{adapter} hung: it did not finish within {waited:?}; its driver may have to be reset")]
    Hung {
        /// The adapter's name.
        adapter: String,
        /// The time that was waited.
        waited: Duration,
    },
    /// The device's memory does not suffice.
    #[error("{adapter} has too little memory for this: {reason}")]
    OutOfMemory {
        /// The adapter's name.
        adapter: String,
        /// The message of the driver or of wgpu.
        reason: String,
    },
    /// The driver reports that the device is lost.
    #[error("{adapter} was lost: {reason}")]
    Lost {
        /// The adapter's name.
        adapter: String,
        /// The driver's message.
        reason: String,
    },
    /// The adapter lacks something.
    #[error("{adapter} cannot run this: {lacks}")]
    Unsupported {
        /// The adapter's name.
        adapter: String,
        /// The feature or limit that is missing.
        lacks: String,
    },
    /// A result differs from the expected one.
    #[error("{adapter} computed wrongly: {what}; none of its results can be used")]
    Wrong {
        /// The adapter's name.
        adapter: String,
        /// A description of the difference.
        what: String,
    },
}
