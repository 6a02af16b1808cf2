//! Going on with a session that was cut short, where nothing that counts has changed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use perwatt_host::{Environment, clock};
use perwatt_power::Found;
use perwatt_power::state::Probe;
use perwatt_record::file::{self, ReadError};
use perwatt_record::schema::{Record, Tool};
use perwatt_record::{RecordFile, check};
use thiserror::Error;

use super::differences::{Difference, METERS, differences};
use super::meters::Meters;
use super::start::{Session, StartError, segment, split};
use super::state::StateWatch;
use crate::plan::{self, Facts, PlanError};

/// What a record is gone on with: this machine, this program, these meters.
pub struct Here<'a> {
    /// The machine.
    pub host: &'a Environment,
    /// What it lets this process use. The GPUs and the library count only where the
    /// record names some.
    pub facts: &'a Facts,
    /// The program.
    pub tool: &'a Tool,
    /// The meters found here, readable or not.
    pub meters: Vec<Found>,
    /// What tells the state of the machine.
    pub probes: Vec<Box<dyn Probe>>,
}

/// Why a record cannot be gone on with.
#[derive(Debug, Error)]
pub enum ResumeError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is nothing left to do.
    #[error("{0} is complete; there is nothing to resume")]
    Complete(PathBuf),
    /// It does not stand up to its own checks.
    #[error("{path} cannot be resumed: {rule}: {detail}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The rule that it breaks.
        rule: &'static str,
        /// How.
        detail: String,
    },
    /// It comes from elsewhere.
    #[error(
        "{path} was begun with {}; runs of both in one record would not compare. {}",
        listed(differences),
        advice(differences)
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// Everything that differs.
        differences: Vec<Difference>,
    },
    /// It cannot begin again.
    #[error(transparent)]
    Start(#[from] StartError),
}

fn listed(differences: &[Difference]) -> String {
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    all.join("; ")
}

/// Meters alone may differ because they were not asked for.
fn advice(differences: &[Difference]) -> &'static str {
    match differences {
        [only] if only.what == METERS => {
            "Repeat the --meter and --watts options that it was begun with, or start a new \
             session instead"
        }
        _ => "Start a new session instead",
    }
}

/// The incomplete record in a file, if it stands up to its own checks and asks for
/// nothing that no command line could have asked for.
pub fn unfinished(path: &Path) -> Result<Record, ResumeError> {
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
    Ok(record)
}

impl Session {
    /// Goes on with an incomplete record of this machine, by the same build and with
    /// the same meters.
    pub fn resume(path: &Path, here: Here<'_>) -> Result<Self, ResumeError> {
        let mut record = unfinished(path)?;
        let (sources, _) = split(here.meters);
        let meters = Meters::start(sources);
        let state = StateWatch::start(here.probes);
        let differences = differences(
            &record,
            here.host,
            here.facts,
            here.tool,
            meters.infos(),
            state.channels(),
        );
        if !differences.is_empty() {
            return Err(ResumeError::Other {
                path: path.into(),
                differences,
            });
        }
        let last = record.session.segments.last();
        let written = last.map_or("", |segment| segment.written_utc.as_str());
        let started = clock::not_before(SystemTime::now(), written);
        record.session.segments.push(segment(&state, started)?);
        Ok(Self {
            record,
            file: RecordFile::open(path.into()),
            meters,
            state,
            started,
        })
    }
}
