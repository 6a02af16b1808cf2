//! Facts about a machine that only a worker can determine.

use perwatt_vendor::lt::Card;
use serde::{Deserialize, Serialize};

/// The fastest form of a kernel on one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The workload.
    pub workload: String,
    /// The backend whose kernel it is.
    pub backend: String,
    /// The kernel's name of the form.
    pub variant: String,
    /// The measured rate in units of work per second.
    pub rate_per_s: f64,
    /// The number of forms that were timed.
    pub tried: u32,
    /// The number of all forms.
    pub forms: u32,
}

/// One form of a kernel and the result of its check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Workload and form.
    pub what: String,
    /// The result of the check, or the reason that it cannot run.
    pub outcome: CheckOutcome,
}

/// Result of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Its results are right.
    Right,
    /// Its results are wrong; the difference in words.
    Wrong(String),
    /// The device cannot run it; the reason in words.
    Lacking(String),
}

/// A matrix library for this machine's CPUs, for products of one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its backend.
    pub backend: String,
    /// The format, as in the names of workloads: `bf16` of `matmul/bf16`.
    pub format: String,
    /// Its name, version, file and configuration.
    pub detail: String,
    /// The reason that it runs below the machine's capability, if that is known.
    pub warning: Option<String>,
    /// The reason that it cannot be used and a remedy, if it cannot.
    pub unavailable: Option<String>,
    /// Environment variables that workers must be started with, because the library reads
    /// them only once, while it is loaded.
    pub environment: Vec<(String, String)>,
}

/// A vendor's driver and matrix library, and the cards that they show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Road {
    /// The backend of the library: `cublaslt`, `hipblaslt`.
    pub backend: String,
    /// Name, version and file of the library, and the version of the driver.
    pub detail: String,
    /// The version of the driver's interface.
    pub driver: String,
    /// The reason that it cannot be used and a remedy, if it cannot.
    pub unavailable: Option<String>,
    /// The cards.
    pub cards: Vec<Card>,
}

impl Road {
    /// A road that cannot be used.
    pub(crate) fn unavailable(backend: &str, reason: impl ToString) -> Self {
        Self {
            backend: backend.into(),
            detail: String::new(),
            driver: String::new(),
            unavailable: Some(reason.to_string()),
            cards: Vec::new(),
        }
    }
}

impl Library {
    /// A library that cannot be used.
    pub(crate) fn unavailable(backend: &str, format: &str, reason: String) -> Self {
        Self {
            backend: backend.into(),
            format: format.into(),
            detail: String::new(),
            warning: None,
            unavailable: Some(reason),
            environment: Vec::new(),
        }
    }
}
