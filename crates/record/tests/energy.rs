//! Quality of joule figures: gaps, uncertainty, idle power and contradicting meters,
//! compared with values worked out by hand.

mod common;

use common::{MATMUL, MS, honest, meter, rederive};
use perwatt_power::{Boundary, Covers, Grade, MeterInfo, Provenance, Quantity};
use perwatt_record::Record;
use perwatt_record::derive::{IdlePowers, NoFigure, covers, measure_energy};
use perwatt_record::schema::{
    EnergySeries, Gap, Gpu, GpuKind, Idle, MeasuredEnergy, Steady, SummaryEnergy, Term,
};
use proptest::prelude::*;

const STEADY: Steady = Steady {
    from_ns: 0,
    to_ns: 10_000 * MS,
    reached: true,
};

/// 100 steps every 100 ms for 10 s.
fn even_work() -> Vec<(u64, u64)> {
    (0..=100).map(|i| (i * 100 * MS, i * 100)).collect()
}

fn counter(period_s: Option<f64>) -> MeterInfo {
    MeterInfo {
        quantum_j: Some(0.5),
        update_period_s: period_s,
        gain_uncertainty_rel: Some(0.03),
        ..meter("counter", Quantity::EnergyJ, Provenance::Counter)
    }
}

/// 100 W read every 50 ms by a counter that updates every `tick_ms`.
fn counted(tick_ms: u64) -> EnergySeries {
    let sample = |i: u64| (i * 50 * MS, (i * 50 / tick_ms * tick_ms) as f64 * 0.1);
    EnergySeries::new(0, (0..=200).map(sample).collect())
}

/// The same power every 100 ms.
fn flat(watts: f64) -> EnergySeries {
    EnergySeries::new(0, (0..=100).map(|i| (i * 100 * MS, watts)).collect())
}

fn gap(t_ms: u64) -> Gap {
    Gap {
        t_ns: t_ms * MS,
        reason: "gone".into(),
        count: 1,
    }
}

fn of(meter: &MeterInfo, series: &EnergySeries) -> Result<MeasuredEnergy, NoFigure> {
    let entry = &honest().plan.entries[MATMUL as usize];
    measure_energy(&honest(), entry, meter, &STEADY, &even_work(), series)
}

#[track_caller]
fn assert_close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
}

#[test]
fn a_counters_terms_are_those_of_the_formulae() {
    // Steps every 500 ms, seen within one reading of 50 ms: ticks from 0.5 to 10 s.
    let energy = of(&counter(Some(0.5)), &counted(500)).unwrap();
    assert_eq!((energy.updates, energy.gaps), (20, 0));
    assert_close(energy.time_s, 9.5);
    assert_close(energy.energy_j, 950.0);
    assert_eq!(energy.edge_period_s, Some(0.05));
    let uncertainty = energy.uncertainty.unwrap();
    let edges = 2.0 * (1f64 / 6.0).sqrt();
    assert_close(uncertainty.terms[&Term::Edges], edges * 0.05 / 9.5);
    assert_close(uncertainty.terms[&Term::Quantum], edges * 0.5 / 950.0);
    assert_close(uncertainty.terms[&Term::Gain], 0.03);
    assert_eq!(uncertainty.terms[&Term::Work], 0.0);
    let squares: f64 = uncertainty.terms.values().map(|term| term * term).sum();
    assert_close(uncertainty.relative, squares.sqrt());
    assert_eq!(uncertainty.dominant, Some(Term::Gain));
    assert!(uncertainty.unknown.is_empty());
    assert_eq!(energy.grade, Some(Grade::C));
}

#[test]
fn a_counter_faster_than_the_reader_is_late_by_its_own_period() {
    let energy = of(&counter(Some(0.001)), &counted(1)).unwrap();
    assert_eq!(energy.edge_period_s, Some(0.001));
    let unknown = of(&counter(None), &counted(1)).unwrap();
    assert_eq!(unknown.edge_period_s, Some(0.05));
}

#[test]
fn a_scale_error_that_nobody_states_is_said_to_be_missing() {
    let unstated = MeterInfo {
        gain_uncertainty_rel: None,
        ..counter(Some(0.5))
    };
    let uncertainty = of(&unstated, &counted(500)).unwrap().uncertainty.unwrap();
    assert_eq!(uncertainty.unknown, [Term::Gain]);
    assert_eq!(uncertainty.dominant, Some(Term::Edges));
}

#[test]
fn a_power_meter_that_is_slow_counts_its_own_readings() {
    let slow = MeterInfo {
        quantum_j: None,
        quantum_w: Some(1.0),
        update_period_s: Some(2.0),
        ..meter("plug", Quantity::PowerW, Provenance::PowerSamples)
    };
    let series = flat(50.0);
    let energy = of(&slow, &series).unwrap();
    assert_eq!(energy.updates, 6);
    let terms = energy.uncertainty.unwrap().terms;
    assert_close(terms[&Term::Edges], 2.0 * (1f64 / 6.0).sqrt() * 2.0 / 10.0);
    assert_close(terms[&Term::Quantum], 2.0 / 12f64.sqrt() / 50.0);
    // Equal readings by a meter that states no period may be a single update.
    let mute = MeterInfo {
        update_period_s: None,
        ..slow
    };
    let unsure = of(&mute, &series).unwrap();
    assert_eq!((unsure.updates, unsure.edge_period_s), (1, Some(0.1)));
    assert!(unsure.uncertainty.unwrap().unknown.contains(&Term::Edges));
    // Changes of the reading reveal the update period: here one second.
    let mut moving = series.clone();
    for (t, watts) in &mut moving.samples {
        *watts += (*t / (1000 * MS)) as f64;
    }
    let sure = of(&mute, &moving).unwrap();
    assert_eq!(sure.updates, 11);
    assert!(!sure.uncertainty.unwrap().unknown.contains(&Term::Edges));
}

#[test]
fn a_figure_spans_no_failed_reading_and_needs_half_the_window() {
    let mut series = counted(100);
    series.gaps = vec![gap(2010)];
    let energy = of(&counter(Some(0.1)), &series).unwrap();
    // The first tick after the gap is the second sample after it.
    assert_eq!(energy.start_ns, 2100 * MS);
    assert_eq!((energy.end_ns, energy.gaps), (10_000 * MS, 1));
    assert_close(energy.power_w, 100.0);
    series.gaps = vec![gap(3010), gap(7010)];
    let none = of(&counter(Some(0.1)), &series).unwrap_err();
    assert!(
        matches!(&none, NoFigure::Gaps { count: 2, first } if first == "gone"),
        "{none}"
    );
}

#[test]
fn a_silent_hole_in_power_is_a_gap_too() {
    let plug = meter("plug", Quantity::PowerW, Provenance::PowerSamples);
    let times = (0..20).chain(80..=100).map(|i| (i * 100 * MS, 50.0));
    let series = EnergySeries::new(0, times.collect());
    assert!(matches!(of(&plug, &series), Err(NoFigure::TooSlow { .. })));
}

#[test]
fn nothing_is_never_zero_joules() {
    let plug = meter("plug", Quantity::PowerW, Provenance::PowerSamples);
    let off = of(&plug, &flat(0.0)).unwrap_err();
    assert!(off.to_string().contains("0 W"), "{off}");
    let mut silent = flat(50.0);
    silent.samples.clear();
    assert_eq!(of(&plug, &silent), Err(NoFigure::NoReading));
    silent.gaps = vec![gap(500)];
    assert!(matches!(
        of(&plug, &silent),
        Err(NoFigure::Gaps { count: 1, .. })
    ));
    let still = of(&counter(None), &flat(7.0)).unwrap_err();
    assert!(matches!(still, NoFigure::NoReading), "{still}");
}

fn gpu(name: &str, kind: GpuKind, pci: Option<&str>) -> Gpu {
    Gpu {
        name: name.into(),
        model: "model".into(),
        kind,
        interface: "vulkan".into(),
        driver: "driver".into(),
        driver_info: "1".into(),
        vendor_id: 1,
        device_id: 2,
        pci_address: pci.map(Into::into),
        features: Vec::new(),
        limits: std::collections::BTreeMap::new(),
    }
}

#[test]
fn a_meter_speaks_of_its_own_device_alone() {
    let gpus = [
        gpu("gpu:0", GpuKind::Discrete, Some("0000:01:00.0")),
        gpu("gpu:1", GpuKind::Software, None),
        gpu("gpu:2", GpuKind::Integrated, Some("0000:00:02.0")),
        gpu("gpu:3", GpuKind::Discrete, Some("0000:81:00.0")),
    ];
    let card = |address: &str| Covers::Pci(address.into());
    for (meter_of, on) in [
        (
            Covers::Machine,
            &["cpu", "gpu:0", "gpu:1", "gpu:2", "gpu:3"][..],
        ),
        (Covers::Cpu, &["cpu", "gpu:1", "gpu:2"]),
        (card("0000:01:00.0"), &["gpu:0"]),
        (card("0000:81:00.0"), &["gpu:3"]),
        (card("0000:00:02.0"), &["gpu:2"]),
        (card("0000:99:00.0"), &[]),
        (Covers::UnknownGpu, &[]),
    ] {
        for device in ["cpu", "gpu:0", "gpu:1", "gpu:2", "gpu:3"] {
            let mut entry = honest().plan.entries[0].clone();
            entry.device = device.into();
            let expected = on.contains(&device);
            assert_eq!(
                covers(&meter_of, &entry, &gpus),
                expected,
                "{meter_of:?} {device}"
            );
        }
    }
    let mut entry = honest().plan.entries[0].clone();
    entry.device = "gpu:0".into();
    let of_cpu = MeterInfo {
        covers: Covers::Cpu,
        ..counter(None)
    };
    let mut record = honest();
    record.plan.gpus = gpus.to_vec();
    let error = measure_energy(
        &record,
        &entry,
        &of_cpu,
        &STEADY,
        &even_work(),
        &counted(100),
    );
    assert_eq!(error.unwrap_err().to_string(), "it does not cover gpu:0");
}

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

proptest! {
    #[test]
    fn scaling_the_meter_scales_the_joules_and_no_uncertainty(
        factor in 0.01f64..100.0, tick_ms in 1u64..1500,
    ) {
        let info = MeterInfo { quantum_j: None, ..counter(None) };
        let series = counted(tick_ms);
        let mut scaled = series.clone();
        for sample in &mut scaled.samples {
            sample.1 *= factor;
        }
        let (a, b) = (of(&info, &series).unwrap(), of(&info, &scaled).unwrap());
        prop_assert!((b.energy_j / a.energy_j / factor - 1.0).abs() < 1e-9);
        prop_assert_eq!(a.uncertainty, b.uncertainty);
        prop_assert_eq!((a.start_ns, a.end_ns, a.updates), (b.start_ns, b.end_ns, b.updates));
    }

    #[test]
    fn any_gaps_leave_a_true_figure_or_a_reason(
        gaps in prop::collection::vec(0u64..10_000, 0..6), tick_ms in 1u64..400,
    ) {
        let mut series = counted(tick_ms);
        series.gaps = gaps.iter().map(|t| gap(*t)).collect();
        match of(&counter(None), &series) {
            Ok(energy) => {
                // The error is at most one step of the counter at each edge.
                let allowed = 0.1 * (tick_ms + 50) as f64 * 2.0;
                prop_assert!((energy.energy_j - 100.0 * energy.time_s).abs() <= allowed);
                prop_assert!(energy.time_s >= 5.0);
                prop_assert!(!gaps.iter().any(|t| (energy.start_ns..=energy.end_ns).contains(&(t * MS))));
            }
            Err(reason) => prop_assert!(!reason.to_string().is_empty()),
        }
    }
}
