//! Times and program of a session.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Times, command line and label of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// 32 hex digits: the head of the SHA-256 of everything that the session set out
    /// with, from its salt and command line to its plan. The shares of `sha256d` runs
    /// are bound to it. In files of minor version 3 and older: 128 random bits.
    pub id: String,
    /// 128 random bits as 32 hex digits, so that no two sessions have the same id.
    /// Absent in files of minor version 3 and older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// A verifier's challenge (`--challenge`), lower-case hex. The id, and with it
    /// every share, rests on it: the hashes are younger than the challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// The user's name for this measurement (`--label`).
    pub label: String,
    /// The user's or the scheduler's name for this very machine (`--node`), which tells it
    /// from others of its model. Absent if none was given, and in files of minor version 4
    /// and older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The user's labels for this session (`--tag`): 1 to 32 of `a-z0-9_.-` as key, at most
    /// 128 printed characters as value. Absent if there are none, and in files of minor
    /// version 6 and older.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The price of the measured machine in US dollars, as the user states it at the time of
    /// the session (`--price-usd`). Absent if none was stated, and in files of minor version
    /// 6 and older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_usd: Option<f64>,
    /// The rent of the measured machine in US dollars per hour, as the user states it at the
    /// time of the session (`--rent-usd-per-hour`). Absent if none was stated, and in files
    /// of minor version 6 and older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent_usd_per_h: Option<f64>,
    /// Free text by the user (`--note`).
    pub note: Option<String>,
    /// The command line as given, the program without its directory. Options that a file
    /// gave follow after `[perwatt.toml]`.
    pub argv: Vec<String>,
    /// Orders the runs within each round and seeds the checks; below 2^53.
    pub seed: u64,
    /// The stretches in which the session ran: one, unless it was resumed.
    pub segments: Vec<Segment>,
}

/// One uninterrupted stretch of a session, with its own clock origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// UTC, RFC 3339.
    pub started_utc: String,
    /// The same instant in seconds since 1970, as block headers count time.
    pub started_unix_s: u32,
    /// UTC, RFC 3339, of the last write.
    pub written_utc: String,
    /// The machine's monotonic clock at time 0 of this segment, nanoseconds.
    pub clock_origin_ns: u64,
    /// True when the user or the system interrupted this stretch.
    pub interrupted: bool,
    /// Settings of the machine at its beginning, by name: `cpu/governor`.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// The program that measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Always `perwatt`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Source revision of the build; absent in a build without git.
    pub git: Option<Git>,
    /// The compiler, as `rustc -V` prints it.
    pub rustc: String,
    /// The target triple.
    pub target: String,
    /// Optimisation level and profile, as cargo names them.
    pub profile: String,
    /// Flags given to the compiler beyond the profile, `RUSTFLAGS` included.
    pub rustflags: String,
    /// CPU features that the whole program was compiled for. Kernels are chosen
    /// at run time and do not depend on these.
    pub target_features: String,
}

/// A state of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Git {
    /// Full commit id.
    pub commit: String,
    /// True when files differed from that commit at build time.
    pub dirty: bool,
}
