//! The matrix libraries of this machine's CPUs: each is loaded and tested in a worker of its
//! own, because a library that crashes, hangs or ends its process takes that process with
//! it.

use std::time::Duration;

use perwatt_matmul::{Backend, BackendStatus, Description, Format};

use super::asked::Asked;
use crate::worker::{Child, Ended, FromWorker, Library, ToWorker, WorkerCommand, how_ended};

/// Longest time for a library to be loaded and to multiply two 2×2 matrices.
const TRY_TIMEOUT: Duration = Duration::from_secs(15);

/// The facts about a library from the status of its backend.
pub(crate) fn described(status: BackendStatus, format: Format) -> Library {
    Library {
        backend: status.name.into(),
        format: format.name().into(),
        detail: status.description.as_ref().map_or_else(String::new, words),
        warning: status
            .description
            .and_then(|description| description.warning),
        unavailable: status.reason.filter(|_| !status.available),
        environment: Vec::new(),
    }
}

/// Loads the library of a backend into this process and tests its products of each format.
pub(crate) fn try_library(backend: &str) -> Vec<Library> {
    let Ok(backend) = Backend::by_name(backend) else {
        return Vec::new();
    };
    let of = |format: &Format| described(backend.status(*format), *format);
    let mut found: Vec<Library> = backend.formats().iter().map(of).collect();
    for (name, value) in backend.worker_environment() {
        for found in found.iter_mut().filter(|one| one.unavailable.is_none()) {
            // The environment removes the cause of the warning.
            found.warning = None;
            found.detail.push_str(&format!(
                "; it does not know this CPU, so perwatt starts it with {name}={value}"
            ));
            found.environment.push((name.into(), value.into()));
        }
    }
    found
}

/// Has workers load the libraries and test them, each its own.
pub(super) fn ask_libraries(command: &WorkerCommand) -> Vec<Library> {
    let loaded = Backend::all().iter().filter(|backend| backend.is_loaded());
    std::thread::scope(|scope| {
        let asked: Vec<_> = loaded
            .map(|backend| Asked::start(scope, move || ask_library(command, backend)))
            .collect();
        asked
            .into_iter()
            .filter_map(Asked::answer)
            .flatten()
            .collect()
    })
}

/// Has a worker load the library of a backend and test it.
fn ask_library(command: &WorkerCommand, backend: &Backend) -> Vec<Library> {
    let question = ToWorker::Library {
        backend: backend.name().into(),
    };
    let error = match load(command, &question, TRY_TIMEOUT) {
        Ok(FromWorker::Libraries { found }) => return found,
        Ok(other) => format!("answered {other:?}"),
        Err(error) => error,
    };
    let variable = backend.variable().unwrap_or_default();
    let library = match std::env::var_os(variable).filter(|path| !path.is_empty()) {
        Some(path) => format!("{variable} names '{}', and", path.display()),
        None => format!("a library for {} was found, and", backend.name()),
    };
    let reason = format!(
        "{library} its process {error} when it was loaded or first called; set {variable} to the path of one that works"
    );
    let formats = backend.formats().iter();
    let unavailable =
        |format: &Format| Library::unavailable(backend.name(), format.name(), reason.clone());
    formats.map(unavailable).collect()
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
