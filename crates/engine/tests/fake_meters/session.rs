//! Sessions on virtual time: two rows of known power next to each other, read by a meter of
//! known behaviour.

use perwatt_power::{MeterInfo, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{self, Window};
use perwatt_record::fixture::noise::Noise;
use perwatt_record::fixture::{Made, MadeEntry, square};
use perwatt_record::order::order_of_round;
use perwatt_record::schema::{EnergySeries, Idle, Protocol, Run};

/// Power of the two rows, in watts.
pub const ROWS_W: [f64; 2] = [50.0, 300.0];
/// Power of the idle machine, and of whatever ran before the session, in watts.
pub const IDLE_W: f64 = 20.0;
const BEFORE_W: f64 = 150.0;
/// Power while a worker prepares its inputs, in watts.
const PREPARING_W: f64 = 60.0;
/// Seconds between reports of work, and length of a cell of constant power.
const STEP_S: f64 = 0.05;
/// Rounds of a session.
pub const ROUNDS: u32 = 6;
/// A load that computes the same again and again still varies by about half a percent.
pub const CALM: f64 = 0.005;

/// A meter of known behaviour.
#[derive(Clone)]
pub struct FakeMeter {
    pub name: &'static str,
    /// Its description, as the engine writes it.
    pub info: MeterInfo,
    /// Seconds between readings.
    pub interval_s: f64,
    /// Seconds between updates of the reading.
    pub update_s: f64,
    /// Seconds over which it averages; 0 for an instantaneous reading.
    pub averaging_s: f64,
    /// Seconds by which it is late.
    pub delay_s: f64,
    /// Coefficient of variation of the power that it measures.
    pub scatter: f64,
}

/// Power over time, in cells of constant power, with the energy before each.
#[derive(Default)]
struct Power {
    watts: Vec<f64>,
    before_j: Vec<f64>,
}

impl Power {
    /// Adds a stretch around this power, which varies by `scatter`; neighbouring moments are
    /// alike.
    fn add(&mut self, watts: f64, seconds: f64, scatter: f64, random: &mut Noise) {
        let mut deviation = scatter * random.normal();
        for _ in 0..(seconds / STEP_S).round() as usize {
            deviation = 0.8 * deviation + 0.6 * scatter * random.normal();
            let before_j = match (self.before_j.last(), self.watts.last()) {
                (Some(joules), Some(watts)) => joules + watts * STEP_S,
                _ => 0.0,
            };
            self.before_j.push(before_j);
            self.watts.push(watts * (1.0 + deviation));
        }
    }

    fn end_s(&self) -> f64 {
        self.watts.len() as f64 * STEP_S
    }

    fn at(&self, t_s: f64) -> f64 {
        let cell = (t_s.max(0.0) / STEP_S) as usize;
        self.watts[cell.min(self.watts.len() - 1)]
    }

    /// Joules from the start to this moment.
    fn until_j(&self, t_s: f64) -> f64 {
        let t_s = t_s.max(0.0);
        let cell = ((t_s / STEP_S) as usize).min(self.watts.len() - 1);
        self.before_j[cell] + self.watts[cell] * (t_s - cell as f64 * STEP_S)
    }
}

/// The readings of a meter between two moments.
struct Readings<'a> {
    power: &'a Power,
    meter: &'a FakeMeter,
    phase_s: f64,
    /// True power times this is what it shows.
    gain: f64,
}

impl Readings<'_> {
    fn between(&self, from_s: f64, to_s: f64) -> EnergySeries {
        let meter = self.meter;
        let first = (from_s / meter.interval_s).ceil() as u64;
        let times = (first..).map(|n| n as f64 * meter.interval_s);
        let samples = times.take_while(|t| *t <= to_s).map(|t_s| {
            let updates = ((t_s - self.phase_s) / meter.update_s).floor();
            let shown_s = updates * meter.update_s + self.phase_s - meter.delay_s;
            if meter.info.quantity == Quantity::EnergyJ {
                return (ns(t_s), self.power.until_j(shown_s) * self.gain);
            }
            let watts = match meter.averaging_s {
                0.0 => self.power.at(shown_s),
                long => (self.power.until_j(shown_s) - self.power.until_j(shown_s - long)) / long,
            };
            (ns(t_s), (watts * self.gain * 10.0).round() / 10.0)
        });
        EnergySeries::new(0, samples.collect())
    }
}

fn ns(t_s: f64) -> u64 {
    (t_s * 1e9).round() as u64
}

/// The record of a session of so many rounds by this meter under these timing rules.
pub fn record(meter: &FakeMeter, protocol: &Protocol, rounds: u32, random: &mut Noise) -> Record {
    let entries = ["embedded", "cblas"].map(|backend| MadeEntry {
        entry: square("cpu", backend),
        rates_per_s: vec![1e12],
        power_w: 100.0,
    });
    let mut record = Made {
        entries: entries.to_vec(),
        meter: Some(meter.info.clone()),
        ..Made::one("virtual", 1, &[])
    }
    .record();
    record.config.protocol = protocol.clone();
    record.config.rounds = rounds;
    let template = record.runs[0].clone();
    record.runs.clear();

    let mut power = Power::default();
    power.add(BEFORE_W, 10.0, CALM, random);
    let mut idle = vec![power.end_s()];
    power.add(IDLE_W, protocol.idle_s, CALM, random);
    for round in 0..rounds {
        for entry in order_of_round(random.0 >> 12, round, 2) {
            let of = [entry, round];
            let run = run(&template, of, protocol, meter.scatter, &mut power, random);
            record.runs.push(run);
        }
    }
    idle.push(power.end_s());
    power.add(IDLE_W, protocol.idle_s, CALM, random);

    let readings = Readings {
        power: &power,
        meter,
        phase_s: random.unit() * meter.update_s,
        // Within the stated scale error in 95 % of all meters.
        gain: 1.0 + random.normal() * meter.info.gain_uncertainty_rel.unwrap() / 2.0,
    };
    let seconds = |t_ns: u64| t_ns as f64 * 1e-9;
    for i in 0..record.runs.len() {
        let run = &record.runs[i];
        let end_s = seconds(run.work.last().unwrap().0);
        let energy = readings.between(seconds(run.started_ns), end_s);
        record.runs[i].energy = vec![energy];
        record.runs[i].measured = derive::measure(&record, &record.runs[i]);
    }
    for started_s in idle {
        let ended_s = started_s + protocol.idle_s;
        record.idle.push(Idle {
            segment: 0,
            after_runs: 0,
            started_ns: ns(started_s),
            ended_ns: ns(ended_s),
            energy: vec![readings.between(started_s, ended_s)],
        });
    }
    record.summary = derive::summarise(&record);
    record
}

/// One run of a row in a round, and its power.
fn run(
    template: &Run,
    [entry, round]: [u32; 2],
    protocol: &Protocol,
    scatter: f64,
    power: &mut Power,
    random: &mut Noise,
) -> Run {
    let started_ns = ns(power.end_s());
    power.add(PREPARING_W, 0.3, CALM, random);
    let load_s = power.end_s();
    let mut window = Window::new(protocol);
    let mut work = Vec::new();
    let (mut past, mut step) = (0, 0u64);
    // The load runs on for two reports after its window.
    while past < 3 {
        let t_ns = ns(load_s + step as f64 * STEP_S);
        work.push((t_ns, step * 1000));
        past += u32::from(window.push(t_ns, step * 1000));
        step += 1;
    }
    let load_w = ROWS_W[entry as usize];
    power.add(load_w, (step - 1) as f64 * STEP_S, scatter, random);
    power.add(IDLE_W, 0.2, CALM, random);
    Run {
        entry,
        round,
        started_ns,
        steady: window.steady(),
        work,
        ..template.clone()
    }
}

/// True joules per unit of a row.
pub fn true_per_unit_j(record: &Record, entry: usize) -> f64 {
    let per_s = 1000.0 / STEP_S * record.plan.entries[entry].work_per_step as f64;
    ROWS_W[entry] / per_s
}
