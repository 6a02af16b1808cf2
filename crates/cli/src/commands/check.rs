//! `perwatt check`: offline verification of records.

use std::path::Path;

use perwatt_record::check::standing::{Standing, Statement, statements};
use perwatt_record::check::{CheckReport, CheckedRule, Copies, Outcome, check as check_record};
use perwatt_record::criterion;
use perwatt_record::file::{self, ReadError};
use perwatt_report::doc::{Block, Item, Tone};
use serde_json::{Value, json};

use super::show::read_error;
use crate::args::{CheckArgs, ViewFormat};
use crate::exit::{Coded, Exit, answered, report};
use crate::output;

/// The rule for files that are checked together.
const COPIES: &str = "no file is a copy of another one";

pub fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let mut copies = Copies::default();
    let mut read_files: Vec<Result<Checked, ReadError>> = args
        .files
        .iter()
        .map(|path| read(path, &mut copies))
        .collect();
    let others: Vec<Option<usize>> = copies.others().collect();
    for (checked, other) in read_files.iter_mut().zip(others) {
        if let (Ok(checked), Some(other)) = (checked, other) {
            checked.report.lines.push(CheckedRule {
                rule: COPIES,
                outcome: Outcome::Fail,
                detail: Copies::reason(&args.files[other].display().to_string()),
            });
            checked.statements.clear();
        }
    }
    let mut worst = Exit::Done;
    let (mut documents, mut blocks) = (Vec::new(), Vec::new());
    // A closed pipe ends the output and leaves the verdict unchanged.
    let mut printed = Ok(());
    for (path, checked) in args.files.iter().zip(read_files) {
        let file = path.display().to_string();
        let exit = match checked {
            Ok(checked) => {
                documents.push(document(&file, &checked));
                let of_file = shown(&file, &checked);
                match args.output.format {
                    ViewFormat::Text => {
                        printed = printed.and_then(|()| Ok(output::blocks(&of_file)?));
                    }
                    _ => blocks.extend(of_file),
                }
                exit_of(&checked.report)
            }
            Err(error) => {
                let error = read_error(error);
                documents.push(json!({ "file": file, "error": format!("{error:#}") }));
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
    if args.output.format != ViewFormat::Text {
        printed = output::view(args.output.format, "perwatt: check", &documents, || blocks);
    }
    answered(worst, printed)
}

/// The kind of a file.
#[derive(Clone, Copy)]
enum Kind {
    Record,
    Criterion,
}

/// A file that was checked.
struct Checked {
    kind: Kind,
    report: CheckReport,
    /// The statements that the check supports; empty where it failed.
    statements: Vec<Statement>,
}

/// Reads and checks a file. Each file takes a place in `copies`, so that the numbers there
/// are those of the arguments.
fn read(path: &Path, copies: &mut Copies) -> Result<Checked, ReadError> {
    let loaded = match file::read(path) {
        Ok(loaded) => loaded,
        Err(error) => {
            copies.add("", []);
            let ReadError::CriterionArchive { path } = error else {
                return Err(error);
            };
            return Ok(Checked {
                kind: Kind::Criterion,
                report: criterion::check(&criterion::read(&path)?),
                statements: Vec::new(),
            });
        }
    };
    copies.add_record(&loaded.record);
    let report = check_record(&loaded);
    let statements = match report.failed() {
        true => Vec::new(),
        false => statements(&loaded.record),
    };
    Ok(Checked {
        kind: Kind::Record,
        report,
        statements,
    })
}

fn exit_of(report: &CheckReport) -> Exit {
    match (report.failed(), report.incomplete() || report.unproven()) {
        (true, _) => Exit::Unverified,
        (false, true) => Exit::Finding,
        (false, false) => Exit::Done,
    }
}

fn verdict(Checked { report, kind, .. }: &Checked) -> &'static str {
    match (exit_of(report), kind) {
        (Exit::Done, Kind::Record) => "verified",
        (Exit::Done, Kind::Criterion) => "as it was written; the work is NOT VERIFIED by criterion",
        (Exit::Finding, _) if report.unproven() => {
            "UNPROVEN: nothing is wrong, and runs are too short to prove their hashes"
        }
        (Exit::Finding, _) => "INCOMPLETE: what is there is verified",
        _ => "NOT VERIFIED",
    }
}

/// The result of a file's check.
fn shown(path: &str, checked: &Checked) -> Vec<Block> {
    let rules = checked.report.lines.iter().map(|line| {
        let (tone, sign) = match line.outcome {
            Outcome::Pass => (Tone::Plain, "[x]"),
            Outcome::Fail => (Tone::Bad, "[ ] FAILED:"),
            Outcome::Open => (Tone::Plain, "[ ]"),
        };
        Item {
            tone,
            ..Item::new(format!("{sign} {}: {}", line.rule, line.detail))
        }
    });
    let mut out = vec![Block::sentence(path), Block::Items(rules.collect())];
    for standing in Standing::ALL {
        let of_it = checked.statements.iter();
        let of_it = of_it.filter(|statement| statement.standing == standing);
        let items: Vec<Item> = of_it.map(|of| Item::new(of.text.as_str())).collect();
        if !items.is_empty() {
            out.push(Block::sentence(standing.heading()));
            out.push(Block::Items(items));
        }
    }
    out.push(match exit_of(&checked.report) {
        Exit::Unverified => Block::Warning(verdict(checked).into()),
        _ => Block::sentence(verdict(checked)),
    });
    out
}

fn document(path: &str, checked: &Checked) -> Value {
    let lines: Vec<Value> = checked
        .report
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
    let statements: Vec<Value> = checked
        .statements
        .iter()
        .map(|s| json!({ "standing": s.standing.heading(), "text": s.text }))
        .collect();
    json!({
        "file": path,
        "verdict": verdict(checked),
        "lines": lines,
        "statements": statements,
    })
}
