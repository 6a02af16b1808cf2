//! Plans, meters and observers for sessions of about a second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use perwatt_engine::device::MachineFacts;
use perwatt_engine::plan::Planned;
use perwatt_engine::session::{
    Finished, Here, Instruments, NewSession, Observer, ResumeError, Session, SessionError,
    Unfinished,
};
use perwatt_engine::worker::WorkerCommand;
use perwatt_host::Environment;
use perwatt_power::Found;
use perwatt_record::check::{CheckReport, FAILED_CHECKS, Outcome, check};
use perwatt_record::schema::{
    Config, Entry, Plan, Protocol, Run, Status, Threads, Tool, Unit, WorkloadKey,
};
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
    Entry {
        id: format!("sha256d/cpu/{backend}"),
        workload: WorkloadKey {
            name: "sha256d".into(),
            version: 1,
            params: BTreeMap::new(),
        },
        device: "cpu".into(),
        backend: backend.into(),
        backend_detail: None,
        variant: None,
        backend_warning: None,
        unit: Unit::Hash,
        work_per_step: 1,
        description: "hashes".into(),
    }
}

pub fn multiplying(backend: &str) -> Entry {
    let params = BTreeMap::from([("shape".to_owned(), "8x8x8".to_owned())]);
    Entry {
        id: format!("matmul/f32/tiny/cpu/{backend}"),
        workload: WorkloadKey {
            name: "matmul/f32".into(),
            version: 1,
            params,
        },
        unit: Unit::Flop,
        work_per_step: 2 * 8 * 8 * 8,
        description: "products".into(),
        ..hashing(backend)
    }
}

pub fn tool() -> Tool {
    Tool {
        name: "perwatt".into(),
        version: "0.1.0".into(),
        git: None,
        rustc: "rustc 1.95.0".into(),
        target: "test".into(),
        profile: "test".into(),
        rustflags: String::new(),
        target_features: String::new(),
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
        llc_bytes: None,
        memory_bytes: None,
        gpus: Vec::new(),
        gpu_error: None,
        library: None,
    }
}

/// These meters and no probes.
pub fn instruments(meters: Vec<Found>) -> Instruments {
    Instruments {
        meters,
        probes: Vec::new(),
    }
}

/// Resumes a record under the given circumstances.
pub fn resume_with(
    path: &Path,
    host: &Environment,
    facts: &MachineFacts,
    tool: &Tool,
    meters: Vec<Found>,
) -> Result<Session, ResumeError> {
    let here = Here {
        host,
        facts,
        tool,
        instruments: instruments(meters),
    };
    Session::resume(Unfinished::read(path)?, here)
}

/// Resumes a record where nothing has changed.
pub fn resume_here(path: &Path) -> Result<Session, ResumeError> {
    resume_with(path, &host(), &facts(), &tool(), Vec::new())
}

pub fn new_session(entries: Vec<Entry>, rounds: u32) -> NewSession {
    let protocol = Protocol {
        window_s: 0.25,
        warmup_min_s: 0.05,
        warmup_max_s: 0.1,
        steady_tolerance: 0.03,
        stall_timeout_s: 20.0,
        idle_s: 0.0,
        energy_error_rel: 0.005,
    };
    NewSession {
        planned: Planned {
            plan: Plan {
                entries,
                skipped: Vec::new(),
                trials: Vec::new(),
                gpus: Vec::new(),
            },
            config: Config {
                suite: "quick".into(),
                rounds,
                protocol,
                selfcheck: false,
            },
            threads: Threads {
                count: 1,
                reason: "a test".into(),
                pinned_cpus: None,
            },
        },
        host: host(),
        tool: tool(),
        instruments: Instruments::default(),
        label: "test".into(),
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
        assert_eq!(
            run.measured.is_some(),
            run.status == Status::Ok,
            "{}",
            entry.id
        );
    }

    fn write_failed(&mut self, error: &WriteError) {
        self.write_failures.push(error.to_string());
    }
}

/// Runs a session to its end in a directory of its own.
pub fn run(new: NewSession, script: &str) -> (TempDir, Finished) {
    let dir = tempfile::tempdir().unwrap();
    let finished = run_in(dir.path(), new, script).unwrap();
    (dir, finished)
}

pub fn run_in(dir: &Path, new: NewSession, script: &str) -> Result<Finished, SessionError> {
    let interrupt = AtomicBool::new(false);
    let session = Session::create(new, dir).unwrap();
    session.run(&command(script), &mut Watcher::new(&interrupt), &interrupt)
}

/// Runs a session that is interrupted during its `nth` run.
pub fn interrupt_in(dir: &Path, new: NewSession, nth: usize) -> Finished {
    let interrupt = AtomicBool::new(false);
    let mut watcher = Watcher::new(&interrupt);
    watcher.interrupt_in = Some(nth);
    let session = Session::create(new, dir).unwrap();
    session
        .run(&command("well"), &mut watcher, &interrupt)
        .unwrap()
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
    let broken: Vec<_> = report
        .lines
        .iter()
        .filter(|line| line.outcome == Outcome::Fail)
        .map(|line| line.rule)
        .collect();
    let expected: &[&str] = if unverified { &[FAILED_CHECKS] } else { &[] };
    assert_eq!(broken, expected, "{report:#?}");
    for run in finished
        .record
        .runs
        .iter()
        .filter(|run| run.status == Status::Ok)
    {
        let steady = run.steady.unwrap();
        assert!(steady.from_ns < steady.to_ns && steady.to_ns <= run.work.last().unwrap().0);
    }
}

pub fn run_of<'a>(record: &'a Record, backend: &str) -> &'a Run {
    let entry = record
        .plan
        .entries
        .iter()
        .position(|e| e.backend == backend)
        .unwrap();
    record
        .runs
        .iter()
        .find(|run| run.entry as usize == entry)
        .unwrap()
}

/// True if no run failed.
pub fn all_ran(record: &Record) -> bool {
    record.runs.iter().all(|run| run.status == Status::Ok)
}

/// Order of the runs: round, position, entry.
pub fn order(record: &Record) -> Vec<(u32, u32, u32)> {
    record
        .runs
        .iter()
        .map(|run| (run.round, run.position, run.entry))
        .collect()
}

pub fn available(source: impl perwatt_power::Source + 'static) -> Found {
    Found::Available(Box::new(source))
}
