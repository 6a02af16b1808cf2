//! A record as a long table for DuckDB, pandas and similar tools: one line for each figure
//! of each run, with all fields that identify the figure. Fields that a criterion archive
//! lacks are empty.

use std::collections::BTreeSet;

use perwatt_host::Environment;
use serde::Serialize;

use crate::schema::{Entry, GpuKind, Measured, MeasuredEnergy, Record, Run, Status, word};
use crate::work::EnergyUnit;

/// One figure of one run. A run without a figure also has one line, with its `run_status`
/// and no `value`. Text is copied unchanged from the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ExportRow {
    /// The file of the record, as it was given.
    pub file: String,
    /// `session.id`.
    pub session_id: String,
    /// `session.label`.
    pub label: String,
    /// Start of the run's segment, UTC, RFC 3339; for criterion the time at which it wrote
    /// the samples.
    pub started_utc: Option<String>,
    /// The machine's key.
    pub machine_key: Option<String>,
    /// The processor's model.
    pub cpu_model: Option<String>,
    /// True if every planned run of the session was tried.
    pub complete: bool,
    /// True if the session compared the machine with itself.
    pub selfcheck: bool,
    /// Version of the program that measured.
    pub tool_version: String,
    /// `quick`, `standard` or `full`; `criterion` for results of `cargo bench`.
    pub suite: String,
    /// Intended length of the window, in seconds.
    pub protocol_window_s: Option<f64>,
    /// `plan.entries[].id`.
    pub entry: String,
    /// The workload's name.
    pub workload: String,
    /// The workload's version.
    pub workload_version: Option<u32>,
    /// The workload's parameters, a JSON object with sorted keys.
    pub params: String,
    /// The shape of a matrix product.
    pub shape: Option<String>,
    /// Units of work in one step.
    pub work_per_step: Option<u64>,
    /// Name of the device: `cpu`, `gpu:0`.
    pub device: Option<String>,
    /// Model name of the device.
    pub device_model: Option<String>,
    /// True if the device is a software GPU that runs on the CPU.
    pub device_software: Option<bool>,
    /// The implementation that ran the workload.
    pub backend: Option<String>,
    /// The form of the backend's kernel.
    pub variant: Option<String>,
    /// Number of threads that runs on the CPU use.
    pub threads: Option<u32>,
    /// Round of the run, from 0.
    pub round: u32,
    /// `ok` or `failed`.
    pub run_status: &'static str,
    /// The reason that the run failed, in words.
    pub failure: Option<String>,
    /// True if the work of the run's row was verified.
    pub verified: bool,
    /// Flags of the run, separated by `;`.
    pub flags: String,
    /// `rate`, `energy` or `power`; `time` only for criterion.
    pub metric: &'static str,
    /// Unit of the value: `H/s`, `J/FLOP`, `W`, `s/iter`.
    pub unit: String,
    /// The value in that unit.
    pub value: Option<f64>,
    /// Time that the value covers, in seconds.
    pub time_s: Option<f64>,
    /// Units of work in that time.
    pub work: Option<f64>,
    /// Joules in that time.
    pub energy_j: Option<f64>,
    /// Id of the meter.
    pub meter: Option<String>,
    /// The parts of the machine that the energy covers.
    pub boundary: Option<String>,
    /// The origin of the energy figure.
    pub provenance: Option<String>,
    /// True if the energy is estimated rather than measured.
    pub estimate: Option<bool>,
    /// Grade of the energy figure, A to E.
    pub grade: Option<String>,
    /// Relative uncertainty of the figure at coverage factor 2, without the spread over
    /// runs and without terms that nobody states.
    pub uncertainty_rel: Option<f64>,
}

impl ExportRow {
    /// All texts of the line that may come from outside the program.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self {
            file,
            session_id,
            label,
            started_utc,
            machine_key,
            cpu_model,
            complete: _,
            selfcheck: _,
            tool_version,
            suite,
            protocol_window_s: _,
            entry,
            workload,
            workload_version: _,
            params,
            shape,
            work_per_step: _,
            device,
            device_model,
            device_software: _,
            backend,
            variant,
            threads: _,
            round: _,
            run_status: _,
            failure,
            verified: _,
            flags,
            metric: _,
            unit,
            value: _,
            time_s: _,
            work: _,
            energy_j: _,
            meter,
            boundary,
            provenance,
            estimate: _,
            grade,
            uncertainty_rel: _,
        } = self;
        let always = [
            file,
            session_id,
            label,
            tool_version,
            suite,
            entry,
            workload,
            params,
            flags,
            unit,
        ];
        let at_times = [
            started_utc,
            machine_key,
            cpu_model,
            shape,
            device,
            device_model,
            backend,
            variant,
            failure,
            meter,
            boundary,
            provenance,
            grade,
        ];
        always.into_iter().chain(at_times.into_iter().flatten())
    }
}

/// Names of the fields of an [`ExportRow`], in their order.
pub const COLUMNS: [&str; 40] = [
    "file",
    "session_id",
    "label",
    "started_utc",
    "machine_key",
    "cpu_model",
    "complete",
    "selfcheck",
    "tool_version",
    "suite",
    "protocol_window_s",
    "entry",
    "workload",
    "workload_version",
    "params",
    "shape",
    "work_per_step",
    "device",
    "device_model",
    "device_software",
    "backend",
    "variant",
    "threads",
    "round",
    "run_status",
    "failure",
    "verified",
    "flags",
    "metric",
    "unit",
    "value",
    "time_s",
    "work",
    "energy_j",
    "meter",
    "boundary",
    "provenance",
    "estimate",
    "grade",
    "uncertainty_rel",
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Made, counter, derive_again};
    use crate::schema::{Failure, FailureKind};

    #[test]
    fn the_columns_are_the_fields() {
        let record = Made::one("x", 1, &[4e11]).record();
        let line = serde_json::to_string(&lines("a.json", &record)[0]).unwrap();
        let mut at = 0;
        for column in COLUMNS {
            let found = line[at..].find(&format!("\"{column}\":"));
            at += found.unwrap_or_else(|| panic!("{column} is not next in {line}"));
        }
        assert_eq!(
            line.matches("\":").count() - line.matches("\\\":").count(),
            COLUMNS.len()
        );
    }

    #[test]
    fn every_run_has_a_line_for_each_figure_and_a_failed_one_its_reason() {
        let mut made = Made::one("x", 1, &[4e11, 5e11]);
        made.meter = Some(counter("rapl", None));
        let mut record = made.record();
        record.runs[1].status = Status::Failed(Failure {
            kind: FailureKind::Crashed,
            message: "signal 9".into(),
        });
        derive_again(&mut record);
        let lines = lines("a.json", &record);
        let metrics: Vec<&str> = lines.iter().map(|line| line.metric).collect();
        assert_eq!(metrics, ["rate", "energy", "power", "rate"]);
        assert!((lines[0].value.unwrap() / 4e11 - 1.0).abs() < 1e-6);
        assert_eq!(lines[1].unit, "J/FLOP");
        assert_eq!(lines[1].boundary.as_deref(), Some("package"));
        assert_eq!(lines[3].value, None);
        assert_eq!(lines[3].failure.as_deref(), Some("signal 9"));
        assert_eq!(lines[3].run_status, "failed");
    }
}
