//! `sha256d`: 1 hash is one double SHA-256 of an 80-byte header, every nonce decided
//! against the target. Midstate reuse, early reject and version rolling are allowed; a
//! nonce that is skipped is not counted.
//!
//! The header is bound to the session (see [`perwatt_record::proof`]), and the nonces that
//! meet an easy target are reported as shares.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use perwatt_host::lock;
use perwatt_record::schema::{Entry, Proof, Share as RecordedShare};
use perwatt_record::work::Work;
use perwatt_sha256d::{Backend, Descriptor, Progress, SearchConfig, Share, search, select};

use super::gpu;
use super::headers::{rolls, share_bits};
use super::pinning::{ThreadHook, pin_hook};
use super::runnable::{Done, Runnable};
use crate::device::{CPU, Forms, GpuFacts, MachineFacts};
use crate::plan::{BackendStatus, PlanError, Plannable, Suite, Wanted};
use crate::worker::{Assignment, Load, RunError, no_thread};

/// Length of the trial before the share target is chosen.
const PROBE: Duration = Duration::from_millis(80);
/// Time between readings of the counters.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

pub struct Sha256d;

impl Plannable for Sha256d {
    fn works(&self) -> &'static [Work] {
        &[Work::Sha256d]
    }

    fn description(&self) -> &'static str {
        "Bitcoin nonce search: 1 hash (H) is one double SHA-256 of an 80-byte header, decided against the target"
    }

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        let all = Backend::all().iter().map(|backend| {
            let unavailable = backend.unavailable_reason();
            BackendStatus {
                unnamed_from: Some(match unavailable {
                    None => Suite::Quick,
                    Some(_) => Suite::Full,
                }),
                unavailable,
                ..status(backend)
            }
        });
        let (mut backends, missing): (Vec<_>, Vec<_>) =
            all.partition(|one| one.unavailable.is_none());
        backends.extend(missing);
        backends
    }

    fn timed(&self, backends: Vec<BackendStatus>) -> Vec<BackendStatus> {
        let trials = select::trials(select::TRIAL);
        let fastest = trials
            .first()
            .filter(|trial| trial.proven)
            .map(|trial| trial.backend);
        let tried = trials.iter().map(|trial| BackendStatus {
            trial_rate_per_s: trial.rate_h_per_s,
            unnamed_from: Some(if Some(trial.backend) == fastest {
                Suite::Quick
            } else {
                Suite::Full
            }),
            unavailable: (!trial.proven)
                .then(|| "it does not find the nonce of the genesis block on this CPU".into()),
            ..status(trial.backend.descriptor())
        });
        let missing = backends.into_iter().filter(|one| one.unavailable.is_some());
        tried.chain(missing).collect()
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        gpu::sha256d::backends(gpu)
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        wanted.no_params()?;
        let on = match wanted.backend.device.as_str() {
            CPU => ", all threads".into(),
            gpu => format!(" on {gpu}"),
        };
        let about = format!("double SHA-256 of 80-byte headers{on}");
        Ok(vec![wanted.entry("", [], about)?])
    }

    fn tuning_key(&self, entry: &Entry) -> Option<String> {
        Some(gpu::tuning_key(entry))
    }
}

impl Runnable for Sha256d {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        if assignment.entry.device != CPU {
            return gpu::sha256d::run(assignment, load);
        }
        let backend = Backend::from_name(&assignment.entry.backend).map_err(RunError::refused)?;
        let threads = NonZeroUsize::new(assignment.threads as usize).unwrap_or(NonZeroUsize::MIN);
        let (hook, pinned) = pin_hook(assignment);
        let search_at = Search {
            assignment,
            backend,
            threads,
            hook,
            started: AtomicUsize::new(0),
        };

        let rate = search_at.probe()?;
        search_at.all_started()?;
        pinned.check()?;
        let share_bits = share_bits(rate, assignment.expected_s, 1.0);
        load.ready()?;
        let (claimed_hashes, shares) = search_at.run(share_bits, load)?;
        search_at.all_started()?;
        Ok(Done::by(Proof::Shares {
            share_bits,
            claimed_hashes,
            shares,
        }))
    }

    fn forms(&self, _kind: &str, _shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        Ok(Some(Box::new(gpu::sha256d::SearchForms)))
    }
}

fn status(backend: &Descriptor) -> BackendStatus {
    BackendStatus {
        unnamed_from: Some(Suite::Full),
        ..BackendStatus::new(backend.name(), CPU, backend.description())
    }
}

struct Search<'a> {
    assignment: &'a Assignment,
    backend: Backend,
    threads: NonZeroUsize,
    hook: ThreadHook,
    /// The number of threads that started in the last search.
    started: AtomicUsize,
}

impl Search<'_> {
    /// Checks the number of threads. The search continues with fewer threads where the
    /// system refuses some; figures with fewer than recorded would be wrong.
    fn all_started(&self) -> Result<(), RunError> {
        let (started, wanted) = (self.started.swap(0, Ordering::Relaxed), self.threads.get());
        match started < wanted {
            true => Err(RunError::Refused(no_thread(&format!(
                "{started} of {wanted} run"
            )))),
            false => Ok(()),
        }
    }

    fn on_thread_start(&self, thread: usize) {
        self.started.fetch_add(1, Ordering::Relaxed);
        (self.hook)(thread);
    }

    fn config<'b>(&'b self, hook: &'b (dyn Fn(usize) + Sync)) -> SearchConfig<'b> {
        SearchConfig {
            backend: self.backend,
            threads: self.threads,
            first_nonce: 0,
            last_nonce: u32::MAX,
            on_thread_start: hook,
        }
    }

    /// An estimate of the rate in hashes per second.
    fn probe(&self) -> Result<f64, RunError> {
        let rolls = rolls(self.assignment, 64);
        let progress = Progress::new(self.threads.get());
        let hook = |thread| self.on_thread_start(thread);
        let started = Instant::now();
        std::thread::scope(|scope| {
            let config = self.config(&hook);
            let (rolls, progress) = (&rolls, &progress);
            let all = move || search(rolls, &config, progress, &|_| ControlFlow::Continue(()));
            let begun = std::thread::Builder::new().spawn_scoped(scope, all);
            begun.map_err(|error| RunError::Refused(no_thread(&error)))?;
            std::thread::sleep(PROBE);
            progress.cancel();
            Ok::<_, RunError>(())
        })?;
        let rate = progress.hashes() as f64 / started.elapsed().as_secs_f64();
        if rate > 0.0 {
            Ok(rate)
        } else {
            Err(RunError::Refused(format!(
                "no hash was decided within {PROBE:?}"
            )))
        }
    }

    fn run(&self, share_bits: u32, load: &mut Load) -> Result<(u64, Vec<RecordedShare>), RunError> {
        let rolls = rolls(self.assignment, share_bits);
        let progress = Progress::new(self.threads.get());
        let hook = |thread| self.on_thread_start(thread);
        let shares = Mutex::new(Vec::new());
        let keep = |share: Share| {
            let kept = RecordedShare(share.version, share.time, share.extranonce, share.nonce);
            lock(&shares).push(kept);
            ControlFlow::Continue(())
        };
        let config = self.config(&hook);
        let hashes = std::thread::scope(|scope| {
            let searching = std::thread::Builder::new()
                .spawn_scoped(scope, || search(&rolls, &config, &progress, &keep))
                .map_err(|error| RunError::Refused(no_thread(&error)))?;
            let told = loop {
                if load.stopped() || searching.is_finished() {
                    break Ok(());
                }
                std::thread::sleep(POLL_INTERVAL);
                if let Err(error) = load.sample(progress.hashes()) {
                    break Err(error);
                }
            };
            progress.cancel();
            let outcome = searching.join();
            told.map_err(RunError::Pipe)?;
            outcome
                .map(|outcome| outcome.hashes)
                .map_err(|_| RunError::Refused("a search thread panicked".into()))
        })?;
        load.sample(hashes)?;
        let shares = std::mem::take(&mut *lock(&shares));
        Ok((hashes, shares))
    }
}
