//! Runs `ipmitool`, and kills it when it takes too long or when perwatt ends for
//! any reason.
//!
//! A process that is killed cannot clean up, so that a shell stands between the
//! two: it reads a pipe that ends with perwatt, and then kills its process group.
//! (The kernel's parent-death signal is not used: it would be sent when the thread
//! that started the program ends, and it can be requested only by unsafe code.)

use crate::parse::ipmi::MAX_TEXT;
use crate::secret::Secret;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Time between two checks for the end of the program.
const LOOK: Duration = Duration::from_millis(5);

/// Errors of running the program.
#[derive(thiserror::Error, Debug)]
pub(super) enum ToolError {
    /// The program could not be started.
    #[error("{program} cannot be started: {error}")]
    NotStarted { program: String, error: io::Error },
    /// The program did not end in time.
    #[error(
        "{program} did not end within {timeout_s} s and was killed; give it longer with timeout=N"
    )]
    TimedOut { program: String, timeout_s: f64 },
    /// The program failed, with this error text.
    #[error("{program} failed: {said}")]
    Failed { program: String, said: String },
}

/// A program, with its arguments and limits.
#[derive(Debug)]
pub(super) struct Tool {
    pub program: String,
    pub arguments: Vec<String>,
    /// Passed in the environment, where other users cannot see it.
    pub password: Option<Secret>,
    /// Time limit of one run.
    pub timeout: Duration,
}

impl Tool {
    /// Runs the program and returns its standard output, if it succeeds in time.
    pub fn output(&self) -> Result<String, ToolError> {
        let program = || self.program.clone();
        let failed = |error| ToolError::NotStarted {
            program: program(),
            error,
        };
        let mut command = command(&self.program);
        command
            .args(&self.arguments)
            .env("LC_ALL", "C")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(password) = &self.password {
            command.env("IPMI_PASSWORD", password.expose());
        }
        let mut child = command.spawn().map_err(failed)?;
        let out = collect(child.stdout.take());
        let err = collect(child.stderr.take());
        let deadline = Instant::now() + self.timeout;
        let status = wait(&mut child, deadline);
        if !matches!(status, Ok(Some(_))) {
            kill(&mut child);
        }
        let status = status.map_err(failed)?;
        let text = |receive: mpsc::Receiver<String>| {
            let left = deadline.saturating_duration_since(Instant::now());
            receive.recv_timeout(left).unwrap_or_default()
        };
        let Some(status) = status else {
            return Err(ToolError::TimedOut {
                program: program(),
                timeout_s: self.timeout.as_secs_f64(),
            });
        };
        if status.success() {
            return Ok(text(out));
        }
        let said = self.harmless(&text(err));
        match status.code() {
            Some(NOT_FOUND | NOT_EXECUTABLE) if cfg!(unix) => {
                Err(failed(io::Error::new(io::ErrorKind::NotFound, said)))
            }
            _ => Err(ToolError::Failed {
                program: program(),
                said,
            }),
        }
    }

    /// The first 200 characters of an error text, with the password removed in case
    /// the program repeats it.
    fn harmless(&self, text: &str) -> String {
        let text = match &self.password {
            Some(password) => text.replace(password.expose(), "(hidden)"),
            None => text.to_owned(),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").chars().take(200).collect()
    }
}

/// Reads a stream to its end in a thread, because a child of the program may keep
/// it open after the program has ended. Everything beyond [`MAX_TEXT`] is
/// discarded.
fn collect(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    let read = move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = (&mut stream).take(MAX_TEXT as u64).read_to_end(&mut bytes);
            // Drains the rest, so that a program with long output does not block on
            // a full pipe.
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    };
    // If the thread cannot be started, the output counts as empty.
    let _ = std::thread::Builder::new().spawn(read);
    receive
}

/// Exit codes of a shell for a program that does not exist, and for one that cannot
/// be executed.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// Runs `"$@"`, and kills the whole process group when standard input ends. The
/// guard holds none of the program's streams, and is killed together with the
/// group.
#[cfg(unix)]
const GUARD: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
tool=$!
{ read -r _ <&3; kill -9 0; } >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$tool"
code=$?
{ kill -9 "$guard"; wait "$guard"; } 2>/dev/null
exit "$code"
"#;

/// A command that runs this program under the guard, still without arguments.
#[cfg(unix)]
fn command(program: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("/bin/sh");
    // The shell's standard input is a pipe that ends with this process.
    command
        .args(["-c", GUARD, "perwatt", program])
        .stdin(Stdio::piped())
        .process_group(0);
    command
}

#[cfg(not(unix))]
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// The exit status of the program; `None` if it must be killed.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

/// Kills the program and everything that it started.
fn kill(child: &mut Child) {
    // Errors are ignored: they mean that the process has already ended.
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
