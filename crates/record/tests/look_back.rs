//! Joules by meters whose descriptions say how far they look back; sessions that cover the
//! truth are simulated in the tests of the engine.

mod common;

use common::{MATMUL, MS, honest, meter, rederive};
use perwatt_power::{Boundary, Grade, MeterInfo, Provenance, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{IdlePowers, NoFigure, measure_energy};
use perwatt_record::fixture::noise::Noise;
use perwatt_record::schema::{EnergySeries, Idle, MeasuredEnergy, Steady, SummaryEnergy, Term};

/// The load begins at 0, its window four seconds later.
const STEADY: Steady = Steady {
    from_ns: 4_000 * MS,
    to_ns: 14_000 * MS,
    reached: true,
};

fn plug(look_back_s: f64) -> MeterInfo {
    MeterInfo {
        update_period_s: Some(0.5),
        look_back_s: Some(look_back_s),
        gain_uncertainty_rel: Some(0.01),
        ..meter("plug", Quantity::PowerW, Provenance::PowerSamples)
    }
}

/// Readings every 100 ms for 14 s, by a function of time in milliseconds.
fn series(watts: impl Fn(u64) -> f64) -> EnergySeries {
    let sample = |i: u64| (i * 100 * MS, watts(i * 100));
    EnergySeries::new(0, (0..=140).map(sample).collect())
}

fn of(meter: &MeterInfo, series: &EnergySeries) -> Result<MeasuredEnergy, NoFigure> {
    let work: Vec<(u64, u64)> = (0..=140).map(|i| (i * 100 * MS, i * 100)).collect();
    let entry = &honest().plan.entries[MATMUL as usize];
    measure_energy(&honest(), entry, meter, &STEADY, &work, series)
}

#[test]
fn readings_that_look_back_to_before_the_load_are_not_used() {
    // The mean of the last six seconds, from 50 W to 300 W.
    let averaged = series(|t_ms| 50.0 + 250.0 * (t_ms as f64 / 6000.0).min(1.0));
    let energy = of(&plug(6.0), &averaged).unwrap();
    // It averages over six seconds, and updates within half a second.
    assert_eq!(energy.start_ns, 6_500 * MS);
    assert!((energy.power_w - 300.0).abs() < 1e-9);
    // Records of older builds take no account of it.
    let old = MeterInfo {
        look_back_s: None,
        ..plug(0.0)
    };
    assert_eq!(of(&old, &averaged).unwrap().start_ns, 4_000 * MS);
}

#[test]
fn too_little_of_a_window_and_too_short_ones_say_what_is_needed() {
    for (look_back_s, needed) in [
        // Half of the window must be left: 6.5 s of it are lost.
        (10.0, "needs 14.0 s"),
        // In windows as long as it looks back the warm-up lets it settle.
        (15.0, "needs 15.0 s"),
        (60.0, "needs 60.0 s"),
    ] {
        let error = of(&plug(look_back_s), &series(|_| 50.0)).unwrap_err();
        assert!(error.to_string().contains(needed), "{error}");
    }
    let rare = MeterInfo {
        update_period_s: Some(20.0),
        ..plug(0.0)
    };
    let error = of(&rare, &series(|_| 50.0)).unwrap_err();
    assert!(matches!(error, NoFigure::ShortWindow { .. }), "{error}");
}

/// A meter of which nobody saw how often it updates.
fn unseen() -> MeterInfo {
    MeterInfo {
        update_period_s: None,
        ..plug(1.0)
    }
}

#[test]
fn a_reading_that_changes_late_in_the_window_loses_nothing() {
    for (first_w, change_ms, second_w) in [(60.0, 12_000, 60.1), (20.0, 11_000, 60.0)] {
        let once = series(|t_ms| match t_ms < change_ms {
            true => first_w,
            false => second_w,
        });
        assert_eq!(of(&unseen(), &once).unwrap().start_ns, 4_000 * MS);
        let back = series(|t_ms| match (change_ms..change_ms + 1000).contains(&t_ms) {
            true => second_w,
            false => first_w,
        });
        assert_eq!(of(&unseen(), &back).unwrap().start_ns, 4_000 * MS);
    }
}

#[test]
fn a_reading_from_before_the_load_is_not_used_by_a_meter_of_unknown_updates() {
    // It updates every six seconds and shows the power of the preparation until then.
    let rare = series(|t_ms| match t_ms {
        0..5_000 => 20.0,
        5_000..11_000 => 300.0,
        _ => 301.0,
    });
    assert_eq!(of(&unseen(), &rare).unwrap().start_ns, 5_000 * MS);
    // Records of minor version 5 wait for a change, however late it is.
    let mut old = honest();
    old.schema.minor = 5;
    let late = series(|t_ms| if t_ms < 12_000 { 60.0 } else { 60.1 });
    let work: Vec<(u64, u64)> = (0..=140).map(|i| (i * 100 * MS, i * 100)).collect();
    let entry = &old.plan.entries[MATMUL as usize];
    assert!(measure_energy(&old, entry, &unseen(), &STEADY, &work, &late).is_err());
}

#[test]
fn updates_that_are_read_twice_are_not_taken_for_correlated_power() {
    let mut random = Noise(5);
    let plug = MeterInfo {
        update_period_s: Some(2.0),
        ..plug(2.0)
    };
    let mut within = 0;
    for _ in 0..200 {
        let watts: Vec<f64> = (0..8).map(|_| 50.0 + 5.0 * random.normal()).collect();
        let energy = of(&plug, &series(|t_ms| watts[t_ms as usize / 2000])).unwrap();
        let edges = energy.uncertainty.unwrap().terms[&Term::Edges];
        // Five or six updates that scatter by 10 %: 10 to 12 % by Student's t.
        within += u32::from(edges < 0.35);
    }
    assert!(within >= 190, "{within} of 200");
}

#[test]
fn edges_of_sampled_power_are_charged_by_what_it_changes() {
    let edges = |series: &EnergySeries| {
        let uncertainty = of(&plug(1.0), series).unwrap().uncertainty.unwrap();
        uncertainty.terms[&Term::Edges]
    };
    assert_eq!(edges(&series(|_| 50.0)), 0.0);
    let (small, large) = (
        edges(&series(|t_ms| 50.0 + (t_ms / 500 % 2) as f64)),
        edges(&series(|t_ms| 50.0 + 10.0 * (t_ms / 500 % 2) as f64)),
    );
    assert!(small > 0.001 && small < 0.02, "{small}");
    assert!(large > 5.0 * small, "{large} {small}");
}

#[test]
fn idle_power_waits_until_the_load_is_forgotten_and_has_no_edges_if_it_is_steady() {
    let mut record = honest();
    record.meters[1] = MeterInfo {
        look_back_s: Some(2.0),
        ..record.meters[1].clone()
    };
    let started_ns = 100_000 * MS;
    let watts = (0..=100).map(|i: u64| {
        let watts = if i < 20 { 300.0 } else { 20.0 };
        (started_ns + i * 100 * MS, watts)
    });
    record.idle.push(Idle {
        segment: 0,
        after_runs: 0,
        started_ns,
        ended_ns: started_ns + 10_000 * MS,
        energy: vec![EnergySeries::new(1, watts.collect())],
    });
    let idle = IdlePowers::of(&record).get(1, 0).unwrap();
    assert_eq!((idle.power_w, idle.relative_uncertainty), (20.0, 0.0));
    // A stretch in which the meter never forgets the load gives none.
    record.meters[1].look_back_s = Some(10.0);
    assert_eq!(IdlePowers::of(&record).get(1, 0), None);
}

/// The honest record with its second meter at the wall, ten readings in each run.
fn at_the_wall(look_back_s: Option<f64>) -> Record {
    let mut record = honest();
    let wall = MeterInfo {
        boundary: Boundary::Wall,
        gain_uncertainty_rel: Some(0.01),
        look_back_s,
        ..record.meters[1].clone()
    };
    record.meters[1] = wall;
    rederive(&mut record);
    record
}

fn of_wall(record: &Record) -> impl Iterator<Item = &SummaryEnergy> {
    let figures = record.summary.iter().flat_map(|row| &row.energy);
    figures.filter(|energy| energy.meter == 1)
}

#[test]
fn runs_do_not_reach_together_a_grade_that_none_of_them_reaches() {
    let (old, new) = (at_the_wall(None), at_the_wall(Some(0.1)));
    let pooled: u64 = of_wall(&old).map(|energy| energy.updates).max().unwrap();
    assert!(pooled >= 60, "{pooled} readings");
    assert!(of_wall(&old).any(|energy| energy.grade == Some(Grade::B)));
    assert!(of_wall(&new).all(|energy| energy.grade == Some(Grade::D)));
}

#[test]
fn windows_as_long_as_advised_suffice() {
    let wanted = 0.005;
    // Power that alternates, and so is known better the longer it is read.
    let long = |seconds: u64| {
        let times = (0..=seconds * 10 + 40).map(|i| i * 100 * MS);
        let watts = times
            .clone()
            .map(|t| (t, 50.0 + (t / (500 * MS) % 2) as f64 * 10.0));
        let series = EnergySeries::new(1, watts.collect());
        let work: Vec<(u64, u64)> = times.zip((0..).step_by(100)).collect();
        let steady = Steady {
            to_ns: (4_000 + seconds * 1000) * MS,
            ..STEADY
        };
        let mut record = at_the_wall(Some(0.1));
        record.config.protocol.energy_error_rel = wanted;
        for run in &mut record.runs {
            (run.work, run.steady) = (work.clone(), Some(steady));
            run.energy = vec![series.clone()];
            run.measured = perwatt_record::derive::measure(&record_like(&record.meters), run);
        }
        record.summary = perwatt_record::derive::summarise(&record);
        of_wall(&record).next().unwrap().needed_window_s
    };
    let needed_s = long(10).expect("ten seconds are too short");
    assert!(needed_s > 10.0, "{needed_s}");
    assert_eq!(long(needed_s.ceil() as u64), None, "{needed_s} s");
}

#[test]
fn the_window_advised_for_a_counter_is_no_longer_than_its_edges_need() {
    let wanted = 0.005;
    // A counter that is read every 100 ms and looks back a tenth of a second.
    let needed = |minor: u32, seconds: u64| {
        let mut record = at_the_wall(Some(0.1));
        record.schema.minor = minor;
        record.config.protocol.energy_error_rel = wanted;
        record.meters[1].quantity = Quantity::EnergyJ;
        record.meters[1].update_period_s = Some(0.1);
        let times = (0..=seconds * 10 + 60).map(|i| i * 100 * MS);
        let joules = times.clone().map(|t| (t, t as f64 * 1e-9 * 50.0));
        let series = EnergySeries::new(1, joules.collect());
        let work: Vec<(u64, u64)> = times.zip((0..).step_by(100)).collect();
        let steady = Steady {
            to_ns: (4_000 + seconds * 1000) * MS,
            ..STEADY
        };
        for at in 0..record.runs.len() {
            let run = &mut record.runs[at];
            (run.work, run.steady) = (work.clone(), Some(steady));
            run.energy = vec![series.clone()];
            let measured = perwatt_record::derive::measure(&record, &record.runs[at]);
            record.runs[at].measured = measured;
        }
        record.summary = perwatt_record::derive::summarise(&record);
        of_wall(&record).next().unwrap().needed_window_s
    };
    let (old_s, new_s) = (needed(6, 2).unwrap(), needed(7, 2).unwrap());
    // sqrt(1/6) of the update period in 0.5 % of the window, and an update at each end.
    let expected_s = (1f64 / 6.0).sqrt() * 0.1 / wanted;
    assert!((expected_s..expected_s + 0.5).contains(&new_s), "{new_s}");
    assert!(old_s > 2.0 * new_s, "{old_s} {new_s}");
    assert_eq!(needed(7, new_s.ceil() as u64), None);
}

/// A record with these meters.
fn record_like(meters: &[MeterInfo]) -> Record {
    Record {
        meters: meters.to_vec(),
        ..honest()
    }
}
