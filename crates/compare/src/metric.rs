//! What is compared, and which way is better.

use serde::Serialize;

/// A figure that a run gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Units of work per second.
    Rate,
    /// Joules per unit of work.
    Energy,
    /// Seconds per iteration, of a benchmark that counts no work.
    Time,
}

impl Metric {
    /// The word in keys and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Energy => "energy",
            Self::Time => "time",
        }
    }

    /// Whether more of it is better.
    pub fn higher_is_better(self) -> bool {
        self == Self::Rate
    }
}
