//! Made-up records for tests and benchmarks of code that reads records. They are
//! well-formed and sealed, each figure is derived from its series, and nothing in them was
//! measured.
//!
//! Requires the feature `fixture`, which no product build enables.

pub mod busy;
pub mod changes;
mod entries;
pub mod miner;
pub mod noise;

pub use entries::{card, hashes, product, square, stream};

use std::collections::BTreeMap;
use std::path::Path;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::{Boundary, Covers, MeterInfo, Quantity};

use crate::commitment;
use crate::derive::{self, Window};
use crate::order::order_of_round;
use crate::schema::{
    Config, EnergySeries, Entry, Failure, FailureKind, Gpu, Plan, Proof, Protocol, Record, Run,
    SchemaId, Segment, Session, Status, Threads, Tool,
};
use crate::work::rounding;
use crate::workload_rules::check_seed;

/// Largest number of work samples of a run, and the number of samples after its window.
const MOST_SAMPLES: u64 = 100_000;
const AFTER_WINDOW: u64 = 5;
/// Approximate time between two samples, in seconds.
const SAMPLE_S: f64 = 0.05;

/// Description of a made-up session.
#[derive(Debug, Clone)]
pub struct Made {
    /// `session.label`.
    pub label: String,
    /// Sessions of the same number have the same id.
    pub id: u64,
    /// `session.node`.
    pub node: Option<String>,
    /// `session.tags`.
    pub tags: BTreeMap<String, String>,
    /// `session.price_usd`.
    pub price_usd: Option<f64>,
    /// `session.rent_usd_per_h`.
    pub rent_usd_per_h: Option<f64>,
    /// `host.specimen`.
    pub specimen: Option<String>,
    /// The processor's model, which tells models of machines apart.
    pub cpu: String,
    /// Start, in seconds since 1970.
    pub started_unix_s: u32,
    /// The entries of the plan.
    pub entries: Vec<MadeEntry>,
    /// The meter, if any.
    pub meter: Option<MeterInfo>,
    /// The GPUs that entries name.
    pub gpus: Vec<Gpu>,
}

/// One entry and the results of its runs.
#[derive(Debug, Clone)]
pub struct MadeEntry {
    /// The entry.
    pub entry: Entry,
    /// The rate of each round's run, in units per second.
    pub rates_per_s: Vec<f64>,
    /// Power during its runs, in watts.
    pub power_w: f64,
}

impl Made {
    /// A session of one entry, [`square`] on the CPU.
    pub fn one(label: &str, id: u64, rates_per_s: &[f64]) -> Self {
        Self {
            label: label.into(),
            node: None,
            tags: BTreeMap::new(),
            price_usd: None,
            rent_usd_per_h: None,
            specimen: None,
            id,
            cpu: "Example CPU".into(),
            started_unix_s: 1_760_000_000,
            entries: vec![MadeEntry {
                entry: square("cpu", "embedded"),
                rates_per_s: rates_per_s.to_vec(),
                power_w: 100.0,
            }],
            meter: None,
            gpus: Vec::new(),
        }
    }

    /// Builds the sealed record. Entries take turns in each round.
    pub fn record(&self) -> Record {
        let mut host = Environment::collect(Path::new("/nowhere"));
        host.cpu.model = Some(self.cpu.clone());
        host.cpu.cores = Some(8);
        host.specimen = self.specimen.clone();
        let rounds = self.entries.iter().map(|e| e.rates_per_s.len()).max();
        let rounds = rounds.unwrap_or(0) as u32;
        let mut record = Record {
            schema: SchemaId::current(),
            digest: String::new(),
            complete: true,
            session: self.session(),
            tool: tool(),
            machine: MachineKey::of(&host),
            host,
            threads: Threads {
                count: 8,
                reason: "made up".into(),
                pinned_cpus: None,
            },
            config: Config {
                suite: "quick".into(),
                rounds,
                protocol: protocol(),
                selfcheck: false,
                cards_at_once: None,
            },
            plan: Plan {
                entries: self.entries.iter().map(|e| e.entry.clone()).collect(),
                skipped: Vec::new(),
                trials: Vec::new(),
                gpus: self.gpus.clone(),
                asics: Vec::new(),
            },
            meters: self.meter.iter().cloned().collect(),
            meters_unavailable: Vec::new(),
            channels: Vec::new(),
            joined: Vec::new(),
            idle: Vec::new(),
            runs: Vec::new(),
            summary: Vec::new(),
        };
        let entries = self.entries.len() as u32;
        let mut started_ns = 0;
        for round in 0..rounds {
            let order = order_of_round(record.session.seed, round, entries);
            for (position, index) in (0..).zip(order) {
                let entry = &self.entries[index as usize];
                let Some(rate) = entry.rates_per_s.get(round as usize) else {
                    continue;
                };
                let mut run = self.run(entry, *rate, started_ns);
                (run.entry, run.round, run.position) = (index, round, position);
                if let Some(Proof::Freivalds { seed, .. }) = &mut run.proof {
                    *seed = check_seed(record.session.seed, round, index);
                }
                started_ns = run.work.last().map_or(0, |(t, _)| t + 500_000_000);
                record.runs.push(run);
            }
        }
        derive_again(&mut record);
        record
    }

    fn session(&self) -> Session {
        let utc = jiff::Timestamp::from_second(i64::from(self.started_unix_s));
        let utc = utc.unwrap_or_default().to_string();
        Session {
            id: String::new(),
            label: self.label.clone(),
            node: self.node.clone(),
            tags: self.tags.clone(),
            price_usd: self.price_usd,
            rent_usd_per_h: self.rent_usd_per_h,
            note: None,
            // Without a verb: rounds and windows are made up as tests need them.
            argv: vec!["perwatt".into()],
            salt: Some(format!("{:032x}", self.id)),
            challenge: None,
            seed: self.id & ((1 << 53) - 1),
            segments: vec![Segment {
                started_utc: utc.clone(),
                started_unix_s: self.started_unix_s,
                written_utc: utc,
                clock_origin_ns: 5_000_000_000,
                interrupted: false,
                settings: BTreeMap::new(),
            }],
        }
    }

    fn run(&self, entry: &MadeEntry, rate_per_s: f64, started_ns: u64) -> Run {
        let per_step = entry.entry.work_per_step as f64;
        let nominal = entry.rates_per_s[0];
        let steps = (nominal * SAMPLE_S / per_step).round().max(1.0);
        // Steps are whole numbers, so the rate is encoded in the times of the samples.
        let sample_s = steps * per_step / rate_per_s;
        let first_ns = started_ns + 10_000_000;
        // Jitter, so that no two runs report at the same intervals.
        let mut jitter = started_ns ^ self.id.rotate_left(32) ^ entry.entry.id.len() as u64;
        let mut at = |i: u64| {
            jitter = jitter
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            first_ns + (i as f64 * sample_s * 1e9).round() as u64 + (jitter >> 32) % 64
        };
        let protocol = protocol();
        let mut window = Window::new(&protocol);
        let mut work: Vec<(u64, u64)> = Vec::new();
        let mut left = AFTER_WINDOW;
        for i in 0..MOST_SAMPLES {
            let sample = (at(i), i * steps as u64);
            work.push(sample);
            if window.push(sample.0, sample.1) {
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        let energy = self.meter.iter().map(|meter| {
            let end = work.last().map_or(0, |(t, _)| *t);
            let late_ns = |i: u64| i * i % 5 * (1 + started_ns % 999_983);
            let ticks = (started_ns..end).step_by(50_000_000).zip(0..);
            let ticks = ticks.map(|(t, i)| t + late_ns(i));
            let value = |t: u64| match meter.quantity {
                Quantity::EnergyJ => (t - started_ns) as f64 * 1e-9 * entry.power_w,
                Quantity::PowerW => entry.power_w,
            };
            EnergySeries::new(0, ticks.map(|t| (t, value(t))).collect())
        });
        Run {
            entry: 0,
            round: 0,
            position: 0,
            segment: 0,
            pid: Some(1000),
            started_ns,
            status: Status::Ok,
            steady: window.steady(),
            energy: energy.collect(),
            work,
            state: Vec::new(),
            settings_changed: BTreeMap::new(),
            proof: Some(Proof::Freivalds {
                rounds: 10,
                seed: 1,
                max_ratio: 0.25,
                probes: (entry.entry.device == "cpu").then_some(100),
                tolerance: (entry.entry.workload.named().work())
                    .and_then(|work| rounding(work, &entry.entry.backend))
                    .map(Into::into),
            }),
            device_time: None,
            cpu_time: None,
            flags: Vec::new(),
            measured: None,
        }
    }
}

/// Sets the session's id to the commitment to its facts; a session of an older version
/// keeps its id.
fn commit(record: &mut Record) {
    if commitment::applies(&record.schema)
        && let Ok(id) = commitment::id(record)
    {
        record.session.id = id;
    }
}

/// Sets the time at which the session was written to the end of its runs.
fn end(record: &mut Record) {
    let last_ns = record.runs.iter().filter_map(|run| run.work.last());
    let lasted_s = last_ns.map(|(t, _)| t.div_ceil(1_000_000_000)).max();
    if let [segment] = record.session.segments.as_mut_slice() {
        let end = i64::from(segment.started_unix_s) + lasted_s.unwrap_or(0) as i64;
        let end = jiff::Timestamp::from_second(end).unwrap_or_default();
        segment.written_utc = end.to_string();
    }
}

/// Recomputes the id, the windows and every figure of a changed record and seals it.
pub fn derive_again(record: &mut Record) {
    end(record);
    commit(record);
    for run in &mut record.runs {
        run.steady = Window::of(&run.work, &record.config.protocol);
    }
    derive_figures(record);
    // A record of finite numbers always has a canonical form.
    let sealed = record.seal();
    debug_assert!(sealed.is_ok());
}

/// Derives every figure again, with the windows unchanged.
pub fn derive_figures(record: &mut Record) {
    for i in 0..record.runs.len() {
        record.runs[i].measured = match record.runs[i].status {
            Status::Ok => derive::measure(record, &record.runs[i]),
            Status::Failed(_) => None,
        };
    }
    record.summary = derive::summarise(record);
}

/// The rates of ten runs around a centre, evenly spaced within half a percent on either
/// side.
pub fn ten_around(centre: f64) -> Vec<f64> {
    (0..10)
        .map(|i| centre * (0.9955 + 0.001 * f64::from(i)))
        .collect()
}

/// An energy counter of the whole processor package.
pub fn counter(id: &str, gain_uncertainty_rel: Option<f64>) -> MeterInfo {
    MeterInfo {
        domains: vec!["package-0".into()],
        quantum_j: Some(6.103_515_625e-5),
        update_period_s: Some(0.05),
        gain_uncertainty_rel,
        ..MeterInfo::new(
            id,
            format!("made-up counter {id}"),
            Covers::Machine,
            Boundary::Package,
            Quantity::EnergyJ,
        )
    }
}

/// The status of a run that crashed.
pub fn crashed() -> Status {
    Status::Failed(Failure {
        kind: FailureKind::Crashed,
        message: "signal 9".into(),
    })
}

/// The build that measured.
pub fn tool() -> Tool {
    Tool {
        name: "perwatt".into(),
        version: "0.1.0".into(),
        git: None,
        rustc: "rustc 1.95.0".into(),
        target: "x86_64-unknown-linux-gnu".into(),
        profile: "release, opt-level 3".into(),
        rustflags: String::new(),
        target_features: "fxsr,sse,sse2".into(),
    }
}

/// Timing rules: windows of one second after a warm-up of at most 1.5 s.
pub fn protocol() -> Protocol {
    Protocol {
        window_s: 1.0,
        warmup_min_s: 0.5,
        warmup_max_s: 1.5,
        settle_s: 0.0,
        steady_tolerance: 0.03,
        stall_timeout_s: 60.0,
        idle_s: 0.0,
        energy_error_rel: 0.005,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::file::parse;

    #[test]
    fn a_made_up_record_stands_up_to_every_check() {
        let mut made = Made::one("x", 7, &[4e11, 4.2e11, 3.9e11]);
        made.meter = Some(counter("rapl", None));
        let record = made.record();
        let loaded = parse(Path::new("x.json"), &record.to_bytes().unwrap()).unwrap();
        let report = check(&loaded);
        assert!(!report.failed(), "{:?}", report.lines);
        let rates: Vec<f64> = record
            .runs
            .iter()
            .map(|run| run.measured.as_ref().unwrap().rate_per_s)
            .collect();
        for (found, wanted) in rates.iter().zip([4e11, 4.2e11, 3.9e11]) {
            assert!((found / wanted - 1.0).abs() < 1e-6);
        }
        let energy = record.summary[0].energy[0]
            .energy_per_unit_j
            .as_ref()
            .unwrap();
        assert!((energy.median / (100.0 / 4e11) - 1.0).abs() < 1e-3);
    }
}
