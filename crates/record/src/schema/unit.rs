//! The unit of work.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The unit in which work is counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Unit {
    /// One double SHA-256 of an 80-byte block header.
    #[serde(rename = "H")]
    Hash,
    /// One floating-point operation of a matrix product, which has 2·m·n·k.
    #[serde(rename = "FLOP")]
    Flop,
    /// One integer operation of a matrix product, which has 2·m·n·k.
    #[serde(rename = "OP")]
    Op,
    /// One byte of memory read or written: of those that the workload names, as
    /// STREAM counts them.
    #[serde(rename = "B")]
    Byte,
}

impl Unit {
    /// The unit's symbol.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Hash => "H",
            Self::Flop => "FLOP",
            Self::Op => "OP",
            Self::Byte => "B",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
