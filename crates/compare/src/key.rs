//! The comparability key: all fields that must be equal for two figures to be comparable.

use std::collections::BTreeMap;

use perwatt_power::MeterInfo;
use perwatt_record::Record;
use perwatt_record::cost;
use perwatt_record::criterion::Benchmark;
use perwatt_record::pool::is_asic;
use perwatt_record::schema::{Entry, GpuKind, Protocol, WorkloadKey};
use perwatt_record::work::{EnergyUnit, Family, Named, Params};
use serde::Serialize;

pub use crate::field::{Covered, Field, Held, PARAMS, Value};
use crate::metric::{FigureUnit, Metric};

/// A replicate is a fresh process.
const PROCESS: Value = Value::Always("process");
/// A replicate is a window of a miner that works without a pause.
const WINDOW: Value = Value::Always("window");
/// The parameter that holds the size of a stream's arrays.
pub(crate) const ARRAY_BYTES: &str = "array_bytes";

/// The fields that must be equal, in order of their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Key(BTreeMap<Field, Value>);

/// A field in which two keys differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Difference {
    /// Name of the field.
    pub field: String,
    /// Value in the baseline; absent where it has no such field.
    pub base: Option<String>,
    /// Value in the other figure; absent where it has no such field.
    pub other: Option<String>,
}

impl Key {
    /// The key of an entry's rate.
    pub fn rate(record: &Record, entry: &Entry) -> Self {
        work(record, entry).with(Metric::Rate, FigureUnit::Rate(entry.unit))
    }

    /// The key of an entry's joules by this meter. It holds the boundary and the device of
    /// the meter's figure, but not the meter itself.
    pub fn energy(record: &Record, entry: &Entry, meter: &MeterInfo) -> Self {
        let unit = FigureUnit::Energy(EnergyUnit(entry.unit));
        let mut key = work(record, entry).with(Metric::Energy, unit);
        key.0.extend([
            (Field::Boundary, Value::Boundary(meter.boundary)),
            (Field::Covers, Value::Covers(Covered::from(&meter.covers))),
            (Field::Baseline, Value::Always("gross")),
        ]);
        key
    }

    /// The key of a benchmark's time.
    pub fn time(of: &Benchmark) -> Self {
        let name = format!("criterion/{}", of.full_id);
        let per_iter = of.throughput.iter().map(|throughput| {
            let field = Field::Param(format!("{}_per_iter", throughput.unit));
            (field, Value::Param(throughput.per_iter.to_string()))
        });
        let mut key = Self(per_iter.collect());
        key.0.extend([
            (Field::Workload, Value::Workload(name.as_str().into())),
            (Field::Replicate, PROCESS),
        ]);
        key.with(Metric::Time, FigureUnit::Time)
    }

    fn with(mut self, metric: Metric, unit: FigureUnit) -> Self {
        self.0.extend([
            (Field::Metric, Value::Metric(metric)),
            (Field::Unit, Value::Unit(unit)),
        ]);
        self
    }

    /// The fields with their values, in order of their names.
    pub fn fields(&self) -> impl Iterator<Item = (&Field, &Value)> {
        self.0.iter()
    }

    /// A field's value as text.
    pub fn text(&self, field: &Field) -> Option<String> {
        self.0.get(field).map(Value::to_string)
    }

    /// The unit of the figure; [`FigureUnit::Any`] where units may differ.
    pub fn unit(&self) -> FigureUnit {
        match self.0.get(&Field::Unit) {
            Some(Value::Unit(unit)) => *unit,
            _ => FigureUnit::Any,
        }
    }

    /// The workload; `None` where it may differ.
    pub fn workload(&self) -> Option<&Named> {
        match self.0.get(&Field::Workload)? {
            Value::Workload(name) => Some(name),
            _ => None,
        }
    }

    /// The work of one step; `None` where the key does not hold it.
    pub fn work_per_step(&self) -> Option<u64> {
        match self.0.get(&Field::WorkPerStep)? {
            Value::Count(work) => Some(*work),
            _ => None,
        }
    }

    /// Tokens for a unit of work, as [`cost::tokens_per_unit`] has it.
    pub fn tokens_per_unit(&self) -> Option<f64> {
        cost::tokens_per_unit(&self.params(), self.work_per_step()?)
    }

    /// The workload's parameters.
    pub fn params(&self) -> Params {
        let of = |(field, value): (&Field, &Value)| match (field, value) {
            (Field::Param(name), Value::Param(text)) => Some((name.clone(), text.clone())),
            _ => None,
        };
        self.0.iter().filter_map(of).collect()
    }

    /// The energy that a figure in joules includes; `None` for other figures, and where the
    /// boundary may differ.
    pub fn held(&self) -> Option<Held> {
        let Value::Boundary(boundary) = self.0.get(&Field::Boundary)? else {
            return None;
        };
        let covers = match self.0.get(&Field::Covers) {
            Some(Value::Covers(covers)) => Some(*covers),
            _ => None,
        };
        Some(Held {
            boundary: *boundary,
            covers,
        })
    }

    /// The key without these fields, for `--allow-differ`.
    pub fn without(&self, fields: &[Field]) -> Self {
        let kept = self.0.iter().filter(|(field, _)| !fields.contains(field));
        Self(kept.map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    /// The fields in which `other` differs from this key, in order of their names.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut fields: Vec<&Field> = self.0.keys().chain(other.0.keys()).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
            .into_iter()
            .filter(|field| self.0.get(*field) != other.0.get(*field))
            .map(|field| Difference {
                field: field.to_string(),
                base: self.text(field),
                other: other.text(field),
            })
            .collect()
    }
}

/// The fields that every figure of an entry shares.
fn work(record: &Record, entry: &Entry) -> Key {
    let Protocol {
        window_s,
        warmup_min_s,
        warmup_max_s,
        steady_tolerance,
        // The time to wait for a hung worker and the idle time around the runs do not
        // affect a figure; the error at the edges of a window is part of its uncertainty.
        settle_s: _,
        stall_timeout_s: _,
        idle_s: _,
        energy_error_rel: _,
    } = record.config.protocol;
    let software = record
        .plan
        .gpus
        .iter()
        .any(|gpu| gpu.name == entry.device && gpu.kind == GpuKind::Software);
    let number = |value: f64| Value::Number(value.into());
    let WorkloadKey {
        version, params, ..
    } = &entry.workload;
    let is_miner = is_asic(&entry.device);
    let replicate = if is_miner { WINDOW } else { PROCESS };
    let mut fields = BTreeMap::from([
        (Field::Workload, Value::Workload(entry.workload.named())),
        (Field::Version, Value::Count((*version).into())),
        (Field::Software, Value::Flag(software)),
        (Field::Window, number(window_s)),
        (Field::WarmupMin, number(warmup_min_s)),
        (Field::WarmupMax, number(warmup_max_s)),
        (Field::SteadyTolerance, number(steady_tolerance)),
        (Field::Replicate, replicate),
    ]);
    if let Some(cards) = record.config.cards_at_once {
        fields.insert(Field::CardsAtOnce, Value::Count(cards.into()));
    }
    let sized = sized_by_machine(&entry.workload);
    // A step of a miner is a share, whose work is its difficulty: the rate does not depend on it.
    if !sized && !is_miner {
        fields.insert(Field::WorkPerStep, Value::Count(entry.work_per_step));
    }
    let shaping = params
        .iter()
        .filter(|(name, _)| !(sized && *name == ARRAY_BYTES));
    fields.extend(
        shaping.map(|(name, value)| (Field::Param(name.clone()), Value::Param(value.clone()))),
    );
    Key(fields)
}

/// True if the size of the workload's arrays is a property of the machine.
pub(crate) fn sized_by_machine(workload: &WorkloadKey) -> bool {
    let family = workload.named().family();
    family.is_some_and(Family::sized_by_machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_both_sides() {
        let version = |version| (Field::Version, Value::Count(version));
        let extra = Field::Param("x".into());
        let a = Key([version(1)].into()).with(Metric::Time, FigureUnit::Time);
        let mut b = Key([version(2)].into()).with(Metric::Time, FigureUnit::Time);
        b.0.insert(extra.clone(), Value::Param("y".into()));
        let found = a.differences(&b);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].field, "workload.params.x");
        assert_eq!(found[0].base, None);
        assert_eq!(found[1].field, "workload.version");
        assert_eq!(found[1].base.as_deref(), Some("1"));
        assert!(a.differences(&a).is_empty());
        assert_eq!(
            a.without(&[Field::Version]),
            b.without(&[Field::Version, extra])
        );
    }
}
