//! Runs a session to its end and reports its outcome: archived, printed, with an exit code.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use perwatt_engine::session::{Finished, Session, SessionError};
use perwatt_engine::worker::WorkerCommand;
use perwatt_power::public_text;
use perwatt_record::Record;
use perwatt_record::schema::{FailureKind, Status};
use perwatt_report::doc::Block;

use super::answer;
use super::doctor::asked_for;
use super::lock::Lock;
use crate::args::{RunArgs, ViewFormat};
use crate::exit::{Exit, answered};
use crate::output::progress::Progress;
use crate::output::{self, halves, stdout, summary, tell};

/// Lines of a screen that the result of a session may take.
const LINES: usize = 40;
/// Lines at its end: the next command, and the record's path.
const LAST: usize = 3;

/// Measures, releases the lock, and then prints the result. Returns it, with the exit code.
pub fn finish(
    session: Session,
    command: &WorkerCommand,
    lock: Lock,
    interrupt: &AtomicBool,
    args: &RunArgs,
) -> anyhow::Result<(Exit, Finished)> {
    let mut progress = Progress::new();
    let result = session.run(command, &mut progress, interrupt);
    drop(progress);
    drop(lock);
    ended(
        result,
        &Shown {
            format: args.format,
            meters: &args.meter,
            resume: "perwatt run --resume".into(),
        },
    )
}

/// The options that concern the display of a result.
pub struct Shown<'a> {
    /// The format.
    pub format: ViewFormat,
    /// The meters that were asked for.
    pub meters: &'a [String],
    /// The command that goes on with an interrupted session, without its file.
    pub resume: String,
}

/// Prints the result of a session. Returns it, with the exit code.
pub fn ended(
    result: Result<Finished, SessionError>,
    shown: &Shown<'_>,
) -> anyhow::Result<(Exit, Finished)> {
    match result {
        Ok(finished) => Ok((show(&finished, shown)?, finished)),
        Err(SessionError::Lost {
            error,
            second,
            record,
        }) => {
            // Standard output is the last place where the measurement can be saved.
            let went = match output::json_bytes(&record.to_bytes()?) {
                Ok(()) => "The record went to standard output: keep it".into(),
                Err(third) => format!("Nor could the record be printed ({third}): it is lost"),
            };
            anyhow::bail!("{error}; {second}. {went}");
        }
        Err(error) => Err(error.into()),
    }
}

fn show(finished: &Finished, shown: &Shown<'_>) -> anyhow::Result<Exit> {
    let Finished {
        record,
        path,
        interrupted,
    } = finished;
    let exit = match verdict(record) {
        _ if *interrupted => Exit::Interrupted,
        Exit::Done if record.config.selfcheck && !halves::agrees(path, record) => Exit::Finding,
        Exit::Done => asked_for(shown.meters, &read(record)),
        exit => exit,
    };
    let printed = print(record, path, *interrupted, shown).with_context(|| {
        format!(
            "cannot print the result; the record itself is safe in {}: read it with perwatt show",
            path.display()
        )
    });
    answered(exit, printed)
}

/// Prints the result and its path to standard output.
fn print(record: &Record, path: &Path, interrupted: bool, shown: &Shown<'_>) -> anyhow::Result<()> {
    match shown.format {
        ViewFormat::Json => {
            output::json_bytes(&record.to_bytes()?)?;
            tell!("{}", path.display());
        }
        _ => {
            let mut behind = Vec::new();
            if record.config.selfcheck {
                behind.push(Block::Space);
                behind.extend(halves::blocks(path, record));
            }
            if !interrupted {
                behind.extend(answer::short(record, path)?);
            }
            output::blocks(&summary::within(LINES - LAST, record, &behind))?;
            let mut out = stdout();
            writeln!(out)?;
            if interrupted {
                let meters = repeated(shown.meters);
                writeln!(out, "next: {} {}{meters}", shown.resume, path.display())?;
            } else {
                writeln!(out, "next: perwatt check {}", path.display())?;
            }
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}

/// The options that resume a session with these meters, for the printed command: a record
/// keeps no address, and secrets are never printed.
fn repeated(meters: &[String]) -> String {
    if meters.iter().any(|spec| public_text(spec) != *spec) {
        return ", with the --meter options that it was begun with".into();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/=,@%+".contains(c);
    let quoted = meters.iter().map(|spec| match spec.chars().all(plain) {
        true => format!(" --meter {spec}"),
        false => format!(" --meter '{}'", spec.replace('\'', r"'\''")),
    });
    quoted.collect()
}

/// The IDs of the meters that gave a reading in any run.
fn read(record: &Record) -> Vec<&str> {
    let series = record.runs.iter().flat_map(|run| &run.energy);
    series
        .filter(|series| !series.samples.is_empty())
        .filter_map(|series| record.meters.get(series.meter as usize))
        .map(|info| info.id.as_str())
        .collect()
}

/// The exit code of a complete session.
fn verdict(record: &Record) -> Exit {
    let unverified = record.runs.iter().any(|run| match &run.status {
        Status::Failed(failure) => failure.kind == FailureKind::Unverified,
        Status::Ok => false,
    });
    if unverified
        || record
            .summary
            .iter()
            .any(|row| row.runs_ok > 0 && !row.verified && !row.unproven)
    {
        return Exit::Unverified;
    }
    let failed: u32 = record.summary.iter().map(|row| row.runs_failed).sum();
    if failed > 0 {
        tell!(
            "warning: {failed} of {} runs failed; see the notes",
            record.runs.len()
        );
    }
    // An entry that was asked for has no successful run.
    if record.summary.iter().any(|row| row.runs_ok == 0) {
        Exit::Usage
    } else if record.summary.iter().any(|row| row.unproven) {
        Exit::Finding
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use super::repeated;

    #[test]
    fn a_command_that_goes_on_names_the_meters_or_says_that_they_are_needed() {
        let of =
            |meters: &[&str]| repeated(&meters.iter().map(|m| m.to_string()).collect::<Vec<_>>());
        assert_eq!(of(&[]), "");
        assert_eq!(
            of(&["rapl:psys", "shelly=plug,channel=1"]),
            " --meter rapl:psys --meter shelly=plug,channel=1"
        );
        assert_eq!(
            of(&["prometheus=http://h:1,metric=x{a='b'}"]),
            r" --meter 'prometheus=http://h:1,metric=x{a='\''b'\''}'"
        );
        for hidden in [
            "shelly=me:word@plug",
            "json=http://h/word,pointer=/p",
            "shelly=h,auth=word",
        ] {
            let said = of(&["rapl", hidden]);
            assert!(
                said.contains("begun with") && !said.contains("word"),
                "{said}"
            );
        }
    }
}
