//! A criterion archive as lines of the long table.

use std::collections::BTreeMap;

use super::{Archive, Benchmark};
use crate::long::Line;

/// Tells these lines from those of records, in the place of a suite.
const SUITE: &str = "criterion";

/// The lines of an archive that was read from `file`: for each benchmark its median
/// time, then a rate for each unit of work that it names. One process is one run,
/// however many samples it took.
pub fn lines(file: &str, archive: &Archive) -> Vec<Line> {
    let of = |benchmark| of_benchmark(file, archive, benchmark);
    archive.benchmarks.iter().flat_map(of).collect()
}

fn of_benchmark(file: &str, archive: &Archive, benchmark: &Benchmark) -> Vec<Line> {
    let median_s = benchmark.median_s_per_iter;
    let time = blank(file, archive, benchmark);
    let mut lines = vec![Line {
        metric: "time",
        unit: "s/iter".into(),
        value: Some(median_s),
        ..time.clone()
    }];
    lines.extend(benchmark.throughput.iter().map(|throughput| Line {
        metric: "rate",
        unit: format!("{}/s", throughput.unit),
        value: Some(throughput.per_iter as f64 / median_s).filter(|rate| rate.is_finite()),
        ..time.clone()
    }));
    lines
}

/// The benchmark's line without a figure.
fn blank(file: &str, archive: &Archive, benchmark: &Benchmark) -> Line {
    let cpu = archive
        .host
        .as_ref()
        .and_then(|host| host.cpu.model.clone());
    let value = benchmark.value_str.as_ref();
    let params: BTreeMap<&str, &String> = value.map(|value| ("value", value)).into_iter().collect();
    Line {
        file: file.to_owned(),
        session_id: archive.id.clone(),
        label: archive.label.clone(),
        started_utc: benchmark.measured_utc.clone(),
        machine_key: archive.machine.as_ref().map(|machine| machine.key.clone()),
        cpu_model: cpu,
        complete: true,
        selfcheck: false,
        tool_version: archive.tool.version.clone(),
        suite: SUITE.into(),
        protocol_window_s: None,
        entry: benchmark.full_id.clone(),
        workload: benchmark.group_id.clone(),
        workload_version: None,
        // A map of texts always has a JSON form.
        params: serde_json::to_string(&params).unwrap_or_default(),
        shape: None,
        work_per_step: None,
        device: None,
        device_model: None,
        device_software: None,
        backend: benchmark.function_id.clone(),
        variant: None,
        threads: None,
        round: 0,
        run_status: "ok",
        failure: None,
        verified: false,
        flags: String::new(),
        metric: "time",
        unit: String::new(),
        value: None,
        time_s: Some(benchmark.time_s()).filter(|time_s| time_s.is_finite()),
        work: None,
        energy_j: None,
        meter: None,
        boundary: None,
        provenance: None,
        estimate: None,
        grade: None,
        uncertainty_rel: None,
    }
}
