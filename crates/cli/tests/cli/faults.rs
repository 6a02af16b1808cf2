//! What goes wrong in the middle of a session, and what is left of it. The other
//! processes are found through `/proc`.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use perwatt_record::schema::{FailureKind, Record, Status};
use rustix::process::{Pid, Signal, kill_process};

use crate::records::typed;
use crate::sandbox::{Sandbox, ended, stderr, stdout};

/// Long enough for any of the events waited for here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// State and parent of a process; `None` when it is gone.
fn process(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything.
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// True when a process is gone or only waits to be reaped.
pub fn dead(pid: u32) -> bool {
    process(pid).is_none_or(|(state, _)| state == 'Z' || state == 'X')
}

pub fn children(parent: u32) -> Vec<u32> {
    let mut pids: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| process(*pid).is_some_and(|(state, of)| of == parent && state != 'Z'))
        .collect();
    pids.sort_unstable();
    pids
}

/// Whether a process is a worker. Only its own command line tells that it has been
/// started: a signal in the middle of starting it would strike the session as well.
pub fn is_worker(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(b"\0worker\0"))
}

pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// A session that is running; it does not outlive its test.
pub struct Running<'a> {
    sandbox: &'a Sandbox,
    child: Option<Child>,
}

impl<'a> Running<'a> {
    pub fn start(sandbox: &'a Sandbox, rounds: u32, extra: &[&str]) -> Self {
        Self::start_with(sandbox, rounds, &[&["--seconds", "0.4"], extra].concat())
    }

    /// As [`Self::start`], with windows as long as `extra` says.
    pub fn start_with(sandbox: &'a Sandbox, rounds: u32, extra: &[&str]) -> Self {
        let child = Self::prepared(sandbox, rounds, extra)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            sandbox,
            child: Some(child),
        }
    }

    /// The command of [`Self::start_with`].
    pub fn prepared(sandbox: &Sandbox, rounds: u32, extra: &[&str]) -> Command {
        let rounds = rounds.to_string();
        let args = [
            "run",
            "--workload",
            "matmul/f32:64x64x64",
            "--backend",
            "embedded",
            "--threads",
            "1",
            "--rounds",
            &rounds,
        ];
        let mut command = sandbox.command([args.as_slice(), extra].concat());
        command.env("METER_PASSWORD", "x");
        command
    }

    pub fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("it has not ended")
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it has not ended").id()
    }

    pub fn record_path(&self) -> PathBuf {
        wait_for("the record", || {
            let json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
            self.sandbox.result_files().into_iter().find(json)
        })
    }

    /// Waits until so many runs are on disk.
    pub fn wait_for_runs(&self, count: usize) -> PathBuf {
        let path = self.record_path();
        wait_for("runs on disk", || {
            (read(&path).runs.len() >= count).then_some(())
        });
        path
    }

    /// Waits for a worker.
    pub fn worker(&self) -> u32 {
        let find = || children(self.id()).into_iter().find(|pid| is_worker(*pid));
        wait_for("a worker", find)
    }

    pub fn end(mut self) -> Output {
        let child = self.child.take().expect("it has not ended");
        child.wait_with_output().unwrap()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Already gone is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn read(path: &Path) -> Record {
    typed(&std::fs::read(path).unwrap())
}

pub fn check(sandbox: &Sandbox, path: &Path, code: i32) -> String {
    stdout(
        &sandbox
            .perwatt(["check".as_ref(), path.as_os_str()])
            .code(code),
    )
}

/// Finishes a session and checks what came of it.
fn resume(sandbox: &Sandbox, path: &Path) -> Record {
    resume_with(sandbox, path, &[])
}

/// As [`resume`], with further arguments.
pub fn resume_with(sandbox: &Sandbox, path: &Path, extra: &[&str]) -> Record {
    let args = ["run".as_ref(), "--resume".as_ref(), path.as_os_str()];
    let mut command = sandbox.command(args);
    command.args(extra).env("METER_PASSWORD", "x");
    let assert = ended(command).code(0);
    assert_eq!(
        stdout(&assert).lines().last(),
        path.to_str(),
        "{}",
        stderr(&assert)
    );
    let report = check(sandbox, path, 0);
    assert!(report.ends_with("\nverified\n"), "{report}");
    assert_eq!(sandbox.result_files(), [path], "nothing else is left");
    read(path)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_killed_coordinator_leaves_a_record_to_resume_and_no_load() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 3, &[]);
    let path = session.wait_for_runs(1);
    let worker = session.worker();
    let coordinator = session.id();
    signal(coordinator, Signal::KILL);
    assert_eq!(session.end().status.code(), None);
    let deadline = Instant::now() + Duration::from_secs(5);
    while !dead(worker) {
        assert!(
            Instant::now() < deadline,
            "worker {worker} outlived its coordinator by 5 s"
        );
        std::thread::sleep(Duration::from_millis(20));
    }

    let before = read(&path);
    assert!(!before.complete && !before.runs.is_empty());
    let report = check(&sandbox, &path, 1);
    assert!(
        report.contains("[ ] every planned run was tried: "),
        "{report}"
    );
    assert!(
        report.ends_with("\nINCOMPLETE: what is there is verified\n"),
        "{report}"
    );
    let shown = stdout(&sandbox.perwatt(["show".as_ref(), path.as_os_str()]).code(0));
    assert!(
        shown.contains("INCOMPLETE: ") && shown.contains("--resume"),
        "{shown}"
    );

    let after = resume(&sandbox, &path);
    assert_eq!(
        after.runs[..before.runs.len()],
        before.runs[..],
        "what was measured stays"
    );
    assert_eq!((after.runs.len(), after.session.segments.len()), (3, 2));
    assert_eq!(after.session.id, before.session.id);
}

#[test]
fn a_killed_worker_costs_its_run_alone() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 3, &[]);
    let worker = session.worker();
    signal(worker, Signal::KILL);
    let path = session.record_path();
    let output = session.end();
    // The entry has figures, so the session is worth its exit code 0; the loss is told.
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(
        errors.contains("FAILED: the worker ended early"),
        "{errors}"
    );
    assert!(errors.contains("warning: 1 of 3 runs failed"), "{errors}");
    assert!(
        text(&output.stdout).contains("crashed run failed: "),
        "{}",
        text(&output.stdout)
    );

    let record = read(&path);
    let kinds: Vec<Option<FailureKind>> = record
        .runs
        .iter()
        .map(|run| match &run.status {
            Status::Ok => None,
            Status::Failed(failure) => Some(failure.kind),
        })
        .collect();
    assert_eq!(kinds, [Some(FailureKind::Crashed), None, None]);
    assert_eq!(record.runs[0].pid, Some(worker));
    assert_eq!(record.runs[0].measured, None);
    assert!(
        matches!(&record.runs[0].status, Status::Failed(failure) if failure.message.contains("signal: 9"))
    );
    assert_eq!(
        (record.summary[0].runs_ok, record.summary[0].runs_failed),
        (2, 1)
    );
    check(&sandbox, &path, 0);
}

#[test]
fn an_entry_whose_every_run_crashed_is_not_success() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    signal(session.worker(), Signal::KILL);
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("FAILED"),
        "{}",
        text(&output.stdout)
    );
    assert!(read(&path).complete);
}

#[test]
fn a_worker_that_hangs_is_ended_and_recorded() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 2, &["--timeout", "2"]);
    let worker = session.worker();
    signal(worker, Signal::STOP);
    let path = session.record_path();
    let output = session.end();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(
        errors.contains("said nothing for 2 s") && errors.contains("--timeout"),
        "{errors}"
    );
    assert!(dead(worker), "the stopped worker is still there");
    let record = read(&path);
    assert_eq!(record.runs.len(), 2);
    assert!(
        matches!(&record.runs[0].status, Status::Failed(failure) if failure.kind == FailureKind::Hung),
        "{:?}",
        record.runs[0].status
    );
    assert_eq!(record.runs[1].status, Status::Ok);
    assert!(
        text(&output.stdout).contains("hung run failed: "),
        "{}",
        text(&output.stdout)
    );
    check(&sandbox, &path, 0);
}

#[test]
fn an_interrupt_ends_the_session_and_keeps_what_there_is() {
    for how in [Signal::INT, Signal::TERM, Signal::HUP] {
        let sandbox = Sandbox::new();
        // Gone on with by the number that the record knows.
        let session = Running::start(&sandbox, 3, &["--watts", "65.5"]);
        let path = session.wait_for_runs(1);
        let worker = session.worker();
        signal(session.id(), how);
        let output = session.end();
        assert_eq!(
            output.status.code(),
            Some(130),
            "{how:?}: {}",
            text(&output.stderr)
        );
        assert!(dead(worker), "{how:?}");
        let out = text(&output.stdout);
        let last = out.lines().last().unwrap();
        assert_eq!(sandbox.path(last), path);
        assert!(
            out.contains(&format!("next: perwatt run --resume {last}")),
            "{out}"
        );
        assert!(out.contains("INCOMPLETE: "), "{out}");

        let before = read(&path);
        assert!(!before.complete && before.session.segments[0].interrupted);
        assert!(
            before.runs.iter().all(|run| run.status == Status::Ok),
            "no half run is kept"
        );
        check(&sandbox, &path, 1);
        let after = resume(&sandbox, &path);
        assert_eq!(after.runs[..before.runs.len()], before.runs[..]);
        assert!(after.complete && !after.session.segments[1].interrupted);
    }
}

#[test]
fn a_session_with_a_meter_by_name_says_how_to_go_on() {
    let sandbox = Sandbox::new();
    let meter = ["--meter", "user-watts", "--watts", "65"];
    let session = Running::start(&sandbox, 2, &meter);
    let path = session.wait_for_runs(1);
    signal(session.id(), Signal::INT);
    let out = text(&session.end().stdout);
    let last = out.lines().last().unwrap();
    let next = format!("next: perwatt run --resume {last} --meter user-watts\n");
    assert!(out.contains(&next), "{out}");
    // With none it is not gone on with, and the reason tells what to add.
    let none = ["run", "--resume", last, "--meter", "none"];
    let error = stderr(&sandbox.perwatt(none).code(3));
    assert!(
        error.contains("user-watts, here none") && error.contains("Repeat the --meter"),
        "{error}"
    );
    resume_with(&sandbox, &path, &meter[..2]);
}

#[test]
fn an_interrupt_before_the_first_run_leaves_a_session_to_resume() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    let path = session.record_path();
    session.worker();
    signal(session.id(), Signal::INT);
    assert_eq!(session.end().status.code(), Some(130));
    assert_eq!(read(&path).runs.len(), 0);
    check(&sandbox, &path, 1);
    assert_eq!(resume(&sandbox, &path).runs.len(), 1);
}

#[test]
fn an_output_directory_that_vanishes_does_not_take_the_results_along() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 2, &[]);
    session.record_path();
    session.worker();
    std::fs::remove_dir_all(sandbox.results()).unwrap();
    std::fs::write(sandbox.results(), "in its place").unwrap();
    let output = session.end();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("warning: cannot write"), "{errors}");
    let rescued: Vec<PathBuf> = std::fs::read_dir(sandbox.path("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    assert_eq!(rescued.len(), 1, "{rescued:?}");
    assert!(errors.contains(rescued[0].to_str().unwrap()), "{errors}");
    assert_eq!(read(&rescued[0]).runs.len(), 2);
    check(&sandbox, &rescued[0], 0);
}

#[test]
fn results_that_fit_nowhere_are_printed() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    session.record_path();
    session.worker();
    for name in ["results", "tmp"] {
        std::fs::remove_dir_all(sandbox.path(name)).unwrap();
        std::fs::write(sandbox.path(name), "in its place").unwrap();
    }
    let output = session.end();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("standard output"),
        "{}",
        text(&output.stderr)
    );
    let kept = typed(&output.stdout);
    assert_eq!(kept.runs.len(), 1);
}

#[test]
fn a_reader_of_progress_that_leaves_does_not_end_the_session() {
    let sandbox = Sandbox::new();
    let mut session = Running::start(&sandbox, 2, &[]);
    let mut progress = BufReader::new(session.child().stderr.take().unwrap());
    let mut line = String::new();
    progress.read_line(&mut line).unwrap();
    drop(progress);
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(0));
    assert!(read(&path).complete);
}

#[test]
fn a_reader_of_the_table_that_leaves_does_not_end_the_session() {
    let sandbox = Sandbox::new();
    let mut session = Running::start(&sandbox, 1, &[]);
    drop(session.child().stdout.take());
    let path = session.record_path();
    let output = session.end();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(read(&path).complete);
}

#[test]
fn a_second_session_waits_and_can_be_interrupted() {
    let sandbox = Sandbox::new();
    let mut first = Running::start(&sandbox, 1, &["--pin"]);
    let path = first.record_path();
    first.worker();
    // Stopped, it holds the lock for as long as this test wants.
    signal(first.id(), Signal::STOP);
    let mut second = sandbox
        .command([
            "run",
            "--workload",
            "sha256d",
            "--rounds",
            "1",
            "--seconds",
            "0.2",
            "--out",
            "second",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.contains("another perwatt is measuring"), "{line}");
    signal(second.id(), Signal::INT);
    let output = second.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(text(&output.stdout), "");
    assert!(!sandbox.path("second").exists());

    signal(first.id(), Signal::CONT);
    let mut out = Vec::new();
    first
        .child()
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut out)
        .unwrap();
    assert!(first.end().status.code().is_some());
    assert!(read(&path).complete);
}
