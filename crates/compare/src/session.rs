//! The part of a record that comparisons need: the figure of every run, and its key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use perwatt_power::{Grade, MeterInfo};
use perwatt_record::check::fingerprints;
use perwatt_record::cost::Stated;
use perwatt_record::derive::{CpuShare, is_disturbed, pooled, why_disturbed};
use perwatt_record::schema::{Entry, Flag, Run, Status, Summary};
use perwatt_record::tags::Tags;
use perwatt_record::work::{NotAi, Work, has_bf16, not_ai};
use perwatt_record::{Record, pool};

use crate::context::{self, Context};
use crate::intern::Interner;
use crate::key::Key;
use crate::metric::Metric;

/// The part of a session that comparisons need.
#[derive(Debug, Clone)]
pub struct Session {
    /// The file that it was read from.
    pub path: PathBuf,
    /// `session.id`.
    pub id: String,
    /// The user's name for it.
    pub label: String,
    /// Start of its first segment, UTC, RFC 3339.
    pub started_utc: String,
    /// The machine's key, not shortened.
    pub machine: Arc<str>,
    /// This very machine: the hash of its machine id, or where the record has none, its key;
    /// with the node's name where several nodes share that, see [`crate::nodes`]. Of a session
    /// of miners, that of the machine that counted with the miners' names.
    pub specimen: Arc<str>,
    /// True if `specimen` is of this very machine, and not only of its model.
    pub known: bool,
    /// The name of its node.
    pub node: Option<Arc<str>>,
    /// `session.tags`.
    pub tags: Tags,
    /// The price and the rent of the machine, as the session states them.
    pub stated: Stated,
    /// The machine in words; miners by their names, and the machine that counted.
    pub machine_name: Arc<str>,
    /// The miners by their names, where it is a session of miners.
    pub miners: Option<Arc<str>>,
    /// True if every planned run was attempted.
    pub complete: bool,
    /// True if it is a selfcheck: the machine was compared with itself.
    pub selfcheck: bool,
    /// The number of rounds planned.
    pub rounds: u32,
    /// The number of runs in the file, failed ones included.
    pub runs: usize,
    /// The number of meters in the file.
    pub meters: usize,
    /// True if its CPU has products of bf16.
    pub cpu_bf16: bool,
    /// Fingerprints of its runs, by which copies are found, see
    /// [`perwatt_record::check::fingerprints`].
    pub fingerprints: Vec<u64>,
    /// Context fields of the session, which may explain a difference.
    pub context: Arc<Context>,
    /// One row for each entry and metric; for energy one for each boundary.
    pub rows: Vec<Row>,
}

/// The figures of one entry under one metric.
#[derive(Debug, Clone)]
pub struct Row {
    /// The key, which must be equal in a comparison.
    pub key: Arc<Key>,
    /// The metric.
    pub metric: Metric,
    /// Origin of the values: rows of one origin, device and backend are the same runs, in
    /// whichever files they are.
    pub origin: Arc<str>,
    /// The workload and its shape, in words: `matmul/f32/square-2048`.
    pub name: Arc<str>,
    /// The device: `cpu`, `gpu:0`.
    pub device: Arc<str>,
    /// Model name of the device.
    pub device_model: Arc<str>,
    /// The backend.
    pub backend: Arc<str>,
    /// The figure of each good run with its round.
    pub values: Vec<(u32, f64)>,
    /// The number of runs without a figure.
    pub failed: u32,
    /// The number of good runs that other load disturbed and that are therefore not among
    /// the values; of a row in which all are disturbed, they are, and the row is barred.
    pub disturbed: u32,
    /// The largest share of its CPUs that a run among the values lacked.
    pub lacked: f64,
    /// The reason that the row may not be compared: its work was not verified, a figure is
    /// missing or zero, or other load disturbed every run. Absent if it may be compared.
    pub barred: Option<Arc<str>>,
    /// The meter, for joules.
    pub meter: Option<Arc<Meter>>,
    /// Flags of its runs, without repeats.
    pub flags: Vec<Flag>,
    /// Caveat on the figure, which holds in every comparison.
    pub caveat: Option<Arc<str>>,
    /// Context fields of the entry, which may explain a difference.
    pub context: Arc<Context>,
}

/// The meter behind a figure, as far as comparisons need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// Id of the meter.
    pub id: String,
    /// Its stated scale error, relative, at coverage factor 2; absent if none is stated.
    pub gain_rel: Option<f64>,
    /// True if the figure is an estimate rather than a measurement.
    pub estimate: bool,
    /// The grade of the row's figure.
    pub grade: Option<Grade>,
}

impl Row {
    /// The reason that a product that shaders computed does not stand for its device, as its
    /// matrix units were not reached.
    pub fn beyond_shaders(&self) -> Option<NotAi> {
        match self.key.workload()?.work()? {
            Work::Matmul(of) => {
                not_ai(&self.device_model, &self.backend, of).filter(|why| *why != NotAi::Single)
            }
            Work::Sha256d | Work::Gemv(_) | Work::Stream(_) => None,
        }
    }
}

impl Session {
    /// Takes the parts that comparisons need from a record that was read from `path`.
    pub fn of(path: &Path, record: &Record, interner: &Interner) -> Self {
        let started = record.session.segments.first();
        let mut rows = Vec::new();
        for summary in &record.summary {
            if let Some(entry) = record.plan.entries.get(summary.entry as usize) {
                rows.extend(rows_of(record, entry, summary, interner));
            }
        }
        let miners = pool::title(record);
        let host = record.host.specimen.as_ref();
        let host = host.unwrap_or(&record.machine.key).as_str();
        let specimen = match &miners {
            Some(miners) => format!("{host} {miners}"),
            None => host.to_owned(),
        };
        Self {
            path: path.to_owned(),
            id: record.session.id.clone(),
            label: match record.session.label.trim() {
                "" => record.config.suite.clone(),
                label => label.to_owned(),
            },
            started_utc: started.map_or_else(String::new, |s| s.started_utc.clone()),
            machine: interner.text(&record.machine.key),
            specimen: interner.text(&specimen),
            known: record.host.specimen.is_some(),
            node: record
                .session
                .node
                .as_deref()
                .map(|node| interner.text(node)),
            tags: record.session.tags.clone(),
            stated: Stated::of(&record.session),
            machine_name: interner.text(&machine_name(record)),
            miners: miners.map(|miners| interner.text(&miners)),
            complete: record.complete,
            selfcheck: record.config.selfcheck,
            rounds: record.config.rounds,
            runs: record.runs.len(),
            meters: record.meters.len(),
            cpu_bf16: has_bf16(&record.host.cpu.isa),
            fingerprints: record.runs.iter().flat_map(fingerprints).collect(),
            context: interner.context(context::of_session(record)),
            rows,
        }
    }
}

/// The machine in words: its processor, the number of cores, and `guest` if it is one. Miners
/// come first by their names: the machine is then the one that counted.
pub fn machine_name(record: &Record) -> String {
    let cpu = &record.host.cpu;
    let model = cpu.model.as_deref().unwrap_or("unknown processor").trim();
    let cores = cpu
        .cores
        .map_or_else(String::new, |cores| format!(", {cores} cores"));
    let guest = match record.host.virtualization.guest {
        Some(true) => ", guest",
        _ => "",
    };
    let miners = pool::title(record).map(|miners| format!("{miners}, counted by "));
    format!("{}{model}{cores}{guest}", miners.unwrap_or_default())
}

fn rows_of(record: &Record, entry: &Entry, summary: &Summary, interner: &Interner) -> Vec<Row> {
    let runs: Vec<&Run> = record
        .runs
        .iter()
        .filter(|run| run.entry == summary.entry)
        .collect();
    let gpu = record.plan.gpus.iter().find(|gpu| gpu.name == entry.device);
    let cpu = || record.host.cpu.model.as_deref().unwrap_or("unknown");
    let model = match (gpu, pool::is_asic(&entry.device)) {
        (_, true) => pool::model(record, &entry.device),
        (Some(gpu), _) => gpu.model.clone(),
        (None, _) => cpu().to_owned(),
    };
    let failed = runs
        .iter()
        .filter(|run| run.status != Status::Ok || run.measured.is_none())
        .count() as u32;
    let barred = match (summary.verified, failed as usize == runs.len()) {
        (_, true) => Some(interner.text("no run gave a figure")),
        (false, false) => Some(interner.text(&format!("not verified: {}", summary.verification))),
        (true, false) => why_disturbed(record, summary.entry).map(|why| interner.text(&why)),
    };
    let good = runs.iter().filter(|run| run.status == Status::Ok);
    let disturbed = good.clone().filter(|run| is_disturbed(run)).count() as u32;
    let runs = pooled(good.copied());
    let shares = runs.iter().filter_map(|run| CpuShare::of(record, run));
    let lacked = shares.map(|share| share.lacked()).fold(0.0, f64::max);
    // Of runs that are left out, only their number is told.
    let flags = distinct_flags(&runs);
    let base = Row {
        key: interner.key(Key::rate(record, entry)),
        metric: Metric::Rate,
        origin: interner.text(&record.session.id),
        name: interner.text(entry.work_name()),
        device: interner.text(&entry.device),
        device_model: interner.text(model.trim()),
        backend: interner.text(&entry.backend),
        values: figures(&runs, |measured| Some(measured.rate_per_s)),
        failed,
        disturbed,
        lacked,
        barred,
        meter: None,
        flags,
        caveat: None,
        context: interner.context(context::of_entry(record, entry)),
    };
    let mut rows = vec![base.clone()];
    for (meter, grade) in best_meters(record, summary) {
        let info = &record.meters[meter as usize];
        let mut row = base.clone();
        row.key = interner.key(Key::energy(record, entry, info));
        row.metric = Metric::Energy;
        row.values = figures(&runs, |measured| {
            let of = measured.energy.iter().find(|e| e.meter == meter)?;
            Some(of.energy_per_unit_j)
        });
        row.meter = Some(Arc::new(Meter {
            id: info.id.clone(),
            gain_rel: info.gain_uncertainty_rel,
            estimate: info.provenance.is_estimate(),
            grade,
        }));
        let zero = row.values.iter().any(|(_, value)| *value <= 0.0);
        if zero && row.barred.is_none() {
            row.barred = Some(interner.text("the meter read zero joules in a run"));
        }
        rows.push(row);
    }
    rows
}

/// The flags of these runs, without repeats.
fn distinct_flags(runs: &[&Run]) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for flag in runs.iter().flat_map(|run| &run.flags) {
        if !flags.contains(flag) {
            flags.push(*flag);
        }
    }
    flags
}

fn figures(
    runs: &[&Run],
    of: impl Fn(&perwatt_record::schema::Measured) -> Option<f64>,
) -> Vec<(u32, f64)> {
    runs.iter()
        .filter(|run| run.status == Status::Ok)
        .filter_map(|run| Some((run.round, of(run.measured.as_ref()?)?)))
        .filter(|(_, value)| value.is_finite())
        .collect()
}

/// For each boundary the meter with the best grade, the first of equals.
fn best_meters(record: &Record, summary: &Summary) -> Vec<(u32, Option<Grade>)> {
    let mut best: Vec<(u32, Option<Grade>)> = Vec::new();
    for energy in &summary.energy {
        let Some(info) = record.meters.get(energy.meter as usize) else {
            continue;
        };
        if energy.energy_per_unit_j.is_none() {
            continue;
        }
        let of = |kept: &(u32, Option<Grade>)| &record.meters[kept.0 as usize];
        let found = (energy.meter, energy.grade);
        let place = best
            .iter_mut()
            .find(|kept| (of(kept).boundary, &of(kept).covers) == (info.boundary, &info.covers));
        match place {
            Some(kept) if rank(info, found.1) < rank(of(kept), kept.1) => *kept = found,
            Some(_) => {}
            None => best.push(found),
        }
    }
    best
}

/// Sort key of a meter, lower is better: a measurement before an estimate, then by grade,
/// and a figure without a grade last.
fn rank(info: &MeterInfo, grade: Option<Grade>) -> (bool, bool, Option<Grade>) {
    (info.provenance.is_estimate(), grade.is_none(), grade)
}
