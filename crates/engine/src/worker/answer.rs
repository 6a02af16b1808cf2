//! Facts about a machine that only a worker can find out.

use serde::{Deserialize, Serialize};

/// The fastest form of a kernel on one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The workload.
    pub workload: String,
    /// The backend whose kernel it is.
    pub backend: String,
    /// The form, as the kernel calls it.
    pub variant: String,
    /// Units of work per second that it did.
    pub rate_per_s: f64,
    /// Forms that were tried.
    pub tried: u32,
    /// Forms there are.
    pub forms: u32,
}

/// One form of a kernel and whether it computes what it must.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Workload and form.
    pub what: String,
    /// Result of the check, or the reason that it cannot run.
    pub outcome: CheckOutcome,
}

/// Result of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Its results are right.
    Right,
    /// They are not.
    Wrong(String),
    /// The device cannot run it.
    Lacking(String),
}

/// The CBLAS library of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its name, version, file and configuration.
    pub detail: String,
    /// Reason that it runs below what the machine can do, if that is known.
    pub warning: Option<String>,
    /// Reason that it cannot be used and what would help, if it cannot.
    pub unavailable: Option<String>,
    /// Environment variables that workers must be started with, because the library
    /// reads them once, while it is loaded.
    pub environment: Vec<(String, String)>,
}

impl Default for Library {
    fn default() -> Self {
        Self::unavailable("it was not looked for".into())
    }
}

impl Library {
    /// A library that cannot be used.
    pub(crate) fn unavailable(reason: String) -> Self {
        Self {
            detail: String::new(),
            warning: None,
            unavailable: Some(reason),
            environment: Vec::new(),
        }
    }
}
