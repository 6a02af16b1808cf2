//! Metrics, their units, and the direction that is better.

use std::fmt;

use perwatt_record::schema::Unit;
use perwatt_record::work::EnergyUnit;
use serde::{Serialize, Serializer};

/// A quantity that every run gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Units of work per second.
    Rate,
    /// Joules per unit of work.
    Energy,
    /// Seconds per iteration, for a benchmark that does not count work.
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

    /// True if a higher figure is better.
    pub fn higher_is_better(self) -> bool {
        self == Self::Rate
    }
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FigureUnit {
    /// Work per second: `H/s`.
    Rate(Unit),
    /// Joules per unit of work: `J/H`.
    Energy(EnergyUnit),
    /// Seconds per iteration.
    Time,
    /// Any of them, where units were allowed to differ.
    Any,
}

impl FigureUnit {
    /// The unit in which figures are quoted: `H/s`, `J/TH`.
    pub fn quoted_in(self) -> String {
        match self {
            Self::Energy(unit) => unit.per_tera(),
            Self::Rate(_) | Self::Time | Self::Any => self.to_string(),
        }
    }

    /// Converts a figure to the unit in which it is quoted.
    pub fn quoted(self, value: f64) -> f64 {
        match self {
            Self::Energy(_) => EnergyUnit::tera(value),
            Self::Rate(_) | Self::Time | Self::Any => value,
        }
    }
}

impl fmt::Display for FigureUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(unit) => write!(f, "{unit}/s"),
            Self::Energy(unit) => f.write_str(&unit.per_unit()),
            Self::Time => f.write_str("s/iter"),
            Self::Any => Ok(()),
        }
    }
}

impl Serialize for FigureUnit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
