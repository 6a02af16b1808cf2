//! A record as a long table for DuckDB, pandas and similar tools: one line for each figure
//! of each run, with all fields that identify the figure. Fields that a criterion archive
//! lacks are empty.

use std::collections::BTreeSet;

use perwatt_host::Environment;
use serde::Serialize;

use crate::schema::{Entry, GpuKind, Measured, MeasuredEnergy, Record, Run, Status, word};
use crate::work::EnergyUnit;

/// Defines the row, the names of its fields, and the texts in it from one list of fields.
macro_rules! row {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// One figure of one run. A run without a figure also has one line, with its
        /// `run_status` and no `value`. Text is copied unchanged from the record.
        #[derive(Debug, Clone, Default, PartialEq, Serialize)]
        pub struct ExportRow {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl ExportRow {
            /// All texts of the line that may come from outside the program.
            pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
                [$(self.$field.text_mut()),*].into_iter().flatten()
            }
        }

        /// Names of the fields of an [`ExportRow`], in their order.
        pub const COLUMNS: [&str; [$(stringify!($field)),*].len()] = [$(stringify!($field)),*];
    };
}

/// A value that may be a text from outside the program.
trait Cell {
    fn text_mut(&mut self) -> Option<&mut String> {
        None
    }
}

impl Cell for String {
    fn text_mut(&mut self) -> Option<&mut String> {
        Some(self)
    }
}

impl Cell for Option<String> {
    fn text_mut(&mut self) -> Option<&mut String> {
        self.as_mut()
    }
}

impl Cell for &'static str {}
impl Cell for bool {}
impl Cell for u32 {}
impl Cell for Option<bool> {}
impl Cell for Option<u32> {}
impl Cell for Option<u64> {}
impl Cell for Option<f64> {}

row! {
    /// The file of the record, as it was given.
    file: String,
    /// `session.id`.
    session_id: String,
    /// `session.label`.
    label: String,
    /// Start of the run's segment, UTC, RFC 3339; for criterion the time at which it wrote
    /// the samples.
    started_utc: Option<String>,
    /// The machine's key.
    machine_key: Option<String>,
    /// The machine among machines of its key: a hash of its machine id.
    specimen: Option<String>,
    /// `session.node`.
    node: Option<String>,
    /// `session.tags`, a JSON object with sorted keys.
    tags: Option<String>,
    /// `session.price_usd`.
    price_usd: Option<f64>,
    /// `session.rent_usd_per_h`.
    rent_usd_per_h: Option<f64>,
    /// The processor's model.
    cpu_model: Option<String>,
    /// True if every planned run of the session was tried.
    complete: bool,
    /// True if the session compared the machine with itself.
    selfcheck: bool,
    /// Version of the program that measured.
    tool_version: String,
    /// `quick`, `standard` or `full`; `criterion` for results of `cargo bench`.
    suite: String,
    /// Intended length of the window, in seconds.
    protocol_window_s: Option<f64>,
    /// `plan.entries[].id`.
    entry: String,
    /// The workload's name.
    workload: String,
    /// The workload's version.
    workload_version: Option<u32>,
    /// The workload's parameters, a JSON object with sorted keys.
    params: String,
    /// The shape of a matrix product.
    shape: Option<String>,
    /// Units of work in one step.
    work_per_step: Option<u64>,
    /// Name of the device: `cpu`, `gpu:0`.
    device: Option<String>,
    /// Model name of the device.
    device_model: Option<String>,
    /// True if the device is a software GPU that runs on the CPU.
    device_software: Option<bool>,
    /// The implementation that ran the workload.
    backend: Option<String>,
    /// The form of the backend's kernel.
    variant: Option<String>,
    /// Number of threads that runs on the CPU use.
    threads: Option<u32>,
    /// Round of the run, from 0.
    round: u32,
    /// `ok` or `failed`.
    run_status: &'static str,
    /// The reason that the run failed, in words.
    failure: Option<String>,
    /// True if the work of the run's row was verified.
    verified: bool,
    /// Flags of the run, separated by `;`.
    flags: String,
    /// `rate`, `energy` or `power`; `time` only for criterion.
    metric: &'static str,
    /// Unit of the value: `H/s`, `J/FLOP`, `W`, `s/iter`.
    unit: String,
    /// The value in that unit.
    value: Option<f64>,
    /// Time that the value covers, in seconds.
    time_s: Option<f64>,
    /// Units of work in that time.
    work: Option<f64>,
    /// Joules in that time.
    energy_j: Option<f64>,
    /// Id of the meter.
    meter: Option<String>,
    /// The parts of the machine that the energy covers.
    boundary: Option<String>,
    /// The origin of the energy figure.
    provenance: Option<String>,
    /// True if the energy is estimated rather than measured.
    estimate: Option<bool>,
    /// Grade of the energy figure, A to E.
    grade: Option<String>,
    /// Relative uncertainty of the figure at coverage factor 2, without the spread over
    /// runs and without terms whose size is not stated.
    uncertainty_rel: Option<f64>,
}

/// The lines of a record that was read from `file`, in the order of its runs: the rate,
/// then joules per unit and watts by each meter.
pub fn lines(file: &str, record: &Record) -> Vec<ExportRow> {
    let rows = record.summary.iter().filter(|row| row.verified);
    let verified: BTreeSet<u32> = rows.map(|row| row.entry).collect();
    record
        .runs
        .iter()
        .filter_map(|run| Some((run, record.plan.entries.get(run.entry as usize)?)))
        .flat_map(|(run, entry)| of_run(file, record, run, entry, &verified))
        .collect()
}

fn of_run(
    file: &str,
    record: &Record,
    run: &Run,
    entry: &Entry,
    verified: &BTreeSet<u32>,
) -> Vec<ExportRow> {
    let base = ExportRow {
        verified: verified.contains(&run.entry),
        ..blank(file, record, run, entry)
    };
    let Some(measured) = &run.measured else {
        return vec![base];
    };
    let mut lines = vec![ExportRow {
        value: Some(measured.rate_per_s),
        time_s: Some(measured.time_s),
        work: Some(measured.work),
        ..base.clone()
    }];
    lines.extend(of_meters(record, &base, entry, measured));
    lines
}

fn of_meters(
    record: &Record,
    base: &ExportRow,
    entry: &Entry,
    measured: &Measured,
) -> Vec<ExportRow> {
    let mut lines = Vec::new();
    for energy in &measured.energy {
        let Some(meter) = record.meters.get(energy.meter as usize) else {
            continue;
        };
        let estimate = meter.provenance.is_estimate();
        let line = |metric, unit: String, value, of: &MeasuredEnergy| ExportRow {
            metric,
            unit,
            value: Some(value),
            time_s: Some(of.time_s),
            work: Some(of.work),
            energy_j: Some(of.energy_j),
            meter: Some(meter.id.clone()),
            boundary: Some(word(&meter.boundary)),
            provenance: Some(word(&meter.provenance)),
            estimate: Some(estimate),
            grade: of.grade.as_ref().map(word),
            uncertainty_rel: of.uncertainty.as_ref().map(|u| u.relative),
            ..base.clone()
        };
        let per_unit = EnergyUnit(entry.unit).per_unit();
        lines.push(line("energy", per_unit, energy.energy_per_unit_j, energy));
        lines.push(line("power", "W".into(), energy.power_w, energy));
    }
    lines
}

/// The run's line without a figure.
fn blank(file: &str, record: &Record, run: &Run, entry: &Entry) -> ExportRow {
    let Environment { cpu, .. } = &record.host;
    let gpu = record.plan.gpus.iter().find(|gpu| gpu.name == entry.device);
    let segment = record.session.segments.get(run.segment as usize);
    let (run_status, failure) = match &run.status {
        Status::Ok => ("ok", None),
        Status::Failed(failure) => ("failed", Some(failure.message.clone())),
    };
    let flags: Vec<String> = run.flags.iter().map(word).collect();
    ExportRow {
        file: file.to_owned(),
        session_id: record.session.id.clone(),
        label: record.session.label.clone(),
        started_utc: segment.map(|segment| segment.started_utc.clone()),
        machine_key: Some(record.machine.key.clone()),
        specimen: record.host.specimen.clone(),
        node: record.session.node.clone(),
        tags: match record.session.tags.is_empty() {
            true => None,
            false => serde_json::to_string(&record.session.tags).ok(),
        },
        price_usd: record.session.price_usd,
        rent_usd_per_h: record.session.rent_usd_per_h,
        cpu_model: cpu.model.clone(),
        complete: record.complete,
        selfcheck: record.config.selfcheck,
        tool_version: record.tool.version.clone(),
        suite: record.config.suite.clone(),
        protocol_window_s: Some(record.config.protocol.window_s),
        entry: entry.id.clone(),
        workload: entry.workload.name.clone(),
        workload_version: Some(entry.workload.version),
        // A map of texts always has a JSON form.
        params: serde_json::to_string(&entry.workload.params).unwrap_or_default(),
        shape: entry.workload.params.get("shape").cloned(),
        work_per_step: Some(entry.work_per_step),
        device: Some(entry.device.clone()),
        device_model: match gpu {
            Some(gpu) => Some(gpu.model.clone()),
            None => cpu.model.clone(),
        },
        device_software: Some(gpu.is_some_and(|gpu| gpu.kind == GpuKind::Software)),
        backend: Some(entry.backend.clone()),
        variant: entry.variant.clone(),
        threads: Some(record.threads.count),
        round: run.round,
        run_status,
        failure,
        verified: false,
        flags: flags.join(";"),
        metric: "rate",
        unit: format!("{}/s", entry.unit),
        ..ExportRow::default()
    }
}
