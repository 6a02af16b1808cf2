//! `perwatt check`: everything that can be verified about a record offline.

use std::io::Write;
use std::path::Path;

use perwatt_record::check::{Outcome, Report, check as check_record};
use perwatt_record::criterion;
use perwatt_record::file::{self, ReadError};
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::exit::{Coded, Exit, report};
use crate::output::{self, plain, stdout};

use super::show::read_error;

pub fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let mut worst = Exit::Done;
    let mut documents = Vec::new();
    for path in &args.files {
        let exit = match read(path) {
            Ok((result, kind)) => {
                let verdict = verdict(&result, kind);
                match args.format {
                    Format::Text => print(&path.display().to_string(), &result, verdict)?,
                    Format::Json => {
                        documents.push(document(&path.display().to_string(), &result, verdict));
                    }
                }
                exit_of(&result)
            }
            Err(error) => {
                let error = read_error(error);
                if args.format == Format::Json {
                    documents.push(json!({
                        "file": path.display().to_string(),
                        "error": format!("{error:#}"),
                    }));
                }
                let exit = report(&error);
                error
                    .downcast_ref::<Coded>()
                    .map_or(exit, |coded| coded.exit)
            }
        };
        if exit as u8 > worst as u8 {
            worst = exit;
        }
    }
    if args.format == Format::Json {
        output::json(&documents)?;
    }
    Ok(worst)
}

/// What a file is.
#[derive(Clone, Copy)]
enum Kind {
    Record,
    Criterion,
}

fn read(path: &Path) -> Result<(Report, Kind), ReadError> {
    match file::read(path) {
        Ok(loaded) => Ok((check_record(&loaded), Kind::Record)),
        Err(ReadError::CriterionArchive { path }) => {
            Ok((criterion::check(&criterion::read(&path)?), Kind::Criterion))
        }
        Err(error) => Err(error),
    }
}

fn exit_of(report: &Report) -> Exit {
    match (report.failed(), report.incomplete()) {
        (true, _) => Exit::Unverified,
        (false, true) => Exit::Finding,
        (false, false) => Exit::Done,
    }
}

fn verdict(report: &Report, kind: Kind) -> &'static str {
    match (exit_of(report), kind) {
        (Exit::Done, Kind::Record) => "verified",
        (Exit::Done, Kind::Criterion) => "as it was written; the work is NOT VERIFIED by criterion",
        (Exit::Finding, _) => "INCOMPLETE: what is there is verified",
        _ => "NOT VERIFIED",
    }
}

fn print(path: &str, report: &Report, verdict: &str) -> anyhow::Result<()> {
    let mut out = stdout();
    writeln!(out, "{}", plain(path))?;
    for line in &report.lines {
        let sign = match line.outcome {
            Outcome::Pass => "[x]",
            Outcome::Fail => "[ ] FAILED:",
            Outcome::Open => "[ ]",
        };
        writeln!(out, "  {sign} {}: {}", line.rule, plain(&line.detail))?;
    }
    writeln!(out, "{verdict}")?;
    Ok(())
}

fn document(path: &str, report: &Report, verdict: &str) -> Value {
    let lines: Vec<Value> = report
        .lines
        .iter()
        .map(|line| {
            let outcome = match line.outcome {
                Outcome::Pass => "pass",
                Outcome::Fail => "fail",
                Outcome::Open => "open",
            };
            json!({ "rule": line.rule, "outcome": outcome, "detail": line.detail })
        })
        .collect();
    json!({ "file": path, "verdict": verdict, "lines": lines })
}
