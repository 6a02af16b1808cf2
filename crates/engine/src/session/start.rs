//! The beginning of a session.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use perwatt_host::{Environment, MachineKey, clock};
use perwatt_power::{Covers, MeterInfo};
use perwatt_record::cost::Stated;
use perwatt_record::pool;
use perwatt_record::schema::{Asic, Record, SchemaId, Segment, Session as SessionInfo, Tool};
use perwatt_record::tags::Tags;
use perwatt_record::{RecordFile, WriteError, commitment, digest};
use thiserror::Error;

use super::instruments::Instruments;
use super::meters::Meters;
use super::state::StateWatch;
use crate::plan::Planned;

/// The settings and instruments of a new session.
pub struct NewSession {
    /// The plan and its settings.
    pub planned: Planned,
    /// The description of the machine.
    pub host: Environment,
    /// The description of the program.
    pub tool: Tool,
    /// Its open meters and probes.
    pub instruments: Instruments,
    /// `--label`.
    pub label: String,
    /// `--node`, or the scheduler's name for it.
    pub node: Option<String>,
    /// `--tag`.
    pub tags: Tags,
    /// `--price-usd` and `--rent-usd-per-hour`.
    pub stated: Stated,
    /// `--note`.
    pub note: Option<String>,
    /// The command line.
    pub argv: Vec<String>,
    /// `--challenge`, lower-case hex.
    pub challenge: Option<String>,
    /// `--seed`, or a random one; at most [`MAX_SEED`].
    pub seed: u64,
}

/// The largest seed: up to this value every integer is exact as a JSON number.
pub const MAX_SEED: u64 = (1 << 53) - 1;

/// A session whose record exists on disk.
pub struct Session {
    pub(super) record: Record,
    pub(super) file: RecordFile,
    pub(super) meters: Meters,
    pub(super) state: StateWatch,
    /// The root of the tree with the counters of CPU time.
    pub(super) counters: Option<PathBuf>,
    /// The beginning of its last segment.
    pub(super) started: SystemTime,
}

/// A session that cannot begin.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StartError {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(
        "the system's clock shows a time {0}; block headers count seconds from 1970 to 2106, and so do records. Set the clock (for example timedatectl set-ntp true) and start again"
    )]
    Clock(String),
}

/// A session whose instruments run, before it has a file.
pub(super) struct Begun {
    pub record: Record,
    pub meters: Meters,
    pub state: StateWatch,
    pub counters: Option<PathBuf>,
}

/// Starts the instruments and describes the session in a record.
pub(super) fn begin(new: NewSession, started: SystemTime) -> Result<Begun, StartError> {
    unix_s(started)?;
    let counters = new.instruments.counters.clone();
    let (meters, state, unavailable) = new.instruments.start();
    let Planned {
        plan,
        config,
        threads,
        notes,
        trial: _,
    } = new.planned;
    let mut infos = aimed(meters.infos(), &plan.asics);
    for info in &mut infos {
        let own = notes.iter().filter(|note| note.kept_by() == Some(&info.id));
        info.notes.extend(own.map(ToString::to_string));
    }
    let record = Record {
        schema: SchemaId::current(),
        digest: String::new(),
        complete: false,
        session: SessionInfo {
            id: String::new(),
            salt: Some(random_id()),
            challenge: new.challenge,
            label: new.label,
            node: new.node,
            tags: new.tags,
            price_usd: new.stated.price_usd,
            rent_usd_per_h: new.stated.rent_usd_per_h,
            note: new.note,
            argv: new.argv,
            seed: new.seed,
            segments: vec![segment(&state, started)?],
        },
        tool: new.tool,
        machine: MachineKey::of(&new.host),
        host: new.host,
        threads,
        config,
        plan,
        meters: infos,
        meters_unavailable: unavailable,
        idle: Vec::new(),
        joined: Vec::new(),
        channels: state.channels().to_vec(),
        runs: Vec::new(),
        summary: Vec::new(),
    };
    Ok(Begun {
        record,
        meters,
        state,
        counters,
    })
}

impl Session {
    /// Creates the record in `dir`; fails before anything is measured when it cannot be
    /// written there.
    pub fn create(new: NewSession, dir: &Path) -> Result<Self, StartError> {
        let started = SystemTime::now();
        let Begun {
            mut record,
            meters,
            state,
            counters,
        } = begin(new, started)?;
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
            counters,
            started,
        })
    }

    /// The record so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// The meters of a session. Those of the whole machine are, beside miners, the miner's, or all
/// miners' together: a session of miners reads no meter but those that were named for it.
pub(super) fn aimed(infos: &[MeterInfo], asics: &[Asic]) -> Vec<MeterInfo> {
    let mut names = asics.iter().filter(|asic| asic.members.is_empty());
    let covers = match (names.next(), names.next()) {
        (Some(one), None) => Covers::Asic(pool::worker(&one.name).to_owned()),
        _ => Covers::Asics,
    };
    let mut infos = infos.to_vec();
    for info in &mut infos {
        if !asics.is_empty() && matches!(info.covers, Covers::Machine | Covers::Asics) {
            info.covers = covers.clone();
        }
    }
    infos
}

/// The beginning of a stretch of a session, at `started`.
pub(super) fn segment(state: &StateWatch, started: SystemTime) -> Result<Segment, StartError> {
    let started_utc = clock::rfc3339(started);
    Ok(Segment {
        started_unix_s: unix_s(started)?,
        written_utc: started_utc.clone(),
        started_utc,
        // A microsecond early at most, so that it stays an exact JSON number even after
        // years.
        clock_origin_ns: digest::exact(clock::monotonic_ns()),
        interrupted: false,
        settings: state.settings(),
    })
}

/// Seconds since 1970 as block headers hold them, in 32 bits.
fn unix_s(time: SystemTime) -> Result<u32, StartError> {
    let since = time
        .duration_since(UNIX_EPOCH)
        .map_err(|_| StartError::Clock("before 1970".into()))?;
    u32::try_from(since.as_secs())
        .map_err(|_| StartError::Clock(format!("{} seconds after 1970", since.as_secs())))
}

/// 128 random bits as 32 hex digits.
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Sufficiently unique where the system has no random numbers: time and process.
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        bytes = (nanos ^ (u128::from(std::process::id()) << 96)).to_le_bytes();
    }
    hex::encode(bytes)
}

/// A random session seed.
pub fn random_seed() -> u64 {
    u64::from_str_radix(&random_id()[..16], 16).unwrap_or(0) & MAX_SEED
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_out_of_its_mind_is_refused_by_name() {
        let after = |s| UNIX_EPOCH + Duration::from_secs(s);
        assert_eq!(unix_s(UNIX_EPOCH).unwrap(), 0);
        assert_eq!(unix_s(after(4_294_967_295)).unwrap(), u32::MAX);
        for (time, part) in [
            (after(4_294_967_296), "4294967296 seconds after 1970"),
            // The year 20000.
            (after(568_971_820_800), "568971820800 seconds after"),
            (UNIX_EPOCH - Duration::from_secs(1), "before 1970"),
        ] {
            let message = unix_s(time).unwrap_err().to_string();
            assert!(
                message.contains(part) && message.contains("Set the clock"),
                "{message}"
            );
        }
    }
}
