//! Errors of a single reading.

use serde::Serialize;
use std::io;
use std::path::Path;

/// Failure of a reading. The energy of the interval before it is unknown, not zero.
///
/// A difference of two readings with an error between them is not to be used;
/// readings after the error are good among themselves.
#[derive(thiserror::Error, Serialize, Clone, PartialEq, Debug)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("{path} vanished while it was being read; was its driver unloaded?")]
    Vanished { path: String },
    #[error("{path} may no longer be read (permission denied); restore its permissions")]
    PermissionLost { path: String },
    #[error("{path} cannot be read: its device sleeps, or is being reset")]
    Asleep { path: String },
    #[error("{path} holds {text:?}, which is not a reading of this source")]
    Malformed {
        path: String,
        /// Its contents, cut to 64 characters.
        text: String,
    },
    /// The counter fell by more than a wrap can explain: it was reset (suspend,
    /// driver reload).
    #[error(
        "{path} fell from {from_j} J to {to_j} J, which no wrap within its plausible power \
         explains; it was probably reset by suspend or a driver reload"
    )]
    WentBackwards {
        path: String,
        from_j: f64,
        to_j: f64,
    },
    #[error("{path} implies {implied_w:.0} W, above the plausible maximum of {max_w:.0} W")]
    Implausible {
        path: String,
        implied_w: f64,
        max_w: f64,
    },
    #[error("{path} says {text}, which no machine draws ({bounds}); check its unit")]
    OutOfBounds {
        path: String,
        text: String,
        bounds: String,
    },
    #[error(
        "{path} was last read {elapsed_s:.1} s ago and may have wrapped more than once; \
         read it at least every {max_interval_s:.1} s"
    )]
    Ambiguous {
        path: String,
        elapsed_s: f64,
        max_interval_s: f64,
    },
    #[error("{path} has not moved for {still_s:.1} s; it is not counting")]
    Frozen { path: String, still_s: f64 },
    #[error("{path} did not answer: {detail}")]
    NoAnswer { path: String, detail: String },
    #[error("{path} returned no reading: {detail}")]
    BadReply { path: String, detail: String },
    #[error("{path} cannot be read: {detail}")]
    Io { path: String, detail: String },
}

impl ReadError {
    /// The typed form of an I/O error on a file that was readable at open.
    pub(crate) fn from_io(path: &Path, error: &io::Error) -> Self {
        let path = path.display().to_string();
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished { path },
            io::ErrorKind::PermissionDenied => Self::PermissionLost { path },
            // Drivers return EBUSY while the device is suspended.
            io::ErrorKind::ResourceBusy => Self::Asleep { path },
            // ENODEV and ENXIO: the attribute outlived its device.
            _ if matches!(error.raw_os_error(), Some(19 | 6)) && cfg!(unix) => {
                Self::Vanished { path }
            }
            _ => Self::Io {
                path,
                detail: error.to_string(),
            },
        }
    }

    /// `Malformed` with the offending text, cut for use in a record.
    pub(crate) fn malformed(path: &Path, text: &str) -> Self {
        Self::Malformed {
            path: path.display().to_string(),
            text: text.trim_end().chars().take(64).collect(),
        }
    }
}
