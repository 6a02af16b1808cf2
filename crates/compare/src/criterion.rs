//! Criterion archives as sessions. Each file holds one process, so each of its benchmarks
//! gives one value, however many samples it has.

use std::path::Path;
use std::sync::Arc;

use perwatt_record::cost::Stated;
use perwatt_record::criterion::{Archive, Benchmark};
use perwatt_record::digest::{self, Form};
use perwatt_record::tags::Tags;

use crate::context::Context;
use crate::intern::Interner;
use crate::key::Key;
use crate::metric::Metric;
use crate::session::{Row, Session};

/// Placeholder for the machine and processor of a file that was imported elsewhere.
const FOREIGN: &str = "unknown machine";

/// Caveat on every figure from criterion.
const CAVEAT: &str =
    "of criterion: time alone, nothing verified the work; a file is one process, and one value";

/// Converts a criterion archive that was read from `path` to a session.
pub fn session(path: &Path, archive: &Archive, interner: &Interner) -> Session {
    let cpu = archive
        .host
        .as_ref()
        .and_then(|host| host.cpu.model.clone());
    let machine = archive.machine.as_ref();
    let name = cpu.unwrap_or_else(|| FOREIGN.into());
    let context = Context::from([("tool.version".into(), archive.tool.version.clone())]);
    let rows = archive.benchmarks.iter();
    Session {
        path: path.to_owned(),
        id: archive.id.clone(),
        label: archive.label.clone(),
        started_utc: archive.created_utc.clone(),
        machine: interner.text(machine.map_or(FOREIGN, |machine| machine.key.as_str())),
        specimen: interner.text(machine.map_or(FOREIGN, |machine| machine.key.as_str())),
        known: false,
        node: None,
        tags: Tags::new(),
        stated: Stated::default(),
        machine_name: interner.text(name.trim()),
        miners: None,
        complete: true,
        selfcheck: false,
        rounds: 1,
        runs: archive.benchmarks.len(),
        cpu_bf16: false,
        meters: 0,
        fingerprints: Vec::new(),
        context: interner.context(context),
        rows: rows.map(|of| row(of, &name, interner)).collect(),
    }
}

/// Digest of the samples of a benchmark: the same process has the same digest, however
/// often it is imported.
fn samples(of: &Benchmark) -> String {
    let numbers = serde_json::json!([of.iters, of.times_ns]);
    // Numbers that were read from JSON always have this form.
    digest::of(numbers, Form::Sorted).unwrap_or_default()
}

fn row(of: &Benchmark, cpu: &str, interner: &Interner) -> Row {
    let median_s = of.derive_median_s();
    Row {
        key: interner.key(Key::time(of)),
        metric: Metric::Time,
        origin: interner.text(&samples(of)),
        name: interner.text(&of.full_id),
        device: interner.text("cpu"),
        device_model: interner.text(cpu.trim()),
        backend: interner.text("criterion"),
        values: median_s.map(|median| (0, median)).into_iter().collect(),
        failed: 0,
        disturbed: 0,
        lacked: 0.0,
        barred: match median_s {
            Some(_) => None,
            None => Some(interner.text("its samples give no time")),
        },
        meter: None,
        flags: Vec::new(),
        caveat: Some(interner.text(CAVEAT)),
        context: Arc::default(),
    }
}
