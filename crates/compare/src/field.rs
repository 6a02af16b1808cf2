//! Fields of the comparability key and their values.

use std::cmp::Ordering;
use std::fmt;

use perwatt_power::{Boundary, Covers};
use perwatt_record::work::Named;
use serde::{Serialize, Serializer};

use crate::metric::{FigureUnit, Metric};

/// Prefix of the name of a workload parameter.
pub const PARAMS: &str = "workload.params.";

/// A field of a key; the variants are in alphabetical order of the fields' names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Number of cards that were measured at the same time.
    CardsAtOnce,
    /// True if the device is implemented in software.
    Software,
    /// The energy that is subtracted from joules; `gross` for none.
    Baseline,
    /// The part of the machine whose joules are measured.
    Boundary,
    /// The device whose joules are measured.
    Covers,
    /// The metric.
    Metric,
    /// The unit of replication: a fresh process, or a window of a miner.
    Replicate,
    /// Tolerance of a steady rate.
    SteadyTolerance,
    /// Longest warm-up, seconds.
    WarmupMax,
    /// Shortest warm-up, seconds.
    WarmupMin,
    /// Length of the measurement window, seconds.
    Window,
    /// The unit of the figure.
    Unit,
    /// Work of one step.
    WorkPerStep,
    /// The workload's name.
    Workload,
    /// A parameter of the workload, by name.
    Param(String),
    /// The workload's version.
    Version,
}

impl Field {
    /// Every field except parameters.
    pub const FIXED: [Self; 15] = [
        Self::Metric,
        Self::Unit,
        Self::Workload,
        Self::Version,
        Self::WorkPerStep,
        Self::Software,
        Self::CardsAtOnce,
        Self::Window,
        Self::WarmupMin,
        Self::WarmupMax,
        Self::SteadyTolerance,
        Self::Replicate,
        Self::Boundary,
        Self::Covers,
        Self::Baseline,
    ];

    /// The field with this name, as `--allow-differ` takes it.
    pub fn find(name: &str) -> Option<Self> {
        match name.strip_prefix(PARAMS) {
            Some(param) => Some(Self::Param(param.to_owned())),
            None => Self::FIXED.into_iter().find(|of| of.parts()[0] == name),
        }
    }

    /// The names of every field except parameters, separated by commas.
    pub fn known() -> String {
        Self::FIXED.map(|field| field.to_string()).join(", ")
    }

    /// The name in two parts; the second is empty except for parameters.
    fn parts(&self) -> [&str; 2] {
        match self {
            Self::Metric => ["metric", ""],
            Self::Unit => ["unit", ""],
            Self::Workload => ["workload.name", ""],
            Self::Version => ["workload.version", ""],
            Self::WorkPerStep => ["work_per_step", ""],
            Self::Software => ["device.software", ""],
            Self::CardsAtOnce => ["cards_at_once", ""],
            Self::Window => ["protocol.window_s", ""],
            Self::WarmupMin => ["protocol.warmup_min_s", ""],
            Self::WarmupMax => ["protocol.warmup_max_s", ""],
            Self::SteadyTolerance => ["protocol.steady_tolerance", ""],
            Self::Replicate => ["protocol.replicate", ""],
            Self::Boundary => ["energy.boundary", ""],
            Self::Covers => ["energy.covers", ""],
            Self::Baseline => ["energy.baseline", ""],
            Self::Param(name) => [PARAMS, name],
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.parts();
        write!(f, "{first}{second}")
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Value of [`Field::Metric`].
    Metric(Metric),
    /// Value of [`Field::Unit`].
    Unit(FigureUnit),
    /// Value of [`Field::Workload`].
    Workload(Named),
    /// A version or a number of units.
    Count(u64),
    /// Yes or no.
    Flag(bool),
    /// A setting of the timing protocol.
    Number(Number),
    /// Value of [`Field::Boundary`].
    Boundary(Boundary),
    /// Value of [`Field::Covers`].
    Covers(Covered),
    /// A word.
    Always(&'static str),
    /// Value of [`Field::Param`].
    Param(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(metric) => f.write_str(metric.name()),
            Self::Unit(unit) => unit.fmt(f),
            Self::Workload(name) => name.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => f64::from(*number).fmt(f),
            Self::Boundary(boundary) => boundary.fmt(f),
            Self::Covers(covers) => covers.fmt(f),
            Self::Always(word) => f.write_str(word),
            Self::Param(text) => f.write_str(text),
        }
    }
}

/// Ordered by the text of the values.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match self == other {
            true => Ordering::Equal,
            false => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A float that is compared by its bits, so that it has `Eq` and `Hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number(u64);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value.to_bits())
    }
}

impl From<Number> for f64 {
    fn from(value: Number) -> Self {
        Self::from_bits(value.0)
    }
}

/// The device whose joules are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covered {
    /// The whole machine.
    Machine,
    /// The processor.
    Cpu,
    /// Any graphics device.
    Gpu,
    /// A miner.
    Asic,
}

impl From<&Covers> for Covered {
    fn from(covers: &Covers) -> Self {
        match covers {
            Covers::Machine => Self::Machine,
            Covers::Cpu => Self::Cpu,
            Covers::Pci(_) | Covers::UnknownGpu => Self::Gpu,
            Covers::Asic(_) | Covers::Asics => Self::Asic,
        }
    }
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Machine => "machine",
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Asic => "asic",
        })
    }
}

/// The energy that a figure in joules includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held {
    /// The part of the machine.
    pub boundary: Boundary,
    /// The device; absent where it may differ.
    pub covers: Option<Covered>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.covers {
            Some(covers) => write!(f, "{} of the {covers}", self.boundary),
            None => self.boundary.fmt(f),
        }
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_fields_and_give_the_order() {
        let mut all = Field::FIXED.to_vec();
        all.push(Field::Param("shape".into()));
        all.push(Field::Param(String::new()));
        for field in &all {
            assert_eq!(Field::find(&field.to_string()).as_ref(), Some(field));
        }
        assert_eq!(Field::find("workload.shape"), None);
        let mut by_name = all.clone();
        by_name.sort_by_key(ToString::to_string);
        all.sort();
        assert_eq!(all, by_name);
    }
}
