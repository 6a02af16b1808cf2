//! Running sessions that a test interferes with; their processes are found through `/proc`.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use perwatt_record::schema::{FailureKind, Record, Status};
use rustix::process::{Pid, Signal, kill_process};

pub use crate::records::read;
use crate::sandbox::{Sandbox, ended, piped, stderr, stdout, words};

/// Time limit for each event that is waited for, long enough for a busy machine.
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

/// The state and the parent of a process; `None` if it has ended.
fn process(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may contain any characters.
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// True if a process has ended or only waits to be reaped.
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

/// True if a process is a worker. Only the command line shows that its start is complete: a
/// signal during the start would hit the session as well.
pub fn is_worker(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(b"\0worker\0"))
}

pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// A running session, ended on drop.
pub struct Running<'a> {
    sandbox: &'a Sandbox,
    child: Option<Child>,
}

impl<'a> Running<'a> {
    pub fn start(sandbox: &'a Sandbox, rounds: u32, extra: &[&str]) -> Self {
        Self::start_with(sandbox, rounds, &[&["--seconds", "0.4"], extra].concat())
    }

    /// Starts a session as [`Self::start`] does, with the length of windows from `extra`.
    pub fn start_with(sandbox: &'a Sandbox, rounds: u32, extra: &[&str]) -> Self {
        Self {
            sandbox,
            child: Some(piped(Self::prepared(sandbox, rounds, extra))),
        }
    }

    /// The command of [`Self::start_with`].
    pub fn prepared(sandbox: &Sandbox, rounds: u32, extra: &[&str]) -> Command {
        let rounds = rounds.to_string();
        let args = words("run --workload matmul/f32:64x64x64 --backend embedded --threads 1");
        let args = [&args[..], &["--rounds", &rounds], extra].concat();
        let mut command = sandbox.command(args);
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

    /// Waits until this number of runs is on disk.
    pub fn wait_for_runs(&self, count: usize) -> PathBuf {
        let path = self.record_path();
        wait_for("runs on disk", || {
            (read(&path).runs.len() >= count).then_some(())
        });
        path
    }

    /// Waits for a worker and returns its process ID.
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
            // The process may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn check(sandbox: &Sandbox, path: &Path, code: i32) -> String {
    stdout(&sandbox.about("check", path).code(code))
}

/// Finishes a session and checks the result.
pub fn resume(sandbox: &Sandbox, path: &Path) -> Record {
    resume_with(sandbox, path, &[])
}

/// Finishes a session as [`resume`] does, with further arguments.
pub fn resume_with(sandbox: &Sandbox, path: &Path, extra: &[&str]) -> Record {
    let args = ["run".as_ref(), "--resume".as_ref(), path.as_os_str()];
    let mut command = sandbox.command(args);
    command.args(extra).env("METER_PASSWORD", "x");
    let assert = ended(command).code(0);
    let printed = stdout(&assert);
    assert_eq!(printed.lines().last(), path.to_str(), "{}", stderr(&assert));
    let report = check(sandbox, path, 0);
    assert!(report.ends_with("\nverified\n"), "{report}");
    assert_eq!(sandbox.result_files(), [path], "nothing else is left");
    read(path)
}

/// The failure of the first run, which is of this kind; the other runs succeeded.
pub fn failed(record: &Record, kind: FailureKind) -> &str {
    let (first, others) = record.runs.split_first().unwrap();
    assert!(others.iter().all(|run| run.status == Status::Ok));
    match &first.status {
        Status::Failed(failure) if failure.kind == kind => &failure.message,
        other => panic!("not {kind:?}: {other:?}"),
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The only record that a session saved among temporary files after its results directory
/// was lost.
pub fn rescued(sandbox: &Sandbox) -> PathBuf {
    let mut files = sandbox.files_in("tmp");
    files.retain(|path| path.is_file());
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// A file to which nothing can be written.
pub fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe whose reader has gone.
pub fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// The exit code of a command with empty input.
pub fn code(command: &mut Command) -> Option<i32> {
    command.stdin(Stdio::null()).status().unwrap().code()
}
