//! Exit codes: one meaning each, the same for every command.

use std::process::ExitCode;

use crate::output::plain;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The question was answered with no: no nonce found, a record incomplete.
    Finding = 1,
    /// Usage or I/O.
    Usage = 2,
    /// Not comparable.
    NotComparable = 3,
    /// Something was checked and is wrong.
    Unverified = 4,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// For `--help`.
pub const HELP: &str = "\
Exit codes:
  0    done
  1    a negative answer: no nonce found, a record is incomplete, a meter asked for
       by name cannot be read, what --fail-on names
  2    usage or I/O error
  3    not comparable: a record from another machine or build, nothing to compare
  4    verification failed
  130  interrupted";

/// An error that decides its exit code.
#[derive(Debug)]
pub struct Coded {
    /// The code.
    pub exit: Exit,
    /// The error.
    pub error: anyhow::Error,
}

impl std::fmt::Display for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Coded {}

/// Prints an error and gives its exit code. A reader that closed the pipe has
/// what it wanted, so that is no error.
pub fn report(error: &anyhow::Error) -> Exit {
    let broken_pipe = error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    });
    if broken_pipe {
        return Exit::Done;
    }
    // Part of it may come from a record or an argument that somebody crafted.
    let text: Vec<String> = format!("{error:#}").split('\n').map(plain).collect();
    anstream::eprintln!("error: {}", text.join("\n"));
    error
        .downcast_ref::<Coded>()
        .map_or(Exit::Usage, |coded| coded.exit)
}
