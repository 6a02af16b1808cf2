//! Parallel detection of the selected sources, within one time limit.
//!
//! A meter on a network may be dead, and a driver may hang, so each meter with an
//! address has its own thread, and the sources in this machine share one. Detection
//! does not wait for a thread beyond the limit: the thread is abandoned, and its result
//! is dropped.

use crate::bounds::Bounded;
use crate::select::{Found, Selection, SelectionError};
use crate::source::{Entry, Query};
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};
use perwatt_host::lock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Time limit for all meters together, unless one has a longer `timeout=`.
const LIMIT: Duration = Duration::from_secs(10);
/// Time limit with a BMC on the network; a BMC without a list of its ciphers needs it.
const BMC_LIMIT: Duration = Duration::from_secs(17);
/// Factor on `timeout=`: some sources ask twice, and slow ones are asked once more.
const BEYOND_TIMEOUT: f64 = 3.0;
/// Largest number of meters that are asked at the same time.
const MAX_THREADS: usize = 256;
/// Time between two checks of the interrupt flag.
const LOOK: Duration = Duration::from_millis(50);

/// One kind of source, with the meters of that kind that the user named.
pub(crate) struct Wanted {
    pub entry: &'static Entry,
    /// Empty if all sources are detected.
    pub specs: Vec<MeterSpec>,
}

/// A unit of work: the index in `wanted`, the kind, and the specifications.
type Part = (usize, &'static Entry, Vec<MeterSpec>);
/// Parts that are asked one after another.
type Job = Vec<Part>;
/// The result of the part with this number.
type Answer = (usize, Result<Vec<Found>, SpecError>);

/// The sources found for each of `wanted`, in that order; `None` if interrupted.
pub(crate) fn all(
    selection: &Selection,
    system: &System,
    wanted: &[Wanted],
    interrupt: &AtomicBool,
) -> Result<Option<Vec<Vec<Found>>>, SelectionError> {
    let parts: Vec<Part> = wanted
        .iter()
        .enumerate()
        .flat_map(|(index, one)| split(one).map(move |specs| (index, one.entry, specs)))
        .collect();
    // Sources in this machine are asked in turn, because their readings are timed.
    let (local, remote): (Vec<usize>, Vec<usize>) =
        (0..parts.len()).partition(|&part| !asks_others(parts[part].1, &parts[part].2));
    let (send, answers) = mpsc::channel::<Answer>();
    let jobs = std::iter::once(local).chain(remote.into_iter().map(|part| vec![part]));
    let mut jobs: Vec<Job> = jobs
        .filter(|job| !job.is_empty())
        .map(|job| {
            let take = |part: usize| (part, parts[part].1, parts[part].2.clone());
            job.into_iter().map(take).collect()
        })
        .collect();
    // Jobs are taken from the end, and the first ones should be asked first.
    jobs.reverse();
    let threads = jobs.len().min(MAX_THREADS);
    let jobs = Arc::new(Mutex::new(jobs));
    for started in 0..threads {
        let (jobs, send) = (Arc::clone(&jobs), send.clone());
        let (selection, system) = (selection.clone(), system.clone());
        let work = move || work(&jobs, &selection, &system, &send);
        if let Err(error) = std::thread::Builder::new().spawn(work) {
            // The threads that run do the rest; without any, nothing would ever answer.
            if started == 0 {
                return Err(SelectionError::NoThread {
                    error: error.to_string(),
                });
            }
            break;
        }
    }
    drop(send);

    let limit = limit(wanted);
    let deadline = Instant::now() + limit;
    let mut found: Vec<Option<Vec<Found>>> = parts.iter().map(|_| None).collect();
    while found.iter().any(Option::is_none) {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match answers.recv_timeout(left.min(LOOK)) {
            Ok((part, answer)) => {
                found[part] = Some(answer?.into_iter().map(bounded).collect());
            }
            Err(RecvTimeoutError::Timeout) if !left.is_zero() => {}
            // Past the limit, or a source panicked and took its thread with it.
            Err(_) => break,
        }
    }
    let mut kinds: Vec<Vec<Found>> = wanted.iter().map(|_| Vec::new()).collect();
    for ((index, entry, specs), found) in parts.into_iter().zip(found) {
        match found {
            Some(found) => kinds[index].extend(found),
            None => kinds[index].push(Found::Unavailable(silent(entry, &specs, limit))),
        }
    }
    Ok(Some(kinds))
}

/// The same source, with its readings checked against the bounds of any machine.
fn bounded(found: Found) -> Found {
    match found {
        Found::Available(source) => Found::Available(Box::new(Bounded(source))),
        why => why,
    }
}

/// Runs jobs until none is left or the receiver of the answers is gone.
fn work(
    jobs: &Mutex<Vec<Job>>,
    selection: &Selection,
    system: &System,
    send: &mpsc::Sender<Answer>,
) {
    loop {
        let job = lock(jobs).pop();
        let Some(job) = job else { return };
        for (part, entry, specs) in job {
            let query = Query {
                selection,
                system,
                specs: &specs,
            };
            if send.send((part, entry.look(&query))).is_err() {
                return;
            }
        }
    }
}

/// True if a source is asked over a network or through a program.
fn asks_others(entry: &Entry, specs: &[MeterSpec]) -> bool {
    !entry.name.automatic || entry.name.name == "ipmi" || specs.iter().any(|s| s.target.is_some())
}

/// The groups of specifications that are asked independently.
fn split(wanted: &Wanted) -> impl Iterator<Item = Vec<MeterSpec>> {
    let apart = asks_others(wanted.entry, &wanted.specs) && !wanted.specs.is_empty();
    let parts: Vec<Vec<MeterSpec>> = match apart {
        true => wanted.specs.iter().map(|one| vec![one.clone()]).collect(),
        false => vec![wanted.specs.clone()],
    };
    parts.into_iter()
}

fn limit(wanted: &[Wanted]) -> Duration {
    let specs = wanted.iter().flat_map(|one| &one.specs);
    specs
        .map(|spec| match spec.number("timeout", 0.0, 0.0..=120.0) {
            Ok(timeout_s) if timeout_s > 0.0 => {
                Duration::from_secs_f64(timeout_s * BEYOND_TIMEOUT + 1.0)
            }
            _ if spec.kind == "ipmi" && spec.target.is_some() => BMC_LIMIT,
            _ => LIMIT,
        })
        .fold(LIMIT, Duration::max)
}

/// The report on a source that did not answer within `limit`.
fn silent(entry: &Entry, specs: &[MeterSpec], limit: Duration) -> Unavailable {
    let (id, looked_for) = match specs {
        [spec] => (spec.id(), spec.public()),
        _ => (
            entry.name.name.to_owned(),
            entry.name.description.to_owned(),
        ),
    };
    Unavailable {
        id,
        looked_for,
        reason: Reason::Unreachable,
        detail: format!(
            "it did not answer within the {} s that all meters together have",
            limit.as_secs_f64()
        ),
        fix: asks_others(entry, specs)
            .then(|| "see that it is on; for a slow one add timeout=N, its time in seconds".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(specs: &[&str]) -> u64 {
        let entry = &crate::source::REGISTRY[0];
        let specs = specs.iter().map(|text| text.parse().unwrap()).collect();
        limit(&[Wanted { entry, specs }]).as_secs()
    }

    #[test]
    fn the_limit_is_one_for_all_and_follows_what_is_given() {
        assert_eq!(limit_of(&["shelly=a", "shelly=b", "shelly=c"]), 10);
        assert_eq!(limit_of(&["shelly=a,timeout=1"]), 10);
        assert_eq!(limit_of(&["shelly=a", "json=b,timeout=20"]), 61);
        assert_eq!(limit_of(&["shelly=a,timeout=1e9"]), 10);
        assert_eq!(limit_of(&["ipmi=bmc"]), 17);
        assert_eq!(limit_of(&["ipmi"]), 10);
    }
}
