//! The comparability key: everything that must be equal for two figures to be of
//! the same thing.

use std::collections::BTreeMap;

use perwatt_power::{Covers, MeterInfo};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, GpuKind, Protocol, word};
use serde::Serialize;

use crate::metric::Metric;

/// Field of the workload's name.
pub const WORKLOAD: &str = "workload.name";
/// Field of the metric.
pub const METRIC: &str = "metric";
/// Before the name of a parameter of the workload.
pub const PARAMS: &str = "workload.params.";

/// Fields that a key can have, for `--allow-differ`; parameters come after
/// [`PARAMS`].
pub const FIELDS: [&str; 14] = [
    METRIC,
    "unit",
    WORKLOAD,
    "workload.version",
    "work_per_step",
    "device.software",
    "protocol.window_s",
    "protocol.warmup_min_s",
    "protocol.warmup_max_s",
    "protocol.steady_tolerance",
    "protocol.replicate",
    "energy.boundary",
    "energy.covers",
    "energy.baseline",
];

/// The fields that must be equal, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Key(BTreeMap<String, String>);

/// A field in which two keys differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Difference {
    /// Its name.
    pub field: String,
    /// In the baseline; absent where it has no such field.
    pub base: Option<String>,
    /// In the other.
    pub other: Option<String>,
}

impl Key {
    /// A key of these fields.
    pub fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// The key of an entry's rate.
    pub fn rate(record: &Record, entry: &Entry) -> Self {
        let mut fields = work(record, entry);
        fields.insert(METRIC.into(), Metric::Rate.name().into());
        fields.insert("unit".into(), format!("{}/s", entry.unit));
        Self(fields)
    }

    /// The key of an entry's joules by this meter. Which meter it is does not
    /// matter, but what its figure holds does.
    pub fn energy(record: &Record, entry: &Entry, meter: &MeterInfo) -> Self {
        let mut fields = work(record, entry);
        fields.insert(METRIC.into(), Metric::Energy.name().into());
        fields.insert("unit".into(), format!("J/{}", entry.unit));
        fields.insert("energy.boundary".into(), word(&meter.boundary));
        let covers = match &meter.covers {
            Covers::Machine => "machine",
            Covers::Cpu => "cpu",
            Covers::Pci(_) | Covers::UnknownGpu => "gpu",
        };
        fields.insert("energy.covers".into(), covers.into());
        fields.insert("energy.baseline".into(), "gross".into());
        Self(fields)
    }

    /// A field's value.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// The fields in order of their names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The key with these fields left out of it, as `--allow-differ` asks.
    pub fn without(&self, fields: &[String]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !fields.contains(name));
        Self(kept.map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    /// Where `other` differs from this key, in order of the fields' names.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut names: Vec<&String> = self.0.keys().chain(other.0.keys()).collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != other.0.get(*name))
            .map(|name| Difference {
                field: name.clone(),
                base: self.0.get(name).cloned(),
                other: other.0.get(name).cloned(),
            })
            .collect()
    }
}

/// What is the same for every figure of an entry.
fn work(record: &Record, entry: &Entry) -> BTreeMap<String, String> {
    let Protocol {
        window_s,
        warmup_min_s,
        warmup_max_s,
        steady_tolerance,
        // How long to wait for a hung worker, and how the machine idles between
        // runs, do not shape a figure; what an edge costs is in its uncertainty.
        stall_timeout_s: _,
        idle_s: _,
        energy_error_rel: _,
    } = &record.config.protocol;
    let software = record
        .plan
        .gpus
        .iter()
        .any(|gpu| gpu.name == entry.device && gpu.kind == GpuKind::Software);
    let mut fields = BTreeMap::from([
        (WORKLOAD.to_owned(), entry.workload.name.clone()),
        (
            "workload.version".into(),
            entry.workload.version.to_string(),
        ),
        ("device.software".into(), software.to_string()),
        ("protocol.window_s".into(), window_s.to_string()),
        ("protocol.warmup_min_s".into(), warmup_min_s.to_string()),
        ("protocol.warmup_max_s".into(), warmup_max_s.to_string()),
        (
            "protocol.steady_tolerance".into(),
            steady_tolerance.to_string(),
        ),
        ("protocol.replicate".into(), "process".into()),
    ]);
    let sized = sized_by_machine(&entry.workload.name);
    if !sized {
        fields.insert("work_per_step".into(), entry.work_per_step.to_string());
    }
    for (name, value) in &entry.workload.params {
        if !(sized && name == "array_bytes") {
            fields.insert(format!("{PARAMS}{name}"), value.clone());
        }
    }
    fields
}

/// Workloads whose arrays are made as large as the machine's caches demand:
/// STREAM's own rule, so their size is a property of the machine.
pub(crate) fn sized_by_machine(workload: &str) -> bool {
    workload.starts_with("stream/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &[(&str, &str)]) -> Key {
        Key::new(fields.iter().map(|(k, v)| ((*k).into(), (*v).into())))
    }

    #[test]
    fn differences_name_both_sides() {
        let a = key(&[("unit", "H/s"), ("workload.version", "1")]);
        let b = key(&[("unit", "H/s"), ("workload.version", "2"), ("x", "y")]);
        let found = a.differences(&b);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].field, "workload.version");
        assert_eq!(found[0].base.as_deref(), Some("1"));
        assert_eq!(found[1].base, None);
        assert!(a.differences(&a).is_empty());
        assert_eq!(
            a.without(&["workload.version".into()]),
            b.without(&["workload.version".into(), "x".into()])
        );
    }
}
