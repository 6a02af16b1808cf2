//! Resuming an interrupted session, where nothing relevant has changed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use perwatt_host::{Environment, clock};
use perwatt_record::file::{self, ReadError};
use perwatt_record::schema::{Record, Tool};
use perwatt_record::{RecordFile, check};
use thiserror::Error;

use super::differences::{Difference, METERS, differences};
use super::instruments::Instruments;
use super::start::{Session, StartError, aimed, segment};
use crate::device::{Inquiry, MachineFacts, is_road};
use crate::plan::{self, PlanError, is_library};

/// The surroundings in which a record is resumed: this machine, this program, these meters.
pub struct Here<'a> {
    /// The machine.
    pub host: &'a Environment,
    /// Facts about the machine, as [`Unfinished::inquiry`] requests them.
    pub facts: &'a MachineFacts,
    /// The program.
    pub tool: &'a Tool,
    /// Open meters and probes.
    pub instruments: Instruments,
}

/// A record that cannot be resumed.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ResumeError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{0} is complete; there is nothing to resume")]
    Complete(PathBuf),
    #[error("{path} cannot be resumed: {rule}: {detail}")]
    Damaged {
        path: PathBuf,
        rule: &'static str,
        detail: String,
    },
    #[error(
        "{path} was begun with {}; runs of both in one record would not compare. {}",
        listed(differences),
        advice(differences)
    )]
    Other {
        path: PathBuf,
        /// Everything that differs.
        differences: Vec<Difference>,
    },
    /// The session cannot begin again.
    #[error(transparent)]
    Start(#[from] StartError),
}

fn listed(differences: &[Difference]) -> String {
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    all.join("; ")
}

/// The advice; if only meters differ, the cause may be that they were not selected.
fn advice(differences: &[Difference]) -> &'static str {
    match differences {
        [only] if only.what == METERS => {
            "Repeat the --meter and --watts options that it was begun with, or start a new \
             session instead"
        }
        _ => "Start a new session instead",
    }
}

/// An incomplete record that follows its own rules and whose settings a command line could
/// have requested.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    record: Record,
}

impl Unfinished {
    /// Reads it from a file.
    ///
    /// # Errors
    /// [`ResumeError`] where it cannot be resumed anywhere.
    pub fn read(path: &Path) -> Result<Self, ResumeError> {
        let loaded = file::read(path)?;
        let damaged = |rule, detail| ResumeError::Damaged {
            path: path.into(),
            rule,
            detail,
        };
        let broken = check::check(&loaded)
            .lines
            .into_iter()
            .find(|line| line.outcome == check::Outcome::Fail && line.rule != check::FAILED_CHECKS);
        if let Some(line) = broken {
            return Err(damaged(line.rule, line.detail));
        }
        let record = loaded.record;
        if record.complete {
            return Err(ResumeError::Complete(path.into()));
        }
        let askable = plan::check_config(&record.config).and_then(|()| {
            let mut entries = record.plan.entries.iter();
            entries.try_for_each(|entry| plan::check_size(entry, record.host.memory.total_bytes))
        });
        let refused =
            |error: PlanError| damaged("numbers that a command line takes", error.to_string());
        askable.map_err(refused)?;
        let pinned = record.threads.pinned_cpus.as_ref().map(Vec::len);
        if pinned.is_some_and(|cpus| cpus != record.threads.count as usize) {
            return Err(damaged(
                "numbers that a command line takes",
                "its threads are pinned to another number of CPUs than there are threads".into(),
            ));
        }
        Ok(Self {
            path: path.into(),
            record,
        })
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The facts that its entries depend on and that only workers determine.
    pub fn inquiry(&self) -> Inquiry {
        let plan = &self.record.plan;
        Inquiry {
            gpus: !plan.gpus.is_empty(),
            library: plan.entries.iter().any(|entry| is_library(&entry.backend)),
            roads: plan.entries.iter().any(|entry| is_road(&entry.backend)),
        }
    }
}

impl Session {
    /// Resumes an incomplete record of this machine, with the same build and the same
    /// meters.
    ///
    /// # Errors
    /// [`ResumeError::Other`] where anything differs.
    pub fn resume(unfinished: Unfinished, here: Here<'_>) -> Result<Self, ResumeError> {
        let Unfinished { path, mut record } = unfinished;
        let counters = here.instruments.counters.clone();
        let (meters, state, _) = here.instruments.start();
        let differences = differences(
            &record,
            here.host,
            here.facts,
            here.tool,
            &aimed(meters.infos(), &record.plan.asics),
            state.channels(),
        );
        if !differences.is_empty() {
            return Err(ResumeError::Other { path, differences });
        }
        let last = record.session.segments.last();
        let written = last.map_or("", |segment| segment.written_utc.as_str());
        let started = clock::not_before(SystemTime::now(), written);
        record.session.segments.push(segment(&state, started)?);
        Ok(Self {
            record,
            file: RecordFile::open(path),
            meters,
            state,
            counters,
            started,
        })
    }
}
