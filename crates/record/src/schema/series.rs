//! The raw series of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Readings of one meter during one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnergySeries {
    /// Index into `meters`.
    pub meter: u32,
    /// `[t_ns, value]`: cumulative joules or watts, as the meter's `quantity`
    /// says; each stamped at the middle of its read.
    pub samples: Vec<(u64, f64)>,
    /// Reads that failed; no figure spans one. Of many alike in a row, the first and
    /// the last.
    pub gaps: Vec<Gap>,
}

impl EnergySeries {
    /// A series without failed reads.
    pub fn new(meter: u32, samples: Vec<(u64, f64)>) -> Self {
        Self {
            meter,
            samples,
            gaps: Vec::new(),
        }
    }
}

/// One channel of the machine's state during one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateSeries {
    /// Index into `channels`.
    pub channel: u32,
    /// `[t_ns, value]`, in the unit of the channel's gauge; each stamped at the
    /// middle of its read. What could not be read is missing.
    pub samples: Vec<(u64, f64)>,
}

/// A read that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Time of the last of them.
    pub t_ns: u64,
    /// The meter's error.
    pub reason: String,
    /// Readings that failed in this way one after another, from just after the gap
    /// before this one.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}
