//! A small, complete, honest record: its shares are found by hashing and its figures are
//! derived. All inputs are fixed, so it is always the same.
#![allow(dead_code)]

use std::path::Path;
use std::sync::OnceLock;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::{MeterInfo, Provenance, Quantity};
use perwatt_record::check::{CheckReport, Outcome, check};
use perwatt_record::derive::Window;
use perwatt_record::file::{Loaded, ReadError, parse};
use perwatt_record::fixture::Made;
use perwatt_record::order::order_of_round;
use perwatt_record::proof::{Binding, VERSION};
use perwatt_record::schema::{EnergySeries, Entry, Git, Proof, Run, Share, Skipped, Status};
use perwatt_record::workload_rules::check_seed;
use perwatt_record::{Record, commitment, fixture};

pub const MS: u64 = 1_000_000;
pub const ROUNDS: u32 = 6;
pub const HASHING: u32 = 0;
pub const MATMUL: u32 = 1;
const SHARE_BITS: u32 = 6;
const STARTED_UNIX_S: u32 = 1_760_000_000;
/// Number of work samples of a run, 50 ms apart.
const SAMPLES: u64 = 40;

/// The honest record, sealed.
pub fn honest() -> Record {
    static RECORD: OnceLock<Record> = OnceLock::new();
    RECORD.get_or_init(build).clone()
}

/// The first `runs` runs of [`honest`], as an interrupted session would leave them.
pub fn incomplete(runs: usize) -> Record {
    let mut record = honest();
    record.runs.truncate(runs);
    record.complete = false;
    record.session.segments[0].interrupted = true;
    rederive(&mut record);
    record.seal().unwrap();
    record
}

/// Derives every figure again, as an editor who knows the tool would.
pub fn rederive(record: &mut Record) {
    fixture::derive_figures(record);
}

/// Sets the session's id to the commitment to its facts.
pub fn recommit(record: &mut Record) {
    record.session.id = commitment::id(record).unwrap();
}

/// Writes the record to bytes and reads them back.
pub fn load(record: &Record) -> Result<Loaded, ReadError> {
    parse(Path::new("test.json"), &record.to_bytes().unwrap())
}

pub fn check_of(record: &Record) -> CheckReport {
    check(&load(record).unwrap())
}

/// Names of the rules that the record breaks.
pub fn broken(report: &CheckReport) -> Vec<&'static str> {
    rules_of(report, Outcome::Fail)
}

/// Names of the rules with this outcome.
pub fn rules_of(report: &CheckReport, outcome: Outcome) -> Vec<&'static str> {
    let lines = report.lines.iter().filter(|l| l.outcome == outcome);
    lines.map(|l| l.rule).collect()
}

pub fn runs_of(record: &mut Record, entry: u32) -> impl Iterator<Item = &mut Run> {
    record.runs.iter_mut().filter(move |run| run.entry == entry)
}

pub fn run_of(record: &mut Record, entry: u32) -> &mut Run {
    runs_of(record, entry).next().unwrap()
}

pub fn shares_of(record: &mut Record) -> &mut Vec<Share> {
    match &mut run_of(record, HASHING).proof {
        Some(Proof::Shares { shares, .. }) => shares,
        other => panic!("no shares but {other:?}"),
    }
}

pub fn claimed_of(record: &mut Record) -> &mut u64 {
    match &mut run_of(record, HASHING).proof {
        Some(Proof::Shares { claimed_hashes, .. }) => claimed_hashes,
        other => panic!("no shares but {other:?}"),
    }
}

fn build() -> Record {
    let mut record = Made::one("rack-7", 0, &[]).record();
    record.host = Environment::collect(Path::new("/nowhere"));
    record.machine = MachineKey::of(&record.host);
    let session = &mut record.session;
    session.salt = Some("0123456789abcdef0123456789abcdef".into());
    session.note = Some("honest, \"quoted\", µ".into());
    session.argv.push("run".into());
    session.seed = 42;
    session.segments[0].written_utc = "2025-10-09T08:54:20Z".into();
    record.tool.git = Some(Git {
        commit: "5".repeat(40),
        dirty: false,
    });
    record.threads.count = 2;
    record.threads.reason = "as asked for (--threads)".into();
    record.config.rounds = ROUNDS;
    record.config.protocol.warmup_max_s = 1.2;
    record.plan.entries = entries();
    record.plan.skipped = vec![Skipped {
        what: "sha256d/cpu/aarch64-sha".into(),
        reason: "needs aarch64".into(),
        fix: None,
    }];
    record.meters = vec![
        meter("counter", Quantity::EnergyJ, Provenance::Counter),
        meter("samples", Quantity::PowerW, Provenance::PowerSamples),
    ];
    recommit(&mut record);
    for round in 0..ROUNDS {
        for (position, entry) in (0..).zip(order_of_round(record.session.seed, round, 2)) {
            let started_ns = u64::from(round * 2 + position) * 3000 * MS;
            let run = run(&record, entry, round, position, started_ns);
            record.runs.push(run);
        }
    }
    rederive(&mut record);
    record.seal().unwrap();
    record
}

fn run(record: &Record, entry: u32, round: u32, position: u32, started_ns: u64) -> Run {
    let per_sample = if entry == HASHING {
        200 + u64::from(round)
    } else {
        3 + u64::from(round)
    };
    let first_ns = started_ns + 10 * MS;
    // Delays that keep any two runs from reporting at the same intervals.
    let late_ns = |i: u64| i * i % 7 * u64::from(1 + round * 2 + position);
    let work: Vec<_> = (0..=SAMPLES)
        .map(|i| (first_ns + i * 50 * MS + late_ns(i), i * per_sample))
        .collect();
    let steps = SAMPLES * per_sample;
    let proof = if entry == HASHING {
        let id = &record.plan.entries[entry as usize].id;
        let binding = Binding::new(
            &record.session.id,
            &record.machine.key,
            id,
            round,
            SHARE_BITS,
        );
        Proof::Shares {
            share_bits: SHARE_BITS,
            claimed_hashes: steps,
            shares: find_shares(&binding, STARTED_UNIX_S, SHARE_BITS, steps),
        }
    } else {
        Proof::Freivalds {
            rounds: 10,
            seed: check_seed(record.session.seed, round, entry),
            max_ratio: 0.25,
            probes: Some(7),
            tolerance: None,
        }
    };
    let watts = 10.0 + f64::from(round) * 0.1 + f64::from(entry);
    let late_ns = |i: u64| i * i % 5 * u64::from(1 + round * 2 + position);
    let times = (0..42).map(|i| started_ns + 7 * MS + i * 50 * MS + late_ns(i));
    // The counter updates every 100 ms, so every other sample repeats the one before.
    let counter = times
        .clone()
        .map(|t| (t, (t / (100 * MS)) as f64 * 0.1 * watts))
        .collect();
    let samples = times
        .zip(0..)
        .map(|(t, i)| (t, watts + f64::from(i % 5) * 0.03))
        .collect();
    Run {
        entry,
        round,
        position,
        segment: 0,
        pid: Some(1000 + round * 2 + position),
        started_ns,
        status: Status::Ok,
        steady: Window::of(&work, &record.config.protocol),
        work,
        energy: vec![EnergySeries::new(0, counter), EnergySeries::new(1, samples)],
        state: Vec::new(),
        settings_changed: Default::default(),
        proof: Some(proof),
        flags: Vec::new(),
        device_time: None,
        cpu_time: None,
        measured: None,
    }
}

/// All shares among the first `hashes` nonces.
pub fn find_shares(binding: &Binding, time: u32, bits: u32, hashes: u64) -> Vec<Share> {
    (0..hashes as u32)
        .map(|nonce| Share(VERSION, time, 0, nonce))
        .filter(|share| binding.leading_zero_bits(share) >= bits)
        .collect()
}

fn entries() -> Vec<Entry> {
    let mut square = fixture::square("cpu", "embedded");
    square.id = "matmul/f32/square-64/cpu/embedded".into();
    square.workload.params = [("shape", "64x64x64"), ("input_seed", "1")]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    square.backend_detail = Some("gemm 0.19".into());
    square.work_per_step = 2 * 64 * 64 * 64;
    vec![fixture::hashes("cpu", "portable"), square]
}

pub fn meter(id: &str, quantity: Quantity, provenance: Provenance) -> MeterInfo {
    MeterInfo {
        description: format!("test meter {id}"),
        provenance,
        quantity,
        update_period_s: Some(0.1),
        ..fixture::counter(id, None)
    }
}
