//! The CBLAS library of this machine: loaded and tested in a worker, because a library that
//! crashes, hangs or ends its process takes that process with it.

use std::time::Duration;

use perwatt_matmul::{Backend, BackendStatus, Description};

use crate::worker::{Child, Ended, FromWorker, Library, ToWorker, WorkerCommand, how_ended};

/// Longest time for a library to multiply two 2×2 matrices.
const TRY_TIMEOUT: Duration = Duration::from_secs(15);

/// The facts about a library from the status of its backend.
pub(crate) fn described(status: BackendStatus) -> Library {
    Library {
        detail: status.description.as_ref().map_or_else(String::new, words),
        warning: status
            .description
            .and_then(|description| description.warning),
        unavailable: status.reason.filter(|_| !status.available),
        environment: Vec::new(),
    }
}

/// Loads the library into this process and tests it.
pub(crate) fn try_library() -> Library {
    let mut found = described(Backend::CBLAS.status());
    for (name, value) in Backend::worker_environment() {
        // The environment removes the cause of the warning.
        found.warning = None;
        found.detail.push_str(&format!(
            "; it does not know this CPU, so perwatt starts it with {name}={value}"
        ));
        found.environment.push((name.into(), value.into()));
    }
    found
}

/// Has a worker load the library and test it.
pub(super) fn ask_library(command: &WorkerCommand) -> Library {
    let error = match load(command, &ToWorker::Library, TRY_TIMEOUT) {
        Ok(FromWorker::Library(found)) => return found,
        Ok(other) => format!("answered {other:?}"),
        Err(error) => error,
    };
    let library = match std::env::var_os(Backend::CBLAS_VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => format!(
            "{} names '{}', and",
            Backend::CBLAS_VARIABLE,
            path.display()
        ),
        None => "a CBLAS library was found, and".into(),
    };
    Library::unavailable(format!(
        "{library} its process {error} when it was loaded or first called; set {} to the path of one that works",
        Backend::CBLAS_VARIABLE
    ))
}

/// Has a worker load a library; the error completes "its process …".
pub(super) fn load(
    command: &WorkerCommand,
    question: &ToWorker,
    limit: Duration,
) -> Result<FromWorker, String> {
    let child = Child::start(command, question)
        .map_err(|error| format!("could not be started ({error})"))?;
    let answer = child.message_until(limit, &command.interrupt);
    let patience = match answer {
        Err(Ended::Silent) => Duration::ZERO,
        _ => Duration::from_secs(2),
    };
    let (status, stderr) = child.end(patience);
    let error = match answer {
        Ok(FromWorker::Failed { message, .. }) => message,
        Ok(answer) => return Ok(answer),
        Err(Ended::Silent) => format!("hung for {} s", limit.as_secs()),
        Err(Ended::Closed) => how_ended(status),
        Err(Ended::Nonsense(_)) => "wrote among the worker's messages".into(),
    };
    Err(match stderr.is_empty() {
        true => error,
        false => format!("{error} ({stderr})"),
    })
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
