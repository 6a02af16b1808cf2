//! Running `ipmitool`, which is killed when it takes too long.

use crate::parse::ipmi::MAX_TEXT;
use crate::secret::Secret;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
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
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(password) = &self.password {
            command.env("IPMI_PASSWORD", password.expose());
        }
        let mut child = command.spawn().map_err(failed)?;
        let out = collect(child.stdout.take());
        let err = collect(child.stderr.take());
        let deadline = Instant::now() + self.timeout;
        let success = wait(&mut child, deadline).map_err(failed)?;
        let text = |receive: mpsc::Receiver<String>| {
            let left = deadline.saturating_duration_since(Instant::now());
            receive.recv_timeout(left).unwrap_or_default()
        };
        match success {
            None => Err(ToolError::TimedOut {
                program: program(),
                timeout_s: self.timeout.as_secs_f64(),
            }),
            Some(true) => Ok(text(out)),
            Some(false) => Err(ToolError::Failed {
                program: program(),
                said: self.harmless(&text(err)),
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
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = (&mut stream).take(MAX_TEXT as u64).read_to_end(&mut bytes);
            // So that a talkative program ends instead of waiting to be read.
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// Whether the program succeeded; `None` when it had to be killed.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}
