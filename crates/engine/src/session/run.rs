//! One run: a worker warms up, works beyond both edges of its window, and ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use perwatt_host::clock;
use perwatt_record::derive::{self, CpuShare, Window};
use perwatt_record::schema::{Failure, FailureKind, Flag, Protocol, Record, Run, Status};
use perwatt_record::workload_rules;

use super::cpu_time::CpuWatch;
use super::meters::Meters;
use super::observe::Observer;
use super::state::StateWatch;
use crate::device::CPU;
use crate::worker::{
    Assignment, Child, Ended, FromWorker, ToWorker, WorkerCommand, status_in_words,
};

/// Time between two checks for an interrupt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Longest time for a worker to exit after its last message.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// The place of a run in its session.
pub struct Place {
    pub entry: u32,
    pub round: u32,
    pub position: u32,
    pub segment: u32,
    pub origin_ns: u64,
}

/// The instruments that watch a run.
pub struct Watched<'a> {
    pub meters: &'a Meters,
    pub state: &'a StateWatch,
    /// The root of the tree with the counters of CPU time.
    pub counters: Option<&'a Path>,
}

/// Does one run. `None` when it was interrupted: such a run is not recorded.
pub fn run(
    record: &Record,
    place: &Place,
    assignment: Assignment,
    command: &WorkerCommand,
    watched: &Watched<'_>,
    observer: &mut dyn Observer,
    interrupted: &dyn Fn() -> bool,
) -> Option<Run> {
    let started_ns = clock::monotonic_ns();
    let mut run = Run {
        entry: place.entry,
        round: place.round,
        position: place.position,
        segment: place.segment,
        pid: None,
        started_ns: started_ns - place.origin_ns,
        status: Status::Ok,
        steady: None,
        work: Vec::new(),
        energy: Vec::new(),
        state: Vec::new(),
        settings_changed: BTreeMap::new(),
        proof: None,
        device_time: None,
        cpu_time: None,
        flags: Vec::new(),
        measured: None,
    };
    let entry = record.plan.entries.get(place.entry as usize);
    let on_cpu = entry.is_some_and(|entry| entry.device == CPU);
    let outcome = match command.start(&ToWorker::Start(Box::new(assignment))) {
        Ok(child) => {
            run.pid = Some(child.pid());
            let counters = watched.counters.filter(|_| on_cpu);
            let mut watch = Watch {
                protocol: &record.config.protocol,
                window: Window::new(&record.config.protocol),
                cpu: CpuWatch::new(counters, child.pid()),
                origin_ns: place.origin_ns,
                run: &mut run,
                stopped: false,
            };
            let followed = watch.follow(child, observer, interrupted)?;
            let cpu_time = watch.cpu.cpu_time(record.threads.count);
            run.cpu_time = cpu_time;
            followed
        }
        Err(message) => failed(FailureKind::Crashed, message),
    };
    run.energy = watched.meters.take(started_ns, place.origin_ns);
    run.state = watched.state.take(started_ns, place.origin_ns);
    run.settings_changed = changed(record, place.segment, watched.state);
    if let Err(failure) = outcome.and_then(|()| judge(record, &mut run)) {
        run.status = Status::Failed(failure);
        run.measured = None;
        // A window that was never full has no end that could be recorded.
        run.steady = run.steady.filter(|steady| steady.to_ns != u64::MAX);
    }
    Some(run)
}

/// Settings that have changed since the segment began.
fn changed(record: &Record, segment: u32, state: &StateWatch) -> BTreeMap<String, String> {
    let Some(segment) = record.session.segments.get(segment as usize) else {
        return BTreeMap::new();
    };
    let mut now = state.settings();
    now.retain(|name, value| segment.settings.get(name) != Some(value));
    now
}

/// Derives the figures of a successful run, and checks its shares.
pub(super) fn judge(record: &Record, run: &mut Run) -> Result<(), Failure> {
    workload_rules::check_run(record, run)
        .or_else(|error| failed(FailureKind::Unverified, error.to_string()))?;
    let Some(measured) = derive::measure(record, run) else {
        let samples = run.work.len();
        let message =
            format!("{samples} work samples hold no steady stretch; ask for more with --seconds");
        return failed(FailureKind::TooShort, message);
    };
    if measured.time_s < 0.9 * record.config.protocol.window_s {
        run.flags.push(Flag::ShortWindow);
    }
    if run.energy.iter().any(|series| !series.gaps.is_empty()) {
        run.flags.push(Flag::MeterGap);
    }
    if let Some(steady) = run.steady {
        let flags = derive::flags(record, run, &steady);
        run.flags.extend(flags);
    }
    run.flags
        .extend(CpuShare::of(record, run).and_then(|share| share.flag()));
    run.measured = Some(measured);
    workload_rules::check_window(record, run)
        .or_else(|error| failed(FailureKind::TooShort, error.to_string()))
}

struct Watch<'a> {
    protocol: &'a Protocol,
    window: Window<'a>,
    cpu: CpuWatch<'a>,
    origin_ns: u64,
    run: &'a mut Run,
    stopped: bool,
}

impl Watch<'_> {
    /// Follows a worker to its end; `None` when interrupted.
    fn follow(
        &mut self,
        mut child: Child,
        observer: &mut dyn Observer,
        interrupted: &dyn Fn() -> bool,
    ) -> Option<Result<(), Failure>> {
        let stall_s = self.protocol.stall_timeout_s;
        let seconds = |s: f64| Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX);
        let stall = seconds(stall_s);
        // A limit that further messages do not extend: preparing and leaving may each take
        // as long as a stall, and no step of work may take longer.
        let warmup_s = self.protocol.warmup_max_s.max(self.protocol.settle_s);
        let most = seconds(warmup_s + self.protocol.window_s + 4.0 * stall_s);
        let began = Instant::now();
        let mut last_heard = Instant::now();
        loop {
            if interrupted() {
                child.end(Duration::ZERO);
                return None;
            }
            observer.tick();
            if began.elapsed() > most {
                let what = format!("did not come to an end within {} s", most.as_secs());
                return Some(hung(child, &what));
            }
            match child.message(POLL_INTERVAL) {
                Ok(message) => {
                    last_heard = Instant::now();
                    match self.hear(message) {
                        Heard::More => {}
                        Heard::Enough => {
                            self.stopped = true;
                            child.stop();
                        }
                        Heard::End(result) => {
                            child.end(EXIT_TIMEOUT);
                            return Some(result);
                        }
                    }
                }
                Err(Ended::Silent) if last_heard.elapsed() < stall => {}
                Err(Ended::Silent) => {
                    return Some(hung(child, &format!("said nothing for {stall_s} s")));
                }
                Err(Ended::Closed) => return Some(crashed(child)),
                Err(Ended::Nonsense(line)) => {
                    child.end(Duration::ZERO);
                    let message = format!("the worker said {line:?}");
                    return Some(failed(FailureKind::Protocol, message));
                }
            }
        }
    }

    fn hear(&mut self, message: FromWorker) -> Heard {
        match message {
            FromWorker::Ready => Heard::More,
            FromWorker::Gpus { .. }
            | FromWorker::Libraries { .. }
            | FromWorker::Road(_)
            | FromWorker::Tuned { .. }
            | FromWorker::Checked { .. } => {
                Heard::breach("the worker answered what it was not asked")
            }
            FromWorker::Work {
                t_ns,
                steps,
                cpu_ns,
            } => self.work(t_ns, steps, cpu_ns),
            FromWorker::Failed { kind, message } => Heard::End(failed(kind, message)),
            FromWorker::Done { .. } if !self.stopped => {
                Heard::breach("the worker ended its load before it was told to")
            }
            FromWorker::Done {
                proof,
                device_time,
                flags,
            } => {
                self.run.proof = Some(proof);
                self.run.device_time = device_time;
                self.run.flags.extend(flags);
                Heard::End(Ok(()))
            }
        }
    }

    fn work(&mut self, t_ns: u64, steps: u64, cpu_ns: Option<u64>) -> Heard {
        let Some(t_ns) = t_ns.checked_sub(self.origin_ns) else {
            return Heard::breach("the worker's clock is behind the session's");
        };
        if let Some(&(last_ns, last)) = self.run.work.last() {
            if t_ns == last_ns && steps == last {
                return Heard::More;
            }
            if t_ns <= last_ns || steps < last {
                return Heard::breach(format!(
                    "work went from {last} steps at {last_ns} ns to {steps} at {t_ns} ns"
                ));
            }
        }
        self.run.work.push((t_ns, steps));
        if self.stopped {
            return Heard::More;
        }
        let had_settled = self.run.steady.is_some();
        let full = self.window.push(t_ns, steps);
        self.run.steady = self.window.steady();
        if !had_settled && self.run.steady.is_some() {
            self.cpu.start(t_ns, cpu_ns);
        }
        if full {
            self.cpu.end(t_ns, cpu_ns);
        }
        if !had_settled && self.run.steady.is_some_and(|steady| !steady.reached) {
            self.run.flags.push(Flag::NotSteady);
        }
        match full {
            true => Heard::Enough,
            false => Heard::More,
        }
    }
}

enum Heard {
    More,
    Enough,
    End(Result<(), Failure>),
}

impl Heard {
    /// A worker that breaks the rules of the pipe.
    fn breach(message: impl Into<String>) -> Self {
        Self::End(failed(FailureKind::Protocol, message.into()))
    }
}

fn failed<T>(kind: FailureKind, message: String) -> Result<T, Failure> {
    Err(Failure { kind, message })
}

/// Ends a worker that took too long.
fn hung(child: Child, what: &str) -> Result<(), Failure> {
    child.end(Duration::ZERO);
    let message =
        format!("the worker {what} and was ended; a slow machine may need a longer --timeout");
    failed(FailureKind::Hung, message)
}

fn crashed(child: Child) -> Result<(), Failure> {
    let (status, stderr) = child.end(EXIT_TIMEOUT);
    let how = status_in_words(status);
    let said = match stderr.is_empty() {
        true => String::new(),
        false => format!(": {stderr}"),
    };
    let message = format!("the worker ended early ({how}){said}");
    failed(FailureKind::Crashed, message)
}
