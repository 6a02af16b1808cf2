//! Offline checks of everything that a stranger can verify about a record.
//!
//! * `series`: the raw series, each by itself
//! * `cpu_time`: CPU times, and the flags that follow from them
//! * `difference`: the first difference of two documents
//! * `facts`: facts that the record holds in two places
//! * `clocks`: of those, the times of its segments
//! * `sequence`: the order of the runs, and the absence of copies among them
//! * `ceiling`: upper bounds of rates
//! * [`standing`](mod@standing): the conclusions of a check, in words

mod ceiling;
mod clocks;
mod copies;
mod cpu_time;
mod difference;
mod facts;
mod sequence;
mod series;
pub mod standing;

use crate::compat;
use crate::derive::{self, Window};
use crate::file::Loaded;
use crate::pool;
use crate::proof;
use crate::schema::{Flag, Proof, Record, Run, Status};
use crate::workload_rules::{self, RuleError};
use difference::{difference, to_value};

pub use copies::Copies;
pub use facts::CHALLENGE_DIGITS;
pub use sequence::fingerprints;

/// The rule for runs that the session itself recorded as wrong.
pub const FAILED_CHECKS: &str = "no run failed its check";

/// The rule for rows whose runs are too short to prove anything.
const ENOUGH_SHARES: &str = "shares enough to prove the hashes";

/// One rule and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRule {
    /// Name of the rule.
    pub rule: &'static str,
    /// Result of the rule.
    pub outcome: Outcome,
    /// Counts, or the fault and its place.
    pub detail: String,
}

/// Results of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The rule holds.
    Pass,
    /// The rule is broken.
    Fail,
    /// The rule holds so far: the record is incomplete, or a run is too short to prove
    /// anything.
    Open,
}

/// The result of checking one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// One line for each rule.
    pub lines: Vec<CheckedRule>,
}

impl CheckReport {
    /// True if any rule is broken.
    pub fn failed(&self) -> bool {
        self.lines.iter().any(|line| line.outcome == Outcome::Fail)
    }

    /// The first broken rule and its fault, in words; `None` if all hold.
    pub fn first_broken(&self) -> Option<String> {
        let mut broken = self.lines.iter().filter(|l| l.outcome == Outcome::Fail);
        let line = broken.next()?;
        Some(format!(
            "the rule {:?} is broken: {}",
            line.rule, line.detail
        ))
    }

    /// True if no rule is broken but runs are missing.
    pub fn incomplete(&self) -> bool {
        !self.failed() && self.is_open(|rule| rule != ENOUGH_SHARES)
    }

    /// True if no rule is broken but runs are too short to prove their work.
    pub fn unproven(&self) -> bool {
        !self.failed() && self.is_open(|rule| rule == ENOUGH_SHARES)
    }

    fn is_open(&self, of: impl Fn(&str) -> bool) -> bool {
        let mut open = self.lines.iter().filter(|l| l.outcome == Outcome::Open);
        open.any(|line| of(line.rule))
    }
}

/// Checks a record against every rule. Later rules are checked even if earlier ones are
/// broken, so that one report lists all faults.
pub fn check(loaded: &Loaded) -> CheckReport {
    let record = &loaded.record;
    let mut lines = vec![
        line(
            "digest of the body",
            check_digest(&loaded.digest, &record.digest),
        ),
        line("structure of the series", series::check(record)),
        line("facts held twice agree", facts::check(record)),
        line("CPU times possible, and flagged", cpu_time::check(record)),
        line(
            "one run at a time, in the order of the seed",
            sequence::check(record),
        ),
        line("work counted as defined", check_entries(record)),
        line(
            "every window the one that the protocol picks",
            check_windows(record),
        ),
        line(
            "every good run proven, shares re-hashed with sha2",
            check_proofs(record),
        ),
        line("figures of each run, re-derived", check_runs(record)),
        line("summary, re-derived", check_summary(record)),
        line(
            "no rate above what the hardware can do",
            ceiling::check(record),
        ),
        line(FAILED_CHECKS, check_failures(record)),
    ];
    lines.push(check_enough(record));
    lines.push(check_complete(record));
    CheckReport { lines }
}

/// The first broken rule among those that need neither shares nor the series of meters and
/// channels, for records that were read only for their figures.
pub(crate) fn without_long_series(record: &Record) -> Option<String> {
    let difficulty = || {
        let good = record.runs.iter().filter(|run| run.status == Status::Ok);
        good.filter_map(|run| match run.proof {
            Some(Proof::Shares {
                share_bits,
                claimed_hashes,
                ..
            }) => Some((run, proof::proves(claimed_hashes, share_bits))),
            _ => None,
        })
        .find_map(|(run, proves)| {
            let difficulty = proves.map_err(|error| error.to_string());
            let window =
                workload_rules::check_window(record, run).map_err(|error| error.to_string());
            difficulty.and(window).err()
        })
        .map_or_else(|| Ok(String::new()), Err)
    };
    series::check(record)
        .and_then(|_| facts::check(record))
        .and_then(|_| cpu_time::check(record))
        .and_then(|_| sequence::check(record))
        .and_then(|_| check_entries(record))
        .and_then(|_| check_windows(record))
        .and_then(|_| ceiling::check(record))
        .and_then(|_| difficulty())
        .err()
}

pub(crate) fn line(rule: &'static str, result: Result<String, String>) -> CheckedRule {
    match result {
        Ok(detail) => CheckedRule {
            rule,
            outcome: Outcome::Pass,
            detail,
        },
        Err(detail) => CheckedRule {
            rule,
            outcome: Outcome::Fail,
            detail,
        },
    }
}

/// Compares the computed digest of a document with the one that it states.
pub(crate) fn check_digest(found: &str, said: &str) -> Result<String, String> {
    if found == said {
        Ok(found.to_owned())
    } else {
        Err(format!(
            "the body has {found}, the file says {said}: it was edited after it was written"
        ))
    }
}

fn check_entries(record: &Record) -> Result<String, String> {
    if record.plan.entries.is_empty() {
        return Err("the plan has no entry, and no session begins without one".into());
    }
    let mut ids = std::collections::BTreeSet::new();
    for (index, entry) in (0..).zip(&record.plan.entries) {
        let good = |run: &Run| run.entry == index && run.status == Status::Ok;
        match workload_rules::check_entry(entry, &record.plan.asics) {
            // An unknown workload without a good run makes no claim.
            Err(RuleError::UnknownWorkload { .. }) if !record.runs.iter().any(good) => {}
            result => result.map_err(|e| e.to_string())?,
        }
        if !ids.insert(&entry.id) {
            return Err(format!("two entries are called {:?}", entry.id));
        }
    }
    let protocol = &record.config.protocol;
    let times = [
        protocol.window_s,
        protocol.warmup_min_s,
        protocol.warmup_max_s,
        protocol.settle_s,
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

fn check_windows(record: &Record) -> Result<String, String> {
    let mut windows = 0;
    for (i, run) in record.runs.iter().enumerate() {
        if run.status != Status::Ok {
            continue;
        }
        let picked = Window::of(&run.work, &record.config.protocol);
        if run.steady != picked {
            let text = |steady: Option<crate::schema::Steady>| {
                steady.map_or_else(
                    || format!("no window of {} s", record.config.protocol.window_s),
                    |steady| format!("{} to {} ns", steady.from_ns, steady.to_ns),
                )
            };
            return Err(format!(
                "runs[{i}] counts {}, and the protocol picks {} from its series",
                text(run.steady),
                text(picked)
            ));
        }
        windows += 1;
    }
    Ok(format!("{windows} windows"))
}

fn check_proofs(record: &Record) -> Result<String, String> {
    let (mut proven, mut shares) = (0, 0);
    // A run that failed is recorded as such and needs no proof.
    for (i, run) in record
        .runs
        .iter()
        .enumerate()
        .filter(|(_, run)| run.status == Status::Ok)
    {
        workload_rules::check_run(record, run).map_err(|e| format!("runs[{i}]: {e}"))?;
        proven += 1;
        match &run.proof {
            Some(Proof::Shares { shares: found, .. }) => shares += found.len(),
            Some(Proof::Pool { shares: found, .. }) => shares += found.len(),
            _ => {}
        }
    }
    pool::verify_once(record).map_err(|error| error.to_string())?;
    Ok(format!("{proven} runs, {shares} shares"))
}

fn rederived(record: &Record, run: &Run) -> Option<crate::schema::Measured> {
    match run.status {
        Status::Ok => {
            derive::measure(record, run).map(|found| compat::measured(found, &record.schema))
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
        if let Some(flag) = missing_flag(record, run) {
            return Err(format!(
                "runs[{i}].flags lacks {flag:?}, which follows from the series"
            ));
        }
        figures += found.map_or(0, |m| 1 + m.energy.len());
    }
    Ok(format!("{figures} figures"))
}

/// A flag that the series of a good run require and that the run lacks.
fn missing_flag(record: &Record, run: &Run) -> Option<Flag> {
    let steady = run.steady.filter(|_| run.status == Status::Ok)?;
    let not_steady = (!steady.reached).then_some(Flag::NotSteady);
    let of_state = derive::flags(record, run, &steady);
    let mut wanted = not_steady.into_iter().chain(of_state);
    wanted.find(|flag| !run.flags.contains(flag))
}

fn check_summary(record: &Record) -> Result<String, String> {
    let found = compat::summary(derive::summarise(record), &record.schema);
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
        .find(|row| row.runs_ok > 0 && !row.verified && !row.unproven)
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

fn check_enough(record: &Record) -> CheckedRule {
    let mut unproven = record.summary.iter().filter(|row| row.unproven);
    let (outcome, detail) = match unproven.next() {
        None => (Outcome::Pass, "every row".to_owned()),
        Some(row) => {
            let id = record.plan.entries.get(row.entry as usize);
            let id = id.map_or("a row", |entry| entry.id.as_str());
            (Outcome::Open, format!("{id}: {}", row.verification))
        }
    };
    CheckedRule {
        rule: ENOUGH_SHARES,
        outcome,
        detail,
    }
}

fn check_complete(record: &Record) -> CheckedRule {
    let rule = "every planned run was tried";
    let planned = record.plan.entries.len() * record.config.rounds as usize;
    let tried = record.runs.len();
    let detail = format!("{tried} of {planned} runs");
    let outcome = match (record.complete, tried == planned) {
        (true, true) => Outcome::Pass,
        (true, false) => Outcome::Fail,
        (false, _) => Outcome::Open,
    };
    CheckedRule {
        rule,
        outcome,
        detail,
    }
}
