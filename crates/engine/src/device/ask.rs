//! The coordinator's side: asking a worker about GPUs.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use perwatt_record::schema::Gpu;

use super::{Checked, GpuFacts, Tuned};
use crate::worker::{Child, FromWorker, ToWorker, WorkerCommand};

/// A driver that has not listed its adapters by then will not.
const LIST_LIMIT: Duration = Duration::from_secs(20);
/// Forms are tried for some seconds; the rest is for a slow compiler.
const TUNE_LIMIT: Duration = Duration::from_secs(120);

/// The GPUs of this machine.
///
/// # Errors
/// What happened, in words, when the worker gave no answer.
pub fn ask_gpus(command: &WorkerCommand) -> Result<Vec<Gpu>, String> {
    match ask(command, &ToWorker::Gpus, LIST_LIMIT)? {
        FromWorker::Gpus { gpus } => Ok(gpus),
        other => Err(format!("the worker answered {other:?}")),
    }
}

/// Has the forms of one workload's kernels tried on a GPU, unless the answer is
/// known from an earlier time. What goes wrong is kept in `facts` and costs only
/// the choice.
pub fn ask_tuning(command: &WorkerCommand, facts: &mut GpuFacts, workload: &str) {
    let question = ToWorker::Tune {
        gpu: Box::new(facts.gpu.clone()),
        workload: workload.into(),
    };
    let answer: Result<Vec<Tuned>, String> = match ask(command, &question, TUNE_LIMIT) {
        Ok(FromWorker::Tuned { tuned }) => Ok(tuned),
        Ok(FromWorker::Failed { message, .. }) => Err(message),
        Ok(other) => Err(format!("the worker answered {other:?}")),
        Err(error) => Err(error),
    };
    match answer {
        Ok(tuned) => facts.tuned.extend(tuned),
        Err(error) => facts.untuned.push((workload.into(), error)),
    }
}

/// Has every form of every kernel checked on a GPU; `heard` is told each result.
///
/// # Errors
/// What happened, in words, when the worker did not come to its end.
pub fn ask_verdicts(
    command: &WorkerCommand,
    gpu: &Gpu,
    heard: &mut dyn FnMut(Checked),
) -> Result<(), String> {
    let question = ToWorker::Verify {
        gpu: Box::new(gpu.clone()),
    };
    let child = Child::start(command, &question)
        .map_err(|error| format!("cannot start {}: {error}", command.program.display()))?;
    let mut last = "the first check".to_owned();
    let ended = loop {
        match child.message_until(TUNE_LIMIT, &command.interrupt) {
            Ok(FromWorker::Checked {
                checked: Some(checked),
            }) => {
                last = format!("what follows {}", checked.what);
                heard(checked);
            }
            Ok(FromWorker::Checked { checked: None }) => break Ok(()),
            Ok(FromWorker::Failed { message, .. }) => break Err(message),
            Ok(other) => break Err(format!("the worker answered {other:?}")),
            Err(ended) => break Err(format!("{ended:?}")),
        }
    };
    let (status, stderr) = child.end(Duration::from_secs(2));
    ended.map_err(|error| {
        let how = status.map_or_else(|| "in an unknown way".into(), |status| status.to_string());
        format!("the worker ended {how} in {last}: {error}; {stderr}")
    })
}

fn ask(
    command: &WorkerCommand,
    question: &ToWorker,
    limit: Duration,
) -> Result<FromWorker, String> {
    let began = Instant::now();
    let child = Child::start(command, question)
        .map_err(|error| format!("cannot start {}: {error}", command.program.display()))?;
    let answer = child.message_until(limit, &command.interrupt);
    let (status, stderr) = child.end(match command.interrupt.load(Ordering::Relaxed) {
        true => Duration::ZERO,
        false => Duration::from_secs(2),
    });
    answer.map_err(|_| {
        let how = status.map_or_else(|| "in an unknown way".into(), |status| status.to_string());
        format!(
            "the graphics driver gave no answer in {:.1} s; its process ended {how}: {stderr}",
            began.elapsed().as_secs_f64()
        )
    })
}
