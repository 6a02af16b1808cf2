//! The CBLAS library of this machine: loaded and tried in a worker, because one that
//! crashes, hangs or ends its process takes that process with it.

use std::time::Duration;

use perwatt_matmul::{Backend, BackendStatus, Description};
use serde::{Deserialize, Serialize};

use crate::worker::{Child, Ended, FromWorker, ToWorker, WorkerCommand, how_ended};

/// The backend that such a library is.
pub const CBLAS: &str = "cblas";

/// A library that has not multiplied two by two numbers by then will not.
const LIMIT: Duration = Duration::from_secs(15);

/// A library that multiplies, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its name, version, file and configuration.
    pub detail: String,
    /// Why it is known to run below what the machine can do, if it is.
    pub warning: Option<String>,
    /// Why it cannot be used and what would help, if it cannot.
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
    fn unavailable(reason: String) -> Self {
        Self {
            detail: String::new(),
            warning: None,
            unavailable: Some(reason),
            environment: Vec::new(),
        }
    }

    /// What a backend's status says.
    pub(crate) fn of(status: BackendStatus) -> Self {
        Self {
            detail: status.description.as_ref().map_or_else(String::new, words),
            warning: status
                .description
                .and_then(|description| description.warning),
            unavailable: status.reason.filter(|_| !status.available),
            environment: Vec::new(),
        }
    }

    /// Loads it into this process and tries it.
    pub(crate) fn look() -> Self {
        let mut found = Self::of(Backend::CBLAS.status());
        for (name, value) in Backend::worker_environment() {
            // It puts right what the warning is about.
            found.warning = None;
            found.detail.push_str(&format!(
                "; it does not know this CPU, so perwatt starts it with {name}={value}"
            ));
            found.environment.push((name.into(), value.into()));
        }
        found
    }

    /// Has a worker load it and try it.
    pub fn ask(command: &WorkerCommand) -> Self {
        let child = match Child::start(command, &ToWorker::Library) {
            Ok(child) => child,
            Err(error) => {
                return Self::unavailable(format!("no worker could be started to try it: {error}"));
            }
        };
        let answer = child.message_until(LIMIT, &command.interrupt);
        let patience = match answer {
            Err(Ended::Silent) => Duration::ZERO,
            _ => Duration::from_secs(2),
        };
        let (status, stderr) = child.end(patience);
        let trouble = match answer {
            Ok(FromWorker::Library(found)) => return found,
            Ok(FromWorker::Failed { message, .. }) => message,
            Err(Ended::Silent) => format!("hung for {} s", LIMIT.as_secs()),
            Err(Ended::Closed) => how_ended(status),
            Ok(_) | Err(Ended::Nonsense(_)) => "wrote among the worker's messages".into(),
        };
        let which = match std::env::var_os(Backend::CBLAS_VARIABLE).filter(|path| !path.is_empty())
        {
            Some(path) => format!(
                "{} names '{}', and",
                Backend::CBLAS_VARIABLE,
                path.display()
            ),
            None => "a CBLAS library was found, and".into(),
        };
        let said = match stderr.is_empty() {
            true => String::new(),
            false => format!(" ({stderr})"),
        };
        Self::unavailable(format!(
            "{which} its process {trouble} when it was loaded or first called{said}; set {} to the path of one that works",
            Backend::CBLAS_VARIABLE
        ))
    }
}

/// Name, version, file and configuration of the library behind a backend.
fn words(description: &Description) -> String {
    let mut words = format!("{} {}", description.library, description.version);
    if let Some(path) = &description.path {
        words.push_str(&format!(", {}", path.display()));
    }
    if let Some(config) = &description.config {
        words.push_str(&format!(", {config}"));
    }
    words
}
