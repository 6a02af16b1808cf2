//! Reading many records for their figures: everything but the shares and the
//! series of meters and channels.
//!
//! What is left out is most of a file, and what is kept holds every figure of a
//! table. The rate of each good run is derived again from its work series, so a
//! figure that was edited is noticed; the digest, the shares and the joules are
//! not looked at. [`crate::check`] does that.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::state::Channel;
use perwatt_power::{MeterInfo, Unavailable};
use serde::Deserialize;

use crate::derive;
use crate::file::{self, ReadError};
use crate::schema::{
    Config, DeviceTime, Flag, Idle, Joined, Measured, Plan, Proof, Record, Run, SchemaId, Session,
    Status, Steady, Summary, Threads, Tool,
};
use crate::series;

/// Rates may differ by this much between the machine that wrote and this one.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// A record without its shares and without the series of meters and channels.
#[derive(Debug, Clone)]
pub struct Brief {
    /// The record. Proofs name their method and hold no shares, and `energy` and
    /// `state` of every run are empty: it cannot be checked or derived from.
    pub record: Record,
    /// What of its figures does not follow from the work series, if anything.
    pub contradiction: Option<String>,
}

#[derive(Deserialize)]
struct Light {
    schema: SchemaId,
    digest: String,
    complete: bool,
    session: Session,
    tool: Tool,
    machine: MachineKey,
    host: Environment,
    threads: Threads,
    config: Config,
    plan: Plan,
    meters: Vec<MeterInfo>,
    meters_unavailable: Vec<Unavailable>,
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    joined: Vec<Joined>,
    #[serde(default)]
    idle: Vec<Idle>,
    runs: Vec<LightRun>,
    summary: Vec<Summary>,
}

#[derive(Deserialize)]
struct LightRun {
    entry: u32,
    round: u32,
    position: u32,
    segment: u32,
    pid: Option<u32>,
    started_ns: u64,
    status: Status,
    steady: Option<Steady>,
    work: Vec<(u64, u64)>,
    #[serde(default)]
    settings_changed: BTreeMap<String, String>,
    proof: Option<LightProof>,
    #[serde(default)]
    device_time: Option<DeviceTime>,
    flags: Vec<Flag>,
    measured: Option<Measured>,
}

/// As [`Proof`], but as plain fields: shares are skipped where they stand instead
/// of being kept until the method is known.
#[derive(Deserialize)]
struct LightProof {
    method: String,
    #[serde(default)]
    share_bits: u32,
    #[serde(default)]
    claimed_hashes: u64,
    #[serde(default)]
    rounds: u32,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    max_ratio: f64,
    #[serde(default)]
    probes: Option<u64>,
    #[serde(default)]
    elements: u64,
}

/// Reads a record for its figures.
///
/// # Errors
/// As [`file::read`].
pub fn read(path: &Path) -> Result<Brief, ReadError> {
    thread_local! {
        /// One for all files of a thread: a fresh one for each is paid for in page
        /// faults.
        static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BYTES.with_borrow_mut(|bytes| {
        file::read_into(path, bytes)?;
        parse(path, bytes)
    })
}

/// As [`read`], of bytes that came from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Brief, ReadError> {
    // The schema decides first; a file of another kind or major version has other
    // fields.
    let light = match std::str::from_utf8(bytes).map(series::cut) {
        Ok(text) => serde_json::from_str(&text),
        // Which string it is in is for the parser to say.
        Err(_) => serde_json::from_slice(bytes),
    };
    let light: Light = match light {
        Ok(light) => light,
        Err(cut) => {
            file::judge_schema(path, bytes)?;
            // Once more in full, so that the error says where in the file it is.
            let whole = serde_json::from_slice::<Light>(bytes);
            let cause = whole.err().unwrap_or(cut);
            return Err(ReadError::Shape {
                path: path.into(),
                cause,
            });
        }
    };
    file::judge(path, &light.schema)?;
    let record = light.into_record();
    let contradiction = contradiction(&record);
    Ok(Brief {
        record,
        contradiction,
    })
}

impl Light {
    fn into_record(self) -> Record {
        Record {
            schema: self.schema,
            digest: self.digest,
            complete: self.complete,
            session: self.session,
            tool: self.tool,
            machine: self.machine,
            host: self.host,
            threads: self.threads,
            config: self.config,
            plan: self.plan,
            meters: self.meters,
            meters_unavailable: self.meters_unavailable,
            channels: self.channels,
            joined: self.joined,
            idle: self.idle,
            runs: self.runs.into_iter().map(LightRun::into_run).collect(),
            summary: self.summary,
        }
    }
}

impl LightRun {
    fn into_run(self) -> Run {
        Run {
            entry: self.entry,
            round: self.round,
            position: self.position,
            segment: self.segment,
            pid: self.pid,
            started_ns: self.started_ns,
            status: self.status,
            steady: self.steady,
            work: self.work,
            energy: Vec::new(),
            state: Vec::new(),
            settings_changed: self.settings_changed,
            proof: self.proof.and_then(LightProof::into_proof),
            device_time: self.device_time,
            flags: self.flags,
            measured: self.measured,
        }
    }
}

impl LightProof {
    /// `None` for a method that this build does not know.
    fn into_proof(self) -> Option<Proof> {
        match self.method.as_str() {
            "shares" => Some(Proof::Shares {
                share_bits: self.share_bits,
                claimed_hashes: self.claimed_hashes,
                shares: Vec::new(),
            }),
            "freivalds" => Some(Proof::Freivalds {
                rounds: self.rounds,
                seed: self.seed,
                max_ratio: self.max_ratio,
                probes: self.probes,
            }),
            "exact" => Some(Proof::Exact {
                elements: self.elements,
            }),
            _ => None,
        }
    }
}

/// The first figure that does not follow from what it is said to be derived from.
fn contradiction(record: &Record) -> Option<String> {
    for (i, run) in record.runs.iter().enumerate() {
        let found = match run.status {
            Status::Ok => derive::measure(record, run).map(|m| m.rate_per_s),
            Status::Failed(_) => None,
        };
        let said = run.measured.as_ref().map(|m| m.rate_per_s);
        if !close(said, found) {
            return Some(format!(
                "runs[{i}].measured.rate_per_s does not follow from the work series"
            ));
        }
        if run.status == Status::Ok && run.proof.is_none() {
            return Some(format!("runs[{i}] counts as good and carries no proof"));
        }
    }
    record.summary.iter().enumerate().find_map(|(i, row)| {
        let rates: Vec<f64> = record
            .runs
            .iter()
            .filter(|run| run.entry == row.entry)
            .filter_map(|run| Some(run.measured.as_ref()?.rate_per_s))
            .collect();
        let found = derive::interval(&rates).map(|interval| interval.median);
        let said = row.rate_per_s.as_ref().map(|interval| interval.median);
        (!close(said, found))
            .then(|| format!("summary[{i}].rate_per_s does not follow from the runs"))
    })
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= FLOAT_TOLERANCE * a.abs().max(b.abs()),
        (None, None) => true,
        _ => false,
    }
}
