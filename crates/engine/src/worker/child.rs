//! The coordinator's side: a worker process and the messages from it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child as Process, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use perwatt_host::lock;

use super::message::{FromWorker, ToWorker};

/// Bytes of a worker's standard error that are kept for the record.
const STDERR_KEPT: usize = 2000;

/// Time between two checks for an interrupt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Longest wait for the rest of standard error once the worker is gone.
const STDERR_TIMEOUT: Duration = Duration::from_secs(1);

/// Largest size of a message in bytes: the shares of a long run take far less.
const LONGEST_LINE: u64 = 64 << 20;

/// The command that starts a worker.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Environment variables to set for it.
    pub envs: Vec<(String, String)>,
    /// Set when its answers are no longer needed.
    pub interrupt: Arc<AtomicBool>,
}

/// A worker that is running.
pub struct Child {
    process: Process,
    input: Option<ChildStdin>,
    messages: Receiver<Result<FromWorker, String>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    killed: bool,
}

/// The reasons that no message arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// None came in time.
    Silent,
    /// The worker closed its output.
    Closed,
    /// The worker sent a line that is not a message.
    Nonsense(String),
}

impl WorkerCommand {
    /// As [`Child::start`], with the error in words.
    pub(crate) fn start(&self, first: &ToWorker) -> Result<Child, String> {
        Child::start(self, first)
            .map_err(|error| format!("cannot start {}: {error}", self.program.display()))
    }
}

impl Child {
    /// Starts a worker and sends its first message.
    pub fn start(command: &WorkerCommand, first: &ToWorker) -> std::io::Result<Self> {
        let mut start = Command::new(&command.program);
        start
            .args(&command.args)
            .envs(command.envs.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // In a group of its own a worker does not receive the terminal's Ctrl-C: the
        // coordinator decides when it ends.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        let mut process = start.spawn()?;
        let (send, messages) = channel();
        let (input, output, errors) = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        );
        // From here on, dropping it ends the process.
        let mut child = Self {
            process,
            input,
            messages,
            stderr: Arc::default(),
            reader: None,
            killed: false,
        };
        if let Some(output) = output {
            spawn(move || {
                let mut output = BufReader::new(output);
                while let Some(message) = next_message(&mut output) {
                    if send.send(message).is_err() {
                        break;
                    }
                }
            })?;
        }
        if let Some(errors) = errors {
            let kept = Arc::clone(&child.stderr);
            child.reader = Some(spawn(move || keep_tail(errors, &kept))?);
        }
        // The exit of a worker that died at once is detected when its messages are read.
        let _ = child.say(first);
        Ok(child)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks the worker to end its load.
    pub fn stop(&mut self) {
        // As above: the exit of a dead worker is detected when its messages are read.
        let _ = self.say(&ToWorker::Stop);
    }

    fn say(&mut self, message: &ToWorker) -> std::io::Result<()> {
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        serde_json::to_writer(&mut *input, message)?;
        input.write_all(b"\n")?;
        input.flush()
    }

    /// The next message, if one arrives within `patience`.
    pub fn message(&self, patience: Duration) -> Result<FromWorker, Ended> {
        match self.messages.recv_timeout(patience) {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(line)) => Err(Ended::Nonsense(line)),
            Err(RecvTimeoutError::Timeout) => Err(Ended::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(Ended::Closed),
        }
    }

    /// As [`Self::message`], but returns early when `interrupt` is set.
    pub(crate) fn message_until(
        &self,
        patience: Duration,
        interrupt: &AtomicBool,
    ) -> Result<FromWorker, Ended> {
        let began = Instant::now();
        loop {
            match self.message(POLL_INTERVAL.min(patience)) {
                Err(Ended::Silent)
                    if began.elapsed() < patience && !interrupt.load(Ordering::Relaxed) => {}
                answer => return answer,
            }
        }
    }

    /// Ends the process, by force if it does not exit by itself within `patience`; returns
    /// its exit status and the tail of its standard error.
    pub fn end(mut self, patience: Duration) -> (Option<ExitStatus>, String) {
        self.input = None;
        let deadline = Instant::now() + patience;
        let mut status = None;
        while Instant::now() < deadline {
            match self.process.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                ended => {
                    status = ended.ok().flatten();
                    break;
                }
            }
        }
        // Also after a voluntary exit: processes that the worker started hold its standard
        // error open. The group keeps its number for as long as it has members.
        self.kill();
        self.killed = true;
        if status.is_none() {
            status = self.process.wait().ok();
        }
        // A process that left the group and is still running may hold the pipe open for
        // ever.
        let deadline = Instant::now() + STDERR_TIMEOUT;
        let reading = |reader: &JoinHandle<()>| !reader.is_finished();
        while self.reader.as_ref().is_some_and(reading) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        let stderr = lock(&self.stderr);
        (status, String::from_utf8_lossy(&stderr).trim().to_owned())
    }

    /// Kills the worker and all processes that it started.
    fn kill(&mut self) {
        // An error means that they are already gone.
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.process.id() as i32) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.process.kill();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // For the paths that return without `end`: no load continues after its run.
        if !self.killed {
            self.kill();
            let _ = self.process.wait();
        }
    }
}

/// The next message in a worker's output; `Err` holds the start of a line that is not a
/// message.
fn next_message(output: &mut impl BufRead) -> Option<Result<FromWorker, String>> {
    let mut line = Vec::new();
    let mut limited = output.by_ref().take(LONGEST_LINE);
    if !matches!(limited.read_until(b'\n', &mut line), Ok(1..)) {
        return None;
    }
    Some(serde_json::from_slice(&line).map_err(|_| {
        let text = String::from_utf8_lossy(&line);
        text.trim_end().chars().take(200).collect()
    }))
}

/// Keeps the tail of a worker's standard error.
fn keep_tail(mut errors: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    // A broken pipe only ends the text.
    while let Ok(read @ 1..) = errors.read(&mut buffer) {
        let mut kept = lock(kept);
        kept.extend_from_slice(&buffer[..read]);
        let surplus = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..surplus);
    }
}

/// Starts a thread; the error includes a remedy.
fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .spawn(work)
        .map_err(|error| std::io::Error::new(error.kind(), no_thread(&error)))
}

/// The message for a thread that the system refuses to start.
pub(crate) fn no_thread(error: &dyn std::fmt::Display) -> String {
    format!(
        "the system starts no further thread ({error}); free some memory, raise the limit of processes (ulimit -u) or use fewer --threads"
    )
}

/// The status of a process as the system describes it.
pub(crate) fn status_in_words(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "in an unknown way".into(), |status| status.to_string())
}

/// The description of a process that ended by itself.
pub(crate) fn how_ended(status: Option<ExitStatus>) -> String {
    let Some(status) = status else {
        return "ended in an unknown way".into();
    };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("ended by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("ended ({status})"),
    }
}
