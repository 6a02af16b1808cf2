//! The coordinator's side: questions about the machine that workers answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use perwatt_record::schema::Gpu;

use super::asked::Asked;
use super::facts::{GpuFacts, Inquiry, MachineFacts, Tuning};
use super::library::ask_libraries;
use super::road::{ROADS, ask_road, join};
use crate::worker::{
    Checked, Ended, FromWorker, ToWorker, Tuned, WorkerCommand, how_ended, status_in_words,
};

/// Longest time for a driver to list its adapters.
const LIST_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest time for tuning: the trials take some seconds; the rest is for a slow compiler.
const TUNE_TIMEOUT: Duration = Duration::from_secs(120);

/// Adds the answers of workers to `facts`. A failure is recorded as a fact too.
pub fn inquire(mut facts: MachineFacts, inquiry: Inquiry, command: &WorkerCommand) -> MachineFacts {
    std::thread::scope(|scope| {
        // Each library in a process of its own: one that fails costs no other answer.
        let ask = |maker| Asked::start(scope, move || ask_road(command, maker));
        let asked: Vec<_> = match inquiry.roads {
            true => ROADS.iter().map(ask).collect(),
            false => Vec::new(),
        };
        if inquiry.gpus {
            match ask_gpus(command) {
                Ok(gpus) => facts.gpus = gpus.into_iter().map(GpuFacts::new).collect(),
                Err(error) => facts.gpu_error = Some(error),
            }
        }
        facts.roads = asked.into_iter().filter_map(Asked::answer).collect();
    });
    if inquiry.gpus {
        join(&mut facts);
    }
    if inquiry.library {
        facts.libraries = ask_libraries(command);
    }
    facts
}

/// Prepares a command so that its workers get the environment that the libraries need.
pub fn prepared(mut command: WorkerCommand, facts: &MachineFacts) -> WorkerCommand {
    for (name, value) in facts.libraries.iter().flat_map(|found| &found.environment) {
        if !command.envs.iter().any(|(known, _)| known == name) {
            command.envs.push((name.clone(), value.clone()));
        }
    }
    command
}

/// Adds the results of these tunings to `facts`; `watch` is called before each.
pub fn ask_tunings(
    mut facts: MachineFacts,
    tunings: &[Tuning],
    command: &WorkerCommand,
    watch: &mut dyn FnMut(&GpuFacts, &str),
) -> MachineFacts {
    for Tuning { gpu, key } in tunings {
        let mut gpus = facts.gpus.iter_mut();
        let Some(facts) = gpus.find(|facts| facts.gpu.name == *gpu) else {
            continue;
        };
        watch(facts, key);
        match ask_tuning(command, &facts.gpu, key) {
            Ok(tuned) => facts.tuned.extend(tuned),
            // A failure only affects the choice of the form.
            Err(error) => facts.untuned.push((key.clone(), error)),
        }
    }
    facts
}

/// The GPUs of this machine, or the reason that the worker gave no answer.
fn ask_gpus(command: &WorkerCommand) -> Result<Vec<Gpu>, String> {
    match ask(command, &ToWorker::Gpus, LIST_TIMEOUT)? {
        FromWorker::Gpus { gpus } => Ok(gpus),
        other => unasked(&other),
    }
}

/// Has the forms of one workload's kernels timed on a GPU, unless the result is known from
/// an earlier session.
fn ask_tuning(command: &WorkerCommand, gpu: &Gpu, workload: &str) -> Result<Vec<Tuned>, String> {
    let question = ToWorker::Tune {
        gpu: Box::new(gpu.clone()),
        workload: workload.into(),
    };
    match ask(command, &question, TUNE_TIMEOUT)? {
        FromWorker::Tuned { tuned } => Ok(tuned),
        FromWorker::Failed { message, .. } => Err(message),
        other => unasked(&other),
    }
}

/// Has every form of every kernel checked on a GPU; `heard` receives each result.
///
/// # Errors
/// The failure in words, when the worker did not complete all checks.
pub fn ask_verdicts(
    command: &WorkerCommand,
    gpu: &Gpu,
    heard: &mut dyn FnMut(Checked),
) -> Result<(), String> {
    let question = ToWorker::Verify {
        gpu: Box::new(gpu.clone()),
    };
    let child = command.start(&question)?;
    let mut last = "the first check".to_owned();
    let ended = loop {
        match child.message_until(TUNE_TIMEOUT, &command.interrupt) {
            Ok(FromWorker::Checked {
                checked: Some(checked),
            }) => {
                last = format!("what follows {}", checked.what);
                heard(checked);
            }
            Ok(FromWorker::Checked { checked: None }) => break Ok(()),
            Ok(FromWorker::Failed { message, .. }) => break Err(message),
            Ok(other) => break unasked(&other),
            Err(ended) => break Err(format!("{ended:?}")),
        }
    };
    let (status, stderr) = child.end(Duration::from_secs(2));
    let how = status_in_words(status);
    ended.map_err(|error| format!("the worker ended {how} in {last}: {error}; {stderr}"))
}

fn unasked<T>(answer: &FromWorker) -> Result<T, String> {
    Err(format!("the worker answered {answer:?}"))
}

fn ask(
    command: &WorkerCommand,
    question: &ToWorker,
    limit: Duration,
) -> Result<FromWorker, String> {
    let child = command.start(question)?;
    let answer = child.message_until(limit, &command.interrupt);
    let (status, stderr) = child.end(match command.interrupt.load(Ordering::Relaxed) {
        true => Duration::ZERO,
        false => Duration::from_secs(2),
    });
    answer.map_err(|ended| {
        let how = match ended {
            Ended::Silent => format!("did not answer within {} s", limit.as_secs()),
            Ended::Closed => how_ended(status),
            Ended::Nonsense(_) => "wrote among the worker's messages".into(),
        };
        let said = match stderr.is_empty() {
            true => String::new(),
            false => format!(": {stderr}"),
        };
        format!("the process of the graphics driver {how}{said}")
    })
}
