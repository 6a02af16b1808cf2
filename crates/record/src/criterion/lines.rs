//! A criterion archive as lines of the long table.

use std::collections::BTreeMap;

use super::{Archive, Benchmark};
use crate::tidy::ExportRow;

/// Marks these lines in the column of the suite.
const SUITE: &str = "criterion";

/// The lines of an archive that was read from `file`: for each benchmark its median time,
/// then a rate for each unit of work that it names. One process counts as one run, however
/// many samples it took.
pub fn lines(file: &str, archive: &Archive) -> Vec<ExportRow> {
    let of = |benchmark| of_benchmark(file, archive, benchmark);
    archive.benchmarks.iter().flat_map(of).collect()
}

fn of_benchmark(file: &str, archive: &Archive, benchmark: &Benchmark) -> Vec<ExportRow> {
    let median_s = benchmark.median_s_per_iter;
    let time = blank(file, archive, benchmark);
    let mut lines = vec![ExportRow {
        metric: "time",
        unit: "s/iter".into(),
        value: Some(median_s),
        ..time.clone()
    }];
    lines.extend(benchmark.throughput.iter().map(|throughput| ExportRow {
        metric: "rate",
        unit: format!("{}/s", throughput.unit),
        value: Some(throughput.per_iter as f64 / median_s).filter(|rate| rate.is_finite()),
        ..time.clone()
    }));
    lines
}

/// The benchmark's line without a figure.
fn blank(file: &str, archive: &Archive, benchmark: &Benchmark) -> ExportRow {
    let cpu = archive
        .host
        .as_ref()
        .and_then(|host| host.cpu.model.clone());
    let value = benchmark.value_str.as_ref();
    let params: BTreeMap<&str, &String> = value.map(|value| ("value", value)).into_iter().collect();
    ExportRow {
        file: file.to_owned(),
        session_id: archive.id.clone(),
        label: archive.label.clone(),
        started_utc: benchmark.measured_utc.clone(),
        machine_key: archive.machine.as_ref().map(|machine| machine.key.clone()),
        cpu_model: cpu,
        complete: true,
        tool_version: archive.tool.version.clone(),
        suite: SUITE.into(),
        entry: benchmark.full_id.clone(),
        workload: benchmark.group_id.clone(),
        // A map of texts always has a JSON form.
        params: serde_json::to_string(&params).unwrap_or_default(),
        backend: benchmark.function_id.clone(),
        run_status: "ok",
        metric: "time",
        time_s: Some(benchmark.time_s()).filter(|time_s| time_s.is_finite()),
        ..ExportRow::default()
    }
}
