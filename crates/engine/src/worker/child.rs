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

/// Longest wait for the rest of it once the worker is gone.
const STDERR_TIMEOUT: Duration = Duration::from_secs(1);

/// A message is at most so long: the shares of a long run take far less.
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
    /// Raised when its answers are of no use any more.
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

/// The reason that no message came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// None came in time.
    Silent,
    /// The worker closed its output.
    Closed,
    /// It said something that is not a message.
    Nonsense(String),
}

impl Child {
    /// Starts a worker and hands it its first message.
    pub fn start(command: &WorkerCommand, first: &ToWorker) -> std::io::Result<Self> {
        let mut start = Command::new(&command.program);
        start
            .args(&command.args)
            .envs(command.envs.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // In a group of its own a worker does not get the terminal's Ctrl-C: the
        // coordinator decides what becomes of it.
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
        // A worker that died at once shows as such when its messages are read.
        let _ = child.say(first);
        Ok(child)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks the worker to end its load.
    pub fn stop(&mut self) {
        // As above: a dead worker shows when its messages are read.
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

    /// The next message, if one comes within `patience`.
    pub fn message(&self, patience: Duration) -> Result<FromWorker, Ended> {
        match self.messages.recv_timeout(patience) {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(line)) => Err(Ended::Nonsense(line)),
            Err(RecvTimeoutError::Timeout) => Err(Ended::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(Ended::Closed),
        }
    }

    /// As [`Self::message`], but no longer than until `interrupt` is raised.
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

    /// Ends the process, by force if it does not leave by itself within
    /// `patience`; returns how it ended and the tail of its standard error.
    pub fn end(mut self, patience: Duration) -> (Option<ExitStatus>, String) {
        self.input = None;
        let deadline = Instant::now() + patience;
        let mut status = None;
        while Instant::now() < deadline {
            match self.process.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Ok(Some(ended)) => {
                    status = Some(ended);
                    break;
                }
                Err(_) => break,
            }
        }
        // Also after an end of its own: what the worker started holds its standard
        // error open. The group keeps its number for as long as anything is in it.
        self.kill();
        self.killed = true;
        if status.is_none() {
            status = self.process.wait().ok();
        }
        // What left the group and lives on may hold the pipe open for ever.
        let deadline = Instant::now() + STDERR_TIMEOUT;
        while self
            .reader
            .as_ref()
            .is_some_and(|reader| !reader.is_finished())
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        let stderr = lock(&self.stderr);
        (status, String::from_utf8_lossy(&stderr).trim().to_owned())
    }

    /// Kills the worker and everything that it started.
    fn kill(&mut self) {
        // Already gone is as good as killed.
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
        // For the paths that give up without `end`: no load outlives its run.
        if !self.killed {
            self.kill();
            let _ = self.process.wait();
        }
    }
}

/// The next line of a worker's output; `Err` holds the start of one that is not a
/// message.
fn next_message(output: &mut impl BufRead) -> Option<Result<FromWorker, String>> {
    let mut line = Vec::new();
    match output
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
    {
        Ok(1..) => {}
        Ok(0) | Err(_) => return None,
    }
    let message = serde_json::from_slice(&line).map_err(|_| {
        String::from_utf8_lossy(&line)
            .trim_end()
            .chars()
            .take(200)
            .collect()
    });
    Some(message)
}

/// Keeps the last of what a worker writes to its standard error.
fn keep_tail(mut errors: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    // A broken pipe ends the text, nothing more.
    while let Ok(read @ 1..) = errors.read(&mut buffer) {
        let mut kept = lock(kept);
        kept.extend_from_slice(&buffer[..read]);
        let surplus = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..surplus);
    }
}

/// Starts a thread; the error says what would help.
fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .spawn(work)
        .map_err(|error| std::io::Error::new(error.kind(), no_thread(&error)))
}

/// The words for a thread that the system refuses to start.
pub(crate) fn no_thread(error: &dyn std::fmt::Display) -> String {
    format!(
        "the system starts no further thread ({error}); free some memory, raise the limit of processes (ulimit -u) or use fewer --threads"
    )
}

/// The words for a process that ended by itself.
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
