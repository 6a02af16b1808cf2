//! Running `ipmitool`, which is killed when it takes too long, and when perwatt ends in
//! whatever way.
//!
//! No process can do anything once it is killed, so that a shell stands between the
//! two: it reads a pipe that ends with perwatt, and then kills its process group. (A
//! death signal of the kernel would come with the end of the thread that started the
//! program, and can be asked for by unsafe code alone.)

use crate::parse::ipmi::MAX_TEXT;
use crate::secret::Secret;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Distance of looks at whether the program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Why there is no output.
#[derive(thiserror::Error, Debug)]
pub(super) enum ToolError {
    /// It could not be started.
    #[error("{program} cannot be started: {error}")]
    NotStarted { program: String, error: io::Error },
    /// It did not end in time.
    #[error(
        "{program} did not end within {timeout_s} s and was killed; give it longer with timeout=N"
    )]
    TimedOut { program: String, timeout_s: f64 },
    /// It failed, and said this.
    #[error("{program} failed: {said}")]
    Failed { program: String, said: String },
}

/// How to run it.
#[derive(Debug)]
pub(super) struct Tool {
    pub program: String,
    pub arguments: Vec<String>,
    /// Handed over by the environment, where other users cannot see it.
    pub password: Option<Secret>,
    /// Time given to one run.
    pub timeout: Duration,
}

impl Tool {
    /// What it prints, if it succeeds in time.
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

    /// The first words of an error, without the password should a program repeat it.
    fn harmless(&self, text: &str) -> String {
        let text = match &self.password {
            Some(password) => text.replace(password.expose(), "(hidden)"),
            None => text.to_owned(),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").chars().take(200).collect()
    }
}

/// Reads a stream to its end in a thread, since a child of the program may hold it
/// open after the program is gone; more than [`MAX_TEXT`] is thrown away.
fn collect(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    let read = move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = (&mut stream).take(MAX_TEXT as u64).read_to_end(&mut bytes);
            // So that a talkative program ends instead of waiting to be read.
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    };
    // Where no thread can be had nothing was said.
    let _ = std::thread::Builder::new().spawn(read);
    receive
}

/// A shell's codes for a program that is not there, and one that may not be run.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// Runs `"$@"`, and kills the whole process group when standard input ends. The guard
/// holds none of the program's streams, and dies with it.
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

/// A command of this program, ready for its arguments.
#[cfg(unix)]
fn command(program: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("/bin/sh");
    // Its standard input is the pipe that ends with this process.
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

/// How the program ended; `None` when it must be killed.
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
    // Already gone is as good as killed.
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
