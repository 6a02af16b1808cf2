//! `perwatt check`: everything that can be verified about a record offline.

use std::io::Write;

use perwatt_record::check::{Outcome, Report, check as check_record};
use perwatt_record::file;
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::exit::{Coded, Exit, report};
use crate::output::{self, plain};

use super::show::read_error;

pub fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let mut worst = Exit::Done;
    let mut documents = Vec::new();
    for path in &args.files {
        let exit = match file::read(path) {
            Ok(loaded) => {
                let result = check_record(&loaded);
                let exit = exit_of(&result);
                match args.format {
                    Format::Text => print(&path.display().to_string(), &result)?,
                    Format::Json => documents.push(document(&path.display().to_string(), &result)),
                }
                exit
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

fn exit_of(report: &Report) -> Exit {
    match (report.failed(), report.incomplete()) {
        (true, _) => Exit::Unverified,
        (false, true) => Exit::Finding,
        (false, false) => Exit::Done,
    }
}

fn verdict(report: &Report) -> &'static str {
    match exit_of(report) {
        Exit::Done => "verified",
        Exit::Finding => "INCOMPLETE: what is there is verified",
        _ => "NOT VERIFIED",
    }
}

fn print(path: &str, report: &Report) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{path}")?;
    for line in &report.lines {
        let sign = match line.outcome {
            Outcome::Pass => "[x]",
            Outcome::Fail => "[ ] FAILED:",
            Outcome::Open => "[ ]",
        };
        writeln!(out, "  {sign} {}: {}", line.rule, plain(&line.detail))?;
    }
    writeln!(out, "{}", verdict(report))?;
    Ok(())
}

fn document(path: &str, report: &Report) -> Value {
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
    json!({ "file": path, "verdict": verdict(report), "lines": lines })
}
