//! Miners that took their work from perwatt's own pool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A miner that was connected to perwatt's pool, or all of them together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asic {
    /// Name in plan entries: `asic:bitaxe`; `asic:all` for the sum of all miners.
    pub name: String,
    /// What the miner says of itself when it subscribes; not verified. Absent where it says
    /// nothing, and for the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Model and firmware by its API or as the user states them (`--model`); not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Share difficulty, announced before the first window and unchanged in all of them. Of
    /// the sum: the smallest of its members.
    pub difficulty: f64,
    /// The miners of a sum, by name; empty for a miner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// A job of the pool: `[counter, ntime]`. Everything else in it follows from the session,
/// the miner's name and its difficulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolJob(
    /// Number of the job, unique in the session.
    pub u32,
    /// Its time, seconds since 1970.
    pub u32,
);

/// One share of a miner: `[job, connection, extranonce2 high, extranonce2 low, seconds,
/// nonce, version bits, t_ms]`; all else in its header follows from the session and the
/// miner.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PoolShare(
    /// Counter of its job.
    pub u32,
    /// Number of its connection, which is extranonce1.
    pub u32,
    /// The first four bytes of extranonce2, big-endian.
    pub u32,
    /// The last four.
    pub u32,
    /// Time in its header, in seconds since that of its job.
    pub u32,
    /// Nonce.
    pub u32,
    /// Bits 13 to 28 of the version, which BIP 320 lets miners roll, shifted to the right.
    pub u32,
    /// Arrival, milliseconds of the segment.
    pub u64,
);
