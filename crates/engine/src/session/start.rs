//! Beginning a session, or going on with one that was cut short.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use perwatt_host::{Environment, MachineKey, clock};
use perwatt_power::state::{Channel, Probe};
use perwatt_power::{Found, Source, Unavailable};
use perwatt_record::file::{self, ReadError};
use perwatt_record::schema::{Record, SchemaId, Segment, Session as SessionInfo, Tool};
use perwatt_record::{RecordFile, WriteError, check, commitment, digest};
use thiserror::Error;

use super::meters::Meters;
use super::state::StateWatch;
use crate::plan::Planned;

/// Everything that a new session starts from.
pub struct NewSession {
    /// What and how to measure.
    pub planned: Planned,
    /// The machine.
    pub host: Environment,
    /// The program.
    pub tool: Tool,
    /// The meters found here, readable or not.
    pub meters: Vec<Found>,
    /// What tells the state of the machine.
    pub probes: Vec<Box<dyn Probe>>,
    /// `--label`.
    pub label: String,
    /// `--note`.
    pub note: Option<String>,
    /// The command line.
    pub argv: Vec<String>,
    /// `--challenge`, lower-case hex.
    pub challenge: Option<String>,
    /// `--seed`, or a random one; at most [`MAX_SEED`].
    pub seed: u64,
}

/// The largest seed: up to here every integer is a JSON number.
pub const MAX_SEED: u64 = (1 << 53) - 1;

/// A session whose record exists on disk.
pub struct Session {
    pub(super) record: Record,
    pub(super) file: RecordFile,
    pub(super) meters: Meters,
    pub(super) state: StateWatch,
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
        "{path} was begun with another {what} ({theirs}, here {ours}); runs of both in one record would not compare. Start a new session instead"
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// In the file.
        theirs: String,
        /// Here.
        ours: String,
    },
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Session {
    /// Creates the record in `dir`; fails before anything is measured when it
    /// cannot be written there.
    pub fn create(new: NewSession, dir: &Path) -> Result<Self, WriteError> {
        let (meters, unavailable) = split(new.meters);
        let meters = Meters::start(meters);
        let state = StateWatch::start(new.probes);
        let Planned {
            plan,
            config,
            threads,
        } = new.planned;
        let mut record = Record {
            schema: SchemaId::current(),
            digest: String::new(),
            complete: false,
            session: SessionInfo {
                id: String::new(),
                salt: Some(random_id()),
                challenge: new.challenge,
                label: new.label,
                note: new.note,
                argv: new.argv,
                seed: new.seed,
                segments: vec![segment(&state)],
            },
            tool: new.tool,
            machine: MachineKey::of(&new.host),
            host: new.host,
            threads,
            config,
            plan,
            meters: meters.infos().to_vec(),
            meters_unavailable: unavailable,
            idle: Vec::new(),
            joined: Vec::new(),
            channels: state.channels().to_vec(),
            runs: Vec::new(),
            summary: Vec::new(),
        };
        record.session.id = commitment::id(&record).map_err(|cause| WriteError::Io {
            path: dir.into(),
            cause: cause.into(),
        })?;
        record.summary = perwatt_record::derive::summarise(&record);
        let file = RecordFile::create(dir, &mut record)?;
        Ok(Self {
            record,
            file,
            meters,
            state,
        })
    }

    /// Goes on with an incomplete record of this machine, by the same build and
    /// with the same meters.
    pub fn resume(
        path: &Path,
        host: &Environment,
        tool: &Tool,
        meters: Vec<Found>,
        probes: Vec<Box<dyn Probe>>,
    ) -> Result<Self, ResumeError> {
        let loaded = file::read(path)?;
        let broken = check::check(&loaded)
            .lines
            .into_iter()
            .find(|line| line.outcome == check::Outcome::Fail && line.rule != check::FAILED_CHECKS);
        if let Some(line) = broken {
            return Err(ResumeError::Damaged {
                path: path.into(),
                rule: line.rule,
                detail: line.detail,
            });
        }
        let mut record = loaded.record;
        if record.complete {
            return Err(ResumeError::Complete(path.into()));
        }
        let (meters, _) = split(meters);
        let meters = Meters::start(meters);
        let state = StateWatch::start(probes);
        let same = |what, theirs: String, ours: String| {
            if theirs == ours {
                Ok(())
            } else {
                Err(ResumeError::Other {
                    path: path.into(),
                    what,
                    theirs,
                    ours,
                })
            }
        };
        same(
            "machine",
            record.machine.key.clone(),
            MachineKey::of(host).key,
        )?;
        same("build of perwatt", build_of(&record.tool), build_of(tool))?;
        let ids = |infos: &[perwatt_power::MeterInfo]| {
            infos
                .iter()
                .map(|info| info.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        same("set of meters", ids(&record.meters), ids(meters.infos()))?;
        let channels = |channels: &[Channel]| {
            let ids: Vec<&str> = channels.iter().map(|c| c.id.as_str()).collect();
            ids.join(", ")
        };
        same(
            "set of temperatures, clocks and limits",
            channels(&record.channels),
            channels(state.channels()),
        )?;
        record.session.segments.push(segment(&state));
        Ok(Self {
            record,
            file: RecordFile::open(path.into()),
            meters,
            state,
        })
    }

    /// The record so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

fn build_of(tool: &Tool) -> String {
    let git = tool.git.as_ref().map_or("no git".into(), |git| {
        format!("{}{}", git.commit, if git.dirty { ", dirty" } else { "" })
    });
    format!("{} {} {git} {}", tool.version, tool.profile, tool.rustc)
}

fn split(found: Vec<Found>) -> (Vec<Box<dyn Source>>, Vec<Unavailable>) {
    let mut sources = Vec::new();
    let mut unavailable = Vec::new();
    for found in found {
        match found {
            Found::Available(source) => sources.push(source),
            Found::Unavailable(why) => unavailable.push(why),
        }
    }
    (sources, unavailable)
}

fn segment(state: &StateWatch) -> Segment {
    let unix_s = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let now = clock::utc_now_rfc3339();
    Segment {
        started_utc: now.clone(),
        // Block headers count time in 32 bits, until 2106.
        started_unix_s: u32::try_from(unix_s).unwrap_or(u32::MAX),
        written_utc: now,
        // A microsecond early at most, so that it is a JSON number after years, too.
        clock_origin_ns: digest::exact(clock::monotonic_ns()),
        interrupted: false,
        settings: state.settings(),
    }
}

/// 128 random bits as 32 hex digits.
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Unique enough where the system has no randomness: time and process.
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        bytes = (nanos ^ (u128::from(std::process::id()) << 96)).to_le_bytes();
    }
    digest::hex(&bytes)
}

/// A random session seed.
pub fn random_seed() -> u64 {
    u64::from_str_radix(&random_id()[..16], 16).unwrap_or(0) & MAX_SEED
}
