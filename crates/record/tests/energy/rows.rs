//! Rows: idle power, meters that contradict each other, and windows that are too short.

use perwatt_power::{Boundary, Covers, MeterInfo, Provenance};
use perwatt_record::Record;
use perwatt_record::derive::IdlePowers;
use perwatt_record::schema::{EnergySeries, Idle, SummaryEnergy};

use crate::assert_close;
use crate::common::{MS, honest, rederive};

/// The honest record with idle stretches at these powers, by both meters.
fn with_idle(powers: &[f64]) -> Record {
    let mut record = honest();
    for (at, power) in (100u64..).zip(powers) {
        let started_ns = at * 100_000 * MS;
        let times = (0..=100).map(|i| started_ns + i * 100 * MS);
        let joules = times.clone().zip((0..).map(|i| f64::from(i) * 0.1 * power));
        let watts = times.map(|t| (t, *power));
        record.idle.push(Idle {
            segment: 0,
            after_runs: 0,
            started_ns,
            ended_ns: started_ns + 10_000 * MS,
            energy: vec![
                EnergySeries::new(0, joules.collect()),
                EnergySeries::new(1, watts.collect()),
            ],
        });
    }
    rederive(&mut record);
    record
}

#[test]
fn idle_is_taken_off_with_its_own_uncertainty() {
    let record = with_idle(&[4.0, 6.0]);
    let idle = IdlePowers::of(&record).get(1, 0).unwrap();
    assert_close(idle.power_w, 5.0);
    assert_eq!(idle.stretches, 2);
    // Half of 2 W in 5 W, and the edge error of 10 s read every 100 ms.
    let edges = 2.0 * (1f64 / 6.0).sqrt() * 0.1 / 10.0;
    assert_close(idle.relative_uncertainty, 0.2f64.hypot(edges));
    for row in &record.summary {
        for energy in &row.energy {
            let (gross, net) = (
                energy.energy_per_unit_j.as_ref().unwrap(),
                energy.net_energy_per_unit_j.as_ref().unwrap(),
            );
            let watts = energy.power_w.as_ref().unwrap().median;
            let expected = gross.median * (1.0 - 5.0 / watts);
            assert!(
                (net.median / expected - 1.0).abs() < 0.02,
                "{net:?} {expected}"
            );
            let off = energy.net_relative_uncertainty.unwrap();
            assert!(off > energy.uncertainty.as_ref().unwrap().relative);
        }
    }
}

#[test]
fn no_idle_and_an_idle_above_the_load_give_no_net() {
    let none = |energy: &SummaryEnergy| energy.net_energy_per_unit_j.is_none();
    let record = honest();
    assert!(record.summary.iter().flat_map(|row| &row.energy).all(none));
    assert_eq!(IdlePowers::of(&record).get(0, 0), None);
    let record = with_idle(&[1000.0]);
    assert!(record.summary.iter().flat_map(|row| &row.energy).all(none));
    let mut stated = with_idle(&[5.0]);
    stated.meters[1].provenance = Provenance::User;
    assert_eq!(IdlePowers::of(&stated).get(1, 0), None);
}

/// The honest record with its second meter scaled by `factor` and its description changed.
fn disagreeing(factor: f64, change: impl Fn(&mut MeterInfo)) -> Record {
    let mut record = honest();
    for meter in &mut record.meters {
        meter.gain_uncertainty_rel = Some(0.02);
        meter.update_period_s = Some(0.01);
    }
    change(&mut record.meters[1]);
    for run in &mut record.runs {
        for sample in &mut run.energy[1].samples {
            sample.1 *= factor;
        }
    }
    rederive(&mut record);
    record
}

#[test]
fn meters_that_cannot_both_be_right_are_named() {
    let disagree = |record: &Record| {
        let rows = &record.summary;
        assert!(
            rows.iter().all(|row| row.energy.len() == 2),
            "both are shown"
        );
        rows.iter()
            .filter(|row| !row.disagreements.is_empty())
            .count()
    };
    assert_eq!(disagree(&disagreeing(1.0, |_| {})), 0);
    for factor in [0.6, 1.6] {
        let record = disagreeing(factor, |_| {});
        assert_eq!(disagree(&record), 2);
        let pair = &record.summary[0].disagreements[0];
        assert!((pair.ratio * factor - 1.0).abs() < 0.02, "{pair:?}");
        assert!(pair.allowed > 0.028 && pair.allowed < 0.15, "{pair:?}");
    }
    // A higher reading at the wall than in the package is expected; a lower one is not.
    let wall = |meter: &mut MeterInfo| meter.boundary = Boundary::Wall;
    assert_eq!(disagree(&disagreeing(1.6, wall)), 0);
    assert_eq!(disagree(&disagreeing(0.6, wall)), 2);
    // Two readings of one sensor share its scale error.
    let one = |factor: f64| {
        let mut record = disagreeing(factor, |meter| meter.id = "nvml:0:instant".into());
        record.meters[0].id = "nvml:0:energy".into();
        for meter in &mut record.meters {
            meter.gain_uncertainty_rel = Some(0.11);
            meter.update_period_s = Some(1e-6);
        }
        record.config.protocol.energy_error_rel = 0.1;
        rederive(&mut record);
        record.summary[0].disagreements.clone()
    };
    assert_eq!(one(1.0), []);
    assert!(one(1.2)[0].allowed < 0.11, "{:?}", one(1.2));
    // A GPU card's meter does not cover the processor.
    let card = disagreeing(0.6, |meter| {
        meter.covers = Covers::Pci("0000:01:00.0".into())
    });
    assert!(card.summary.iter().all(|row| row.disagreements.is_empty()));
}

#[test]
fn a_window_too_short_says_how_long_it_should_be() {
    let record = honest();
    for energy in record.summary.iter().flat_map(|row| &row.energy) {
        // One second with an edge period of 50 or 100 ms, for an error of 0.5 %.
        let needed_s = energy.needed_window_s.unwrap();
        let edge_s = if energy.meter == 0 { 0.05 } else { 0.1 };
        assert_close(needed_s, (1f64 / 6.0).sqrt() * edge_s / 0.005);
    }
    let mut patient = honest();
    patient.config.protocol.energy_error_rel = 0.1;
    rederive(&mut patient);
    let enough = |energy: &SummaryEnergy| energy.needed_window_s.is_none();
    assert!(
        patient
            .summary
            .iter()
            .flat_map(|row| &row.energy)
            .all(enough)
    );
}
