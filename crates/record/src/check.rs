//! Everything that a stranger can verify about a record, offline.

use serde_json::Value;

use crate::derive;
use crate::digest;
use crate::file::Loaded;
use crate::older;
use crate::rules;
use crate::schema::{EnergySeries, Proof, Record, Run, Status};

/// Floats may differ by this much between the machine that wrote and the one
/// that checks: their mathematical libraries round differently.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// The rule that tells of runs that the session itself recorded as wrong.
pub const FAILED_CHECKS: &str = "no run failed its check";

/// One rule and how the record stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was checked.
    pub rule: &'static str,
    /// The result.
    pub outcome: Outcome,
    /// Counts, or what is wrong and where.
    pub detail: String,
}

/// How a record stands to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It holds as far as it goes: the record is incomplete.
    Open,
}

/// The result of checking one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One line for each rule.
    pub lines: Vec<Line>,
}

impl Report {
    /// True when any rule is broken.
    pub fn failed(&self) -> bool {
        self.lines.iter().any(|line| line.outcome == Outcome::Fail)
    }

    /// The first broken rule and what is wrong, in words; `None` when all hold.
    pub fn first_broken(&self) -> Option<String> {
        let mut broken = self.lines.iter().filter(|l| l.outcome == Outcome::Fail);
        let line = broken.next()?;
        Some(format!("{}: {}", line.rule, line.detail))
    }

    /// True when nothing is broken but runs are missing.
    pub fn incomplete(&self) -> bool {
        !self.failed() && self.lines.iter().any(|line| line.outcome == Outcome::Open)
    }
}

/// Checks a record against every rule; later rules run even when earlier ones
/// fail, so that one reading tells all.
pub fn check(loaded: &Loaded) -> Report {
    let record = &loaded.record;
    let mut lines = vec![
        line(
            "digest of the body",
            check_digest(&loaded.document, &record.digest),
        ),
        line("structure of the series", check_structure(record)),
        line("work counted as defined", check_entries(record)),
        line(
            "every good run proven, shares re-hashed with sha2",
            check_proofs(record),
        ),
        line("figures of each run, re-derived", check_runs(record)),
        line("summary, re-derived", check_summary(record)),
        line(FAILED_CHECKS, check_failures(record)),
    ];
    lines.push(check_complete(record));
    Report { lines }
}

pub(crate) fn line(rule: &'static str, result: Result<String, String>) -> Line {
    match result {
        Ok(detail) => Line {
            rule,
            outcome: Outcome::Pass,
            detail,
        },
        Err(detail) => Line {
            rule,
            outcome: Outcome::Fail,
            detail,
        },
    }
}

/// Whether the document has the digest that it says.
pub(crate) fn check_digest(document: &Value, said: &str) -> Result<String, String> {
    let found = digest::of(document);
    if found == said {
        Ok(found)
    } else {
        Err(format!(
            "the body has {found}, the file says {said}: it was edited after it was written"
        ))
    }
}

fn check_structure(record: &Record) -> Result<String, String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut samples = 0;
    for (i, run) in record.runs.iter().enumerate() {
        let fail = |what: String| Err(format!("runs[{i}]: {what}"));
        if run.entry as usize >= record.plan.entries.len() {
            return fail(format!("entry {} is not in the plan", run.entry));
        }
        if run.segment as usize >= record.session.segments.len() {
            return fail(format!("segment {} does not exist", run.segment));
        }
        if run.round >= record.config.rounds {
            return fail(format!("round {} was not planned", run.round));
        }
        if !seen.insert((run.entry, run.round)) {
            return fail(format!(
                "entry {} ran twice in round {}",
                run.entry, run.round
            ));
        }
        if let Some(at) = run
            .work
            .windows(2)
            .position(|w| w[0].0 >= w[1].0 || w[0].1 > w[1].1)
        {
            return fail(format!("work[{}] goes back in time or in steps", at + 1));
        }
        if run.work.first().is_some_and(|(t, _)| *t < run.started_ns) {
            return fail("work[0] is earlier than the start of the run".into());
        }
        for series in &run.energy {
            check_series(record, series).map_err(|what| format!("runs[{i}]: {what}"))?;
            samples += series.samples.len();
        }
        for series in &run.state {
            let channel = series.channel;
            if channel as usize >= record.channels.len() {
                return fail(format!(
                    "state names channel {channel}, which is not listed"
                ));
            }
            if series.samples.windows(2).any(|w| w[0].0 >= w[1].0) {
                return fail(format!("state of channel {channel} goes back in time"));
            }
            samples += series.samples.len();
        }
        samples += run.work.len();
    }
    for (i, idle) in record.idle.iter().enumerate() {
        let fail = |what: String| Err(format!("idle[{i}]: {what}"));
        if idle.segment as usize >= record.session.segments.len() {
            return fail(format!("segment {} does not exist", idle.segment));
        }
        if idle.ended_ns < idle.started_ns {
            return fail("ends before it starts".into());
        }
        for series in &idle.energy {
            check_series(record, series).map_err(|what| format!("idle[{i}]: {what}"))?;
            samples += series.samples.len();
        }
    }
    Ok(format!("{samples} samples in {} runs", record.runs.len()))
}

/// The meter's number and the order of times.
fn check_series(record: &Record, series: &EnergySeries) -> Result<(), String> {
    let meter = series.meter;
    if meter as usize >= record.meters.len() {
        return Err(format!("energy names meter {meter}, which is not listed"));
    }
    match series.samples.windows(2).position(|w| w[0].0 >= w[1].0) {
        Some(at) => Err(format!(
            "energy of meter {meter}: samples[{}] goes back in time",
            at + 1
        )),
        None => Ok(()),
    }
}

fn check_entries(record: &Record) -> Result<String, String> {
    let mut ids = std::collections::BTreeSet::new();
    for entry in &record.plan.entries {
        rules::check_entry(entry).map_err(|e| e.to_string())?;
        if !ids.insert(&entry.id) {
            return Err(format!("two entries are called {:?}", entry.id));
        }
    }
    let protocol = &record.config.protocol;
    let times = [
        protocol.window_s,
        protocol.warmup_min_s,
        protocol.warmup_max_s,
        protocol.steady_tolerance,
        protocol.stall_timeout_s,
        protocol.idle_s,
        protocol.energy_error_rel,
    ];
    if let Some(bad) = times.iter().find(|time| !(0.0..=1e9).contains(*time)) {
        return Err(format!(
            "config.protocol holds {bad}, which no session could have used"
        ));
    }
    Ok(format!("{} entries", record.plan.entries.len()))
}

fn check_proofs(record: &Record) -> Result<String, String> {
    let (mut proven, mut shares) = (0, 0);
    // A run that failed its check is in the record as such.
    for (i, run) in record
        .runs
        .iter()
        .enumerate()
        .filter(|(_, run)| run.status == Status::Ok)
    {
        rules::check_run(record, run).map_err(|e| format!("runs[{i}]: {e}"))?;
        proven += 1;
        if let Some(Proof::Shares { shares: found, .. }) = &run.proof {
            shares += found.len();
        }
    }
    Ok(format!("{proven} runs, {shares} shares"))
}

fn rederived(record: &Record, run: &Run) -> Option<crate::schema::Measured> {
    match run.status {
        Status::Ok => {
            derive::measure(record, run).map(|found| older::measured(found, &record.schema))
        }
        Status::Failed(_) => None,
    }
}

fn check_runs(record: &Record) -> Result<String, String> {
    let mut figures = 0;
    for (i, run) in record.runs.iter().enumerate() {
        let found = rederived(record, run);
        if found.is_none() && run.status == Status::Ok {
            return Err(format!(
                "runs[{i}] counts as good and its series give no figure"
            ));
        }
        if let Some(path) = difference(&to_value(&run.measured), &to_value(&found)) {
            return Err(format!(
                "runs[{i}].measured{path} does not follow from the series"
            ));
        }
        figures += found.map_or(0, |m| 1 + m.energy.len());
    }
    Ok(format!("{figures} figures"))
}

fn check_summary(record: &Record) -> Result<String, String> {
    let found = older::summary(derive::summarise(record), &record.schema);
    match difference(&to_value(&record.summary), &to_value(&found)) {
        Some(path) => Err(format!("summary{path} does not follow from the runs")),
        None => Ok(format!("{} rows", found.len())),
    }
}

fn check_failures(record: &Record) -> Result<String, String> {
    let unverified = record
        .runs
        .iter()
        .enumerate()
        .find_map(|(i, run)| match &run.status {
            Status::Failed(failure) if failure.kind == crate::schema::FailureKind::Unverified => {
                Some(format!("runs[{i}] failed its check: {}", failure.message))
            }
            _ => None,
        });
    let row = record
        .summary
        .iter()
        .find(|row| row.runs_ok > 0 && !row.verified)
        .map(|row| {
            format!(
                "summary row {} is not verified: {}",
                row.entry, row.verification
            )
        });
    match unverified.or(row) {
        Some(what) => Err(what),
        None => Ok("none did".into()),
    }
}

fn check_complete(record: &Record) -> Line {
    let rule = "every planned run was tried";
    let planned = record.plan.entries.len() * record.config.rounds as usize;
    let tried = record.runs.len();
    let detail = format!("{tried} of {planned} runs");
    let outcome = match (record.complete, tried == planned) {
        (true, true) => Outcome::Pass,
        (true, false) => Outcome::Fail,
        (false, _) => Outcome::Open,
    };
    Line {
        rule,
        outcome,
        detail,
    }
}

fn to_value<T: serde::Serialize>(value: &T) -> Value {
    // The types hold nothing that JSON cannot; a failure would show as a
    // difference, never as agreement.
    serde_json::to_value(value).unwrap_or_else(|e| Value::from(e.to_string()))
}

/// Path of the first difference, floats compared within [`FLOAT_TOLERANCE`].
fn difference(a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
            keys.into_iter().find_map(|key| {
                let (left, right) = (x.get(key), y.get(key));
                difference(left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null))
                    .map(|rest| format!(".{key}{rest}"))
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (left, right))| {
                difference(left, right).map(|rest| format!("[{i}]{rest}"))
            })
        }
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            let (x, y) = (x.as_f64()?, y.as_f64()?);
            let close = x == y || (x - y).abs() <= FLOAT_TOLERANCE * x.abs().max(y.abs());
            (!close).then(String::new)
        }
        _ => (a != b).then(String::new),
    }
}
