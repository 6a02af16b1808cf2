//! Exit codes: one meaning each, the same for all commands.

use std::process::ExitCode;

use perwatt_report::plain::is_unseen;

use crate::output::{plain, tell};

/// The outcome of a command; the values are exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Success.
    Done = 0,
    /// A negative result: no nonce found, or a record incomplete.
    Finding = 1,
    /// An error of usage or of I/O.
    Usage = 2,
    /// The records cannot be compared.
    NotComparable = 3,
    /// A verification failed.
    Unverified = 4,
    /// Interrupted by a signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The section on exit codes in `--help`.
pub const HELP: &str = "\
Exit codes:
  0    done
  1    a finding: no nonce found, an incomplete record, a meter given by name
       that cannot be read, a verdict named by --fail-on
  2    usage or I/O error
  3    not comparable: another machine or build, or nothing to compare
  4    verification failed
  130  interrupted";

/// An error with its own exit code.
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

/// Prints the output of the argument parser: help, the version, or an error.
pub fn usage(said: &clap::Error) -> Exit {
    match said.use_stderr() {
        // An argument may be a file name that another person chose.
        true if said.to_string().contains(|c| c != '\n' && is_unseen(c)) => {
            tell!("{}", said.to_string().trim_end());
        }
        _ => {
            let failed = |error: std::io::Error| error.kind() != std::io::ErrorKind::BrokenPipe;
            if said.print().is_err_and(failed) {
                return Exit::Usage;
            }
        }
    }
    match said.use_stderr() {
        true => Exit::Usage,
        false => Exit::Done,
    }
}

/// The exit code of a command with a known result, after an attempt to print it. A closed
/// pipe is not an error: the reader has all it wants. Any other failure to print is an
/// error, with the exit code of the result unless that is success.
pub fn answered(answer: Exit, printed: anyhow::Result<()>) -> anyhow::Result<Exit> {
    match printed {
        Err(error) if !is_broken_pipe(&error) => Err(Coded {
            exit: match answer {
                Exit::Done => Exit::Usage,
                answer => answer,
            },
            error,
        }
        .into()),
        _ => Ok(answer),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// Prints an error and returns its exit code. A closed pipe is not an error: the reader has
/// all it wants. Commands that already have a result end with [`answered`].
pub fn report(error: &anyhow::Error) -> Exit {
    if is_broken_pipe(error) {
        return Exit::Done;
    }
    // Parts of it may come from a record or an argument that was crafted.
    let text: Vec<String> = format!("{error:#}").split('\n').map(plain).collect();
    tell!("error: {}", text.join("\n"));
    error
        .downcast_ref::<Coded>()
        .map_or(Exit::Usage, |coded| coded.exit)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn an_answer_survives_whatever_happens_to_its_reader() {
        let failed = |kind: ErrorKind| Err(anyhow::Error::from(Error::from(kind)));
        for answer in [
            Exit::Done,
            Exit::Finding,
            Exit::Unverified,
            Exit::Interrupted,
        ] {
            assert_eq!(answered(answer, Ok(())).unwrap(), answer);
            let gone = answered(answer, failed(ErrorKind::BrokenPipe));
            assert_eq!(gone.unwrap(), answer);
            let full = answered(answer, failed(ErrorKind::StorageFull)).unwrap_err();
            let expected = if answer == Exit::Done {
                Exit::Usage
            } else {
                answer
            };
            assert_eq!(report(&full), expected);
        }
        assert_eq!(
            report(&failed(ErrorKind::BrokenPipe).unwrap_err()),
            Exit::Done
        );
    }
}
