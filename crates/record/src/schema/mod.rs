//! The record's types. Doc comments here become the descriptions in the JSON
//! Schema, so they are written for somebody who reads a file, not the code.

mod asic;
mod cpu_time;
mod energy;
mod gpu;
mod plan;
mod run;
mod series;
mod session;
mod summary;
mod tolerance;
mod unit;

pub use asic::{Asic, PoolJob, PoolShare};
pub use cpu_time::CpuTime;
pub use energy::{Disagreement, Idle, IdlePower, Joined, Term, Uncertainty};
pub use gpu::{Gpu, GpuKind};
pub use plan::{Config, Entry, Plan, Protocol, Skipped, Threads, Trial, WorkloadKey};
pub use run::{
    Cold, Counted, DeviceTime, Failure, FailureKind, Flag, Measured, MeasuredEnergy, Proof, Run,
    Share, StateFigures, Status, Steady,
};
pub use series::{EnergySeries, Gap, StateSeries};
pub use session::{Git, Segment, Session, Tool};
pub use summary::{Interval, Summary, SummaryEnergy};
pub use tolerance::Tolerance;
pub use unit::Unit;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::state::Channel;
use perwatt_power::{MeterInfo, Unavailable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema's name, in every file.
pub const SCHEMA_NAME: &str = "perwatt-record";
/// Files of another major version are refused.
pub const SCHEMA_MAJOR: u32 = 1;
/// Files of a newer minor version are read; what they add is ignored.
pub const SCHEMA_MINOR: u32 = 7;

/// Name and version of a file's schema; independent of the tool's version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SchemaId {
    /// Always `perwatt-record`.
    pub name: String,
    /// Changes when a reader of the old version would misread a file.
    pub major: u32,
    /// Changes when something is added.
    pub minor: u32,
}

impl SchemaId {
    /// The version this build writes.
    pub fn current() -> Self {
        Self {
            name: SCHEMA_NAME.into(),
            major: SCHEMA_MAJOR,
            minor: SCHEMA_MINOR,
        }
    }
}

/// The word that records use for a value of an enumeration; empty for a value that is
/// not a single word.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// One session on one machine: what was planned, what ran, and what it used.
///
/// Times are nanoseconds of the monotonic clock since the start of the segment
/// that the run belongs to. `measured` and `summary` are derived from the raw
/// series and can be recomputed from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Name and version of the schema that this file follows.
    pub schema: SchemaId,
    /// `sha256:` and the lower-case hex SHA-256 of the canonical body: this
    /// document without this field, in the form of RFC 8785 (in files of minor version
    /// 3 and older: keys sorted by their bytes, no white space, numbers as they
    /// stand). A seal against accidents; it is not a signature.
    pub digest: String,
    /// False until every planned run has been tried. Figures of an incomplete
    /// record are real, but fewer than planned.
    pub complete: bool,
    /// Times, command line and label of the session.
    pub session: Session,
    /// The program that measured.
    pub tool: Tool,
    /// The machine's identity by properties, never by name or serial number.
    pub machine: MachineKey,
    /// Description of the machine and its settings.
    pub host: Environment,
    /// Threads used, and why so many.
    pub threads: Threads,
    /// Settings of the session.
    pub config: Config,
    /// The planned measurements, and those left out with the reasons.
    pub plan: Plan,
    /// Every meter that was read, in the order that `energy[].meter` counts.
    pub meters: Vec<MeterInfo>,
    /// Every meter that was looked for and could not be read, and why.
    pub meters_unavailable: Vec<Unavailable>,
    /// Every channel of the machine's state that was watched, in the order that
    /// `state[].channel` counts.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Meters whose readings were added after the session.
    #[serde(default)]
    pub joined: Vec<Joined>,
    /// Stretches in which the machine was left idle, before and after the runs.
    #[serde(default)]
    pub idle: Vec<Idle>,
    /// Every run that was tried, in the order in which they ran.
    pub runs: Vec<Run>,
    /// Derived: one row for each plan entry.
    pub summary: Vec<Summary>,
}

/// The JSON Schema (2020-12) of [`Record`].
pub fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Record);
    schema.insert(
        "$id".into(),
        format!("perwatt-record-v{SCHEMA_MAJOR}").into(),
    );
    schema.to_value()
}
