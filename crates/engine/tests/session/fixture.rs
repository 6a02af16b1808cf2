//! Plans, meters and observers for sessions of about a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use perwatt_engine::device::MachineFacts;
use perwatt_engine::plan::Planned;
use perwatt_engine::session::{
    Finished, Here, Instruments, NewSession, Observer, ResumeError, Session, SessionError,
    Unfinished,
};
use perwatt_engine::worker::{Assignment, WorkerCommand};
use perwatt_host::{Environment, clock};
use perwatt_power::Found;
use perwatt_record::check::{CheckReport, FAILED_CHECKS, Outcome, check};
pub use perwatt_record::fixture::tool;
use perwatt_record::fixture::{hashes, protocol, square};
use perwatt_record::schema::{
    Config, Entry, Failure, Plan, Protocol, Run, Status, Threads, Tool, WorkloadKey,
};
use perwatt_record::work::{Matmul, Work};
use perwatt_record::{Record, WriteError, file};
use tempfile::TempDir;

use crate::fake_worker;

/// Time after which a session counts as hung.
const PATIENCE: Duration = Duration::from_secs(90);

pub fn command(script: &str) -> WorkerCommand {
    WorkerCommand {
        program: std::env::current_exe().unwrap(),
        args: vec![fake_worker::ARGUMENT.into(), script.into()],
        envs: Vec::new(),
        interrupt: Default::default(),
    }
}

pub fn hashing(backend: &str) -> Entry {
    hashes("cpu", backend)
}

pub fn multiplying(backend: &str) -> Entry {
    let shape = ("shape".to_owned(), "8x8x8".to_owned());
    Entry {
        id: format!("matmul/f32/tiny/cpu/{backend}"),
        workload: WorkloadKey::new(Work::Matmul(Matmul::F32), [shape].into()),
        work_per_step: 2 * 8 * 8 * 8,
        ..square("cpu", backend)
    }
}

/// The assignment of an entry to a worker.
pub fn assignment(entry: Entry) -> Assignment {
    Assignment {
        gpu: None,
        entry,
        threads: 1,
        pinned_cpus: None,
        check_seed: 1,
        session_id: "ab".into(),
        machine_key: "cd".into(),
        round: 0,
        first_time: 5,
        expected_s: 1.0,
        llc_bytes: None,
        clock_ns: clock::monotonic_ns(),
    }
}

/// A machine without known facts.
pub fn host() -> Environment {
    Environment::collect(tempfile::tempdir().unwrap().path())
}

/// The facts that such a machine gives to a process.
pub fn facts() -> MachineFacts {
    MachineFacts {
        cpus: vec![0],
        default_threads: 1,
        threads_reason: "a test".into(),
        ..MachineFacts::default()
    }
}

/// The surroundings in which a record is resumed.
pub struct Around {
    pub host: Environment,
    pub facts: MachineFacts,
    pub tool: Tool,
    pub meters: Vec<Found>,
}

/// Resumes a record where this has changed.
pub fn resume(path: &Path, change: impl FnOnce(&mut Around)) -> Result<Session, ResumeError> {
    let mut around = Around {
        host: host(),
        facts: facts(),
        tool: tool(),
        meters: Vec::new(),
    };
    change(&mut around);
    let here = Here {
        host: &around.host,
        facts: &around.facts,
        tool: &around.tool,
        instruments: Instruments {
            meters: around.meters,
            probes: Vec::new(),
            counters: None,
        },
    };
    Session::resume(Unfinished::read(path)?, here)
}

/// The refusal to resume a record where this has changed; it leaves the file unchanged.
pub fn refused(path: &Path, change: impl FnOnce(&mut Around)) -> ResumeError {
    let before = fs::read(path).unwrap();
    let error = resume(path, change).err().expect("a refusal");
    assert_eq!(fs::read(path).unwrap(), before);
    error
}

/// Asserts a refusal that names these parts of a difference.
#[track_caller]
pub fn differs(path: &Path, change: impl FnOnce(&mut Around), parts: &[&str]) {
    let error = refused(path, change);
    assert!(matches!(error, ResumeError::Other { .. }), "{error}");
    has(&error, parts);
}

/// Asserts that a message contains these parts.
#[track_caller]
pub fn has(message: &impl ToString, parts: &[&str]) {
    let message = message.to_string();
    for part in parts {
        assert!(message.contains(part), "{message} lacks {part:?}");
    }
}

pub fn new_session(entries: Vec<Entry>, rounds: u32) -> NewSession {
    let protocol = Protocol {
        window_s: 0.25,
        warmup_min_s: 0.05,
        warmup_max_s: 0.1,
        stall_timeout_s: 20.0,
        ..protocol()
    };
    NewSession {
        planned: Planned {
            plan: Plan {
                entries,
                skipped: Vec::new(),
                trials: Vec::new(),
                gpus: Vec::new(),
                asics: Vec::new(),
            },
            config: Config {
                suite: "quick".into(),
                rounds,
                protocol,
                selfcheck: false,
                cards_at_once: None,
            },
            threads: Threads {
                count: 1,
                reason: "a test".into(),
                pinned_cpus: None,
            },
            notes: Vec::new(),
            trial: None,
        },
        host: host(),
        tool: tool(),
        instruments: Instruments::default(),
        label: "test".into(),
        node: None,
        tags: Default::default(),
        stated: Default::default(),
        note: None,
        // No subcommand: each test sets rounds and windows itself.
        argv: vec!["perwatt".into()],
        challenge: None,
        seed: 7,
    }
}

/// Called with the run's number, from 1, and the record's path.
type AtRunStart<'a> = Box<dyn FnMut(usize, &Path) + 'a>;

/// The events that an observer received, and its action at each of them.
pub struct Watcher<'a> {
    began: Instant,
    pub interrupt: &'a AtomicBool,
    pub started: Option<PathBuf>,
    pub runs_started: usize,
    pub runs_ended: usize,
    pub write_failures: Vec<String>,
    /// Interrupts during this run, counted from 1.
    pub interrupt_in: Option<usize>,
    pub at_run_start: AtRunStart<'a>,
}

impl<'a> Watcher<'a> {
    pub fn new(interrupt: &'a AtomicBool) -> Self {
        Self {
            began: Instant::now(),
            interrupt,
            started: None,
            runs_started: 0,
            runs_ended: 0,
            write_failures: Vec::new(),
            interrupt_in: None,
            at_run_start: Box::new(|_, _| ()),
        }
    }
}

impl Observer for Watcher<'_> {
    fn started(&mut self, record: &Record, path: &Path) {
        assert!(!record.complete);
        assert!(path.is_file());
        self.started = Some(path.into());
    }

    fn run_started(&mut self, _entry: &Entry, _round: u32) {
        self.runs_started += 1;
        (self.at_run_start)(self.runs_started, self.started.as_ref().unwrap());
    }

    fn tick(&mut self) {
        let hangs = self.began.elapsed() > PATIENCE;
        if hangs || self.interrupt_in == Some(self.runs_started) {
            self.interrupt.store(true, Ordering::Relaxed);
        }
    }

    fn run_ended(&mut self, entry: &Entry, run: &Run) {
        self.runs_ended += 1;
        let well = run.status == Status::Ok;
        assert_eq!(run.measured.is_some(), well, "{}", entry.id);
    }

    fn write_failed(&mut self, error: &WriteError) {
        self.write_failures.push(error.to_string());
    }
}

/// Runs a session to its end in a directory of its own.
pub fn run(new: NewSession, script: &str) -> (TempDir, Finished) {
    let dir = tempfile::tempdir().unwrap();
    let session = Session::create(new, dir.path()).unwrap();
    (dir, go_on(session, &command(script), None))
}

/// The record of a session that runs well to its end, as read back from its file.
pub fn well(new: NewSession) -> Record {
    let (_dir, finished) = run(new, "well");
    assert_archived(&finished, false);
    finished.record
}

/// Runs a session to its end, or interrupts it during its `nth` run.
pub fn go_on(session: Session, command: &WorkerCommand, nth: Option<usize>) -> Finished {
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.interrupt_in = nth;
    session.run(command, &mut watcher, &interrupt).unwrap()
}

/// Runs a session well in this directory while it is watched.
pub fn watched(
    new: NewSession,
    dir: &Path,
    watcher: &mut Watcher<'_>,
) -> Result<Finished, SessionError> {
    let session = Session::create(new, dir).unwrap();
    let interrupt = watcher.interrupt;
    session.run(&command("well"), watcher, interrupt)
}

/// Runs a session that is interrupted during its `nth` run.
pub fn interrupt_in(dir: &Path, new: NewSession, nth: usize) -> Finished {
    let session = Session::create(new, dir).unwrap();
    go_on(session, &command("well"), Some(nth))
}

pub fn check_file(path: &Path) -> CheckReport {
    check(&file::read(path).unwrap())
}

/// Asserts that the file holds the record, complete, and that it breaks no rule except,
/// where `unverified`, the one on failed checks.
pub fn assert_archived(finished: &Finished, unverified: bool) {
    assert!(finished.record.complete && !finished.interrupted);
    assert_eq!(file::read(&finished.path).unwrap().record, finished.record);
    let report = check_file(&finished.path);
    let broken = report
        .lines
        .iter()
        .filter(|line| line.outcome == Outcome::Fail);
    let broken: Vec<_> = broken.map(|line| line.rule).collect();
    let expected: &[&str] = if unverified { &[FAILED_CHECKS] } else { &[] };
    assert_eq!(broken, expected, "{report:#?}");
    let runs = finished.record.runs.iter();
    for run in runs.filter(|run| run.status == Status::Ok) {
        let steady = run.steady.unwrap();
        assert!(steady.from_ns < steady.to_ns && steady.to_ns <= run.work.last().unwrap().0);
    }
}

pub fn run_of<'a>(record: &'a Record, backend: &str) -> &'a Run {
    let of = |run: &&Run| record.plan.entries[run.entry as usize].backend == backend;
    record.runs.iter().find(of).unwrap()
}

/// The failure of a run.
pub fn failure(run: &Run) -> &Failure {
    match &run.status {
        Status::Failed(failure) => failure,
        Status::Ok => panic!("the run counts as good"),
    }
}

/// True if no run failed.
pub fn all_ran(record: &Record) -> bool {
    record.runs.iter().all(|run| run.status == Status::Ok)
}

/// Order of the runs: round, position, entry.
pub fn order(record: &Record) -> Vec<(u32, u32, u32)> {
    let place = |run: &Run| (run.round, run.position, run.entry);
    record.runs.iter().map(place).collect()
}
