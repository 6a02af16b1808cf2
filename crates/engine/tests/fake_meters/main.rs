//! Joules by meters of known behaviour at known power: in simulated sessions, the stated
//! interval must cover the truth, or the figure is not measured with a reason.
//!
//! The rates are printed by
//! `cargo test -p perwatt-engine --test fake_meters -- --nocapture`.

mod promise;
mod session;

use perwatt_engine::plan::{PlannedMeter, Request, fit};
use perwatt_power::{Boundary, Covers, MeterInfo, Pace, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{IdlePowers, missing_energy};
use perwatt_record::fixture::noise::Noise;
use perwatt_record::schema::Protocol;
use perwatt_record::suite::Suite;
use session::{CALM, FakeMeter, IDLE_W, ROUNDS, record, true_per_unit_j};

const SESSIONS: u64 = 200;
/// The smallest share of figures whose interval covers the truth.
const LEAST_COVERED: f64 = 0.93;

fn fake(name: &'static str, update_s: f64, averaging_s: f64, delay_s: f64) -> FakeMeter {
    FakeMeter {
        name,
        info: MeterInfo {
            quantum_w: Some(0.1),
            update_period_s: Some(update_s),
            averaging_s: (averaging_s > 0.0).then_some(averaging_s),
            look_back_s: Some(averaging_s + delay_s),
            gain_uncertainty_rel: Some(0.005),
            ..MeterInfo::new(
                name,
                "made up",
                Covers::Machine,
                Boundary::Wall,
                Quantity::PowerW,
            )
        },
        interval_s: 0.05,
        update_s,
        averaging_s,
        delay_s,
        scatter: CALM,
    }
}

/// Numbers of figures that cover the truth, miss it, or are absent.
#[derive(Default, Debug)]
struct Counted {
    covered: u32,
    missed: u32,
    absent: u32,
    /// The reasons that figures are absent, without repeats.
    reasons: Vec<String>,
}

impl Counted {
    fn count(&mut self, value: f64, off_rel: f64, truth: f64) {
        match (value / truth - 1.0).abs() <= off_rel {
            true => self.covered += 1,
            false => self.missed += 1,
        }
    }

    fn rate(&self) -> f64 {
        f64::from(self.covered) / f64::from((self.covered + self.missed).max(1))
    }
}

/// Counts the figures of both rows, and the idle power, of all sessions.
fn simulate(meter: &FakeMeter, protocol: &Protocol) -> (Counted, Counted) {
    let (mut rows, mut idle) = (Counted::default(), Counted::default());
    let mut random = Noise(8);
    for _ in 0..SESSIONS {
        let record = record(meter, protocol, ROUNDS, &mut random);
        for entry in 0..2 {
            count(&record, entry, &mut rows);
        }
        count_idle(&record, &mut idle);
    }
    (rows, idle)
}

fn count(record: &Record, entry: usize, rows: &mut Counted) {
    let Some(figures) = record.summary[entry].energy.first() else {
        rows.absent += 1;
        let why = missing_energy(record, entry as u32, 0).unwrap().to_string();
        if !rows.reasons.contains(&why) {
            rows.reasons.push(why);
        }
        return;
    };
    let uncertainty = figures.uncertainty.as_ref().unwrap();
    let median = figures.energy_per_unit_j.as_ref().unwrap().median;
    rows.count(median, uncertainty.relative, true_per_unit_j(record, entry));
}

fn count_idle(record: &Record, idle: &mut Counted) {
    match IdlePowers::of(record).get(0, 0) {
        Some(power) => {
            let gain = record.meters[0].gain_uncertainty_rel.unwrap();
            let off = power.relative_uncertainty.hypot(gain);
            idle.count(power.power_w, off, IDLE_W);
        }
        None => idle.absent += 1,
    }
}

/// A meter of which nobody saw how often it updates.
fn unseen(name: &'static str, update_s: f64) -> FakeMeter {
    let mut meter = fake(name, update_s, 0.0, 0.0);
    meter.info.update_period_s = None;
    meter
}

/// The meter as a plan sees it.
fn planned(meter: &FakeMeter) -> PlannedMeter {
    PlannedMeter {
        info: meter.info.clone(),
        interval_s: meter.interval_s,
        shown: None,
    }
}

/// Simulates sessions with windows of the length that was asked for. Asserts the coverage,
/// and that a figure that is absent says which longer window it needs.
fn assert_covered(meter: &FakeMeter, suite: Suite, window_s: f64) {
    let request = Request {
        seconds: Some(window_s),
        meters_named: true,
        ..Request::default()
    };
    let mut protocol = Protocol {
        window_s,
        ..suite.protocol()
    };
    let notes = fit(&mut protocol, &[planned(meter)], &request);
    assert_eq!(protocol.window_s, window_s);
    let (rows, idle) = simulate(meter, &protocol);
    let percent = |counted: &Counted| {
        let (given, rate) = (counted.covered + counted.missed, 100.0 * counted.rate());
        format!(
            "{rate:.1} % of {given} cover, {} not measured",
            counted.absent
        )
    };
    println!(
        "{}, windows of {window_s} s: {}; idle: {}; {:?}",
        meter.name,
        percent(&rows),
        percent(&idle),
        rows.reasons
    );
    let what = format!("{} {window_s} s: {rows:?} {idle:?}", meter.name);
    for counted in [&rows, &idle] {
        assert!(
            counted.missed == 0 || counted.rate() >= LEAST_COVERED,
            "{what}"
        );
    }
    if rows.absent > 0 {
        assert!(
            rows.reasons.iter().all(|why| why.contains("it needs")),
            "{what}"
        );
        // It was said beforehand.
        assert!(
            notes[0].to_string().contains("it needs --seconds"),
            "{notes:?}"
        );
        assert_eq!(rows.covered + rows.missed, 0, "{what}");
    } else {
        assert!(notes.is_empty(), "{notes:?}");
    }
}

/// The windows of the acceptance, each with the suite whose warm-up it has.
const WINDOWS: [(Suite, f64); 3] = [
    (Suite::Quick, 1.0),
    (Suite::Standard, 5.0),
    (Suite::Standard, 60.0),
];

fn assert_covered_in_all_windows(meter: &FakeMeter) {
    for (suite, window_s) in WINDOWS {
        assert_covered(meter, suite, window_s);
    }
}

#[test]
fn instantaneous_meters() {
    for (name, update_s) in [
        ("instant, updates every 0.05 s", 0.05),
        ("instant, updates every 1 s", 1.0),
        ("instant, updates every 2 s", 2.0),
    ] {
        assert_covered_in_all_windows(&fake(name, update_s, 0.0, 0.0));
    }
}

#[test]
fn averaging_and_late_meters() {
    for (name, averaging_s, delay_s) in [
        ("averages over 1 s", 1.0, 0.0),
        ("averages over 5 s", 5.0, 0.0),
        ("delayed by 1 s", 0.0, 1.0),
    ] {
        assert_covered_in_all_windows(&fake(name, 0.05, averaging_s, delay_s));
    }
}

#[test]
fn meters_whose_updates_were_not_seen() {
    for (name, update_s) in [
        ("unseen, updates every 0.05 s", 0.05),
        ("unseen, updates every 2 s", 2.0),
    ] {
        let meter = unseen(name, update_s);
        assert_covered(&meter, Suite::Standard, 5.0);
        assert_covered(&meter, Suite::Standard, 60.0);
    }
}

#[test]
fn a_named_meter_gets_windows_in_which_it_measures() {
    for meter in [
        fake("instant, updates every 2 s", 2.0, 0.0, 0.0),
        fake("averages over 5 s", 0.05, 5.0, 0.0),
    ] {
        let request = Request {
            meters_named: true,
            ..Request::default()
        };
        let mut protocol = Suite::Quick.protocol();
        let planned = PlannedMeter::new(&meter.info, Pace::LOCAL);
        let notes = fit(&mut protocol, &[planned], &request);
        assert!(notes[0].to_string().contains("instead of 1 s"), "{notes:?}");
        let (rows, idle) = simulate(&meter, &protocol);
        let what = format!("{}: {rows:?} {idle:?}", meter.name);
        assert_eq!((rows.absent, idle.absent), (0, 0), "{what}");
        assert!(
            rows.rate() >= LEAST_COVERED && idle.rate() >= LEAST_COVERED,
            "{what}"
        );
    }
}
