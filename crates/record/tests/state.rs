//! Flags and figures from the machine's state during a run.

mod common;

use common::{HASHING, MS, check_of, honest, rederive, run_of, runs_of};
use perwatt_power::Covers;
use perwatt_power::state::{Channel, Gauge};
use perwatt_record::Record;
use perwatt_record::derive::{flags, measure};
use perwatt_record::schema::{Flag, StateSeries};

fn channel(id: &str, gauge: Gauge, covers: Covers) -> Channel {
    Channel {
        id: id.into(),
        description: "a test channel".into(),
        covers,
        gauge,
    }
}

/// The honest record with this channel in its first run of hashes. Values are 100 ms apart
/// and begin 200 ms before the window.
fn watched(gauge: Gauge, covers: Covers, values: &[f64]) -> Record {
    let mut record = honest();
    record.channels = vec![channel("c", gauge, covers)];
    let run = run_of(&mut record, HASHING);
    let from_ns = run.steady.unwrap().from_ns;
    run.state = vec![StateSeries {
        channel: 0,
        samples: (0..)
            .zip(values)
            .map(|(i, value)| (from_ns - 200 * MS + i * 100 * MS, *value))
            .collect(),
    }];
    rederive(&mut record);
    record
}

fn flags_of(record: &Record) -> Vec<Flag> {
    let run = &record.runs[0];
    flags(record, run, &run.steady.unwrap())
}

#[test]
fn figures_are_of_the_window_and_one_sample_before_it() {
    let values: Vec<f64> = (0..14).map(|i| 40.0 + f64::from(i)).collect();
    let record = watched(Gauge::TemperatureC, Covers::Cpu, &values);
    let state = &record.runs[0].measured.as_ref().unwrap().state;
    // The window is a second long: it has 11 samples, and the one at its very start is the
    // last at or before it.
    let figures = state[0].figures;
    assert_eq!(
        (figures.first, figures.last, figures.samples),
        (42.0, 52.0, 11)
    );
    let mut sealed = record.clone();
    sealed.seal().unwrap();
    assert!(!check_of(&sealed).failed());
    let mut edited = record;
    edited.runs[0].measured.as_mut().unwrap().state[0]
        .figures
        .max = 45.0;
    edited.seal().unwrap();
    assert!(check_of(&edited).failed());
}

#[test]
fn throttling_counts_within_the_window_and_on_the_right_device() {
    let throttled = |covers: Covers, values: &[f64]| {
        flags_of(&watched(Gauge::ThrottleEvents, covers, values)).contains(&Flag::Throttled)
    };
    let during = [3.0, 3.0, 3.0, 3.0, 4.0, 4.0];
    assert!(throttled(Covers::Cpu, &during));
    assert!(throttled(Covers::Machine, &during));
    assert!(!throttled(Covers::Pci("0000:01:00.0".into()), &during));
    // The count rose before the window, after the sample that begins it.
    assert!(!throttled(Covers::Cpu, &[3.0, 4.0, 4.0, 4.0]));
    assert!(throttled(Covers::Cpu, &[3.0, 3.0, 3.0, 4.0]));
}

#[test]
fn a_falling_clock_and_a_battery_are_flagged() {
    let falling: Vec<f64> = (0..14).map(|i| 3e9 - 2e7 * f64::from(i)).collect();
    assert_eq!(
        flags_of(&watched(Gauge::ClockHz, Covers::Cpu, &falling)),
        [Flag::ClockFell]
    );
    assert_eq!(
        flags_of(&watched(
            Gauge::OnBattery,
            Covers::Machine,
            &[0.0, 0.0, 0.0, 1.0]
        )),
        [Flag::OnBattery]
    );
    assert!(flags_of(&honest()).is_empty());
}

#[test]
fn the_first_second_is_shown_apart() {
    let mut record = honest();
    for run in runs_of(&mut record, HASHING) {
        // Twice the rate before the window.
        let from_ns = run.steady.unwrap().from_ns;
        let before = run.work.partition_point(|(t, _)| *t < from_ns) as u64;
        let (at_first, per_sample) = (run.work[0].1, run.work[1].1);
        for (i, (_, steps)) in (0..).zip(&mut run.work) {
            *steps = at_first + per_sample * (i + i.min(before));
        }
    }
    rederive(&mut record);
    let run = run_of(&mut record, HASHING);
    let warm_up_s = (run.steady.unwrap().from_ns - run.work[0].0) as f64 * 1e-9;
    let measured = run.measured.clone().unwrap();
    let cold = measured.cold.unwrap();
    assert!((cold.time_s - warm_up_s).abs() < 1e-9);
    assert!((cold.rate_per_s / measured.rate_per_s - 2.0).abs() < 1e-6);
    assert!(record.summary[0].cold_over_sustained.unwrap() > 1.9);
    assert!((record.summary[1].cold_over_sustained.unwrap() - 1.0).abs() < 1e-6);
    // A window that begins at once leaves no cold rate.
    let run = run_of(&mut record, HASHING);
    run.steady.as_mut().unwrap().from_ns = run.work[5].0;
    let run = run.clone();
    assert_eq!(measure(&record, &run).unwrap().cold, None);
}
