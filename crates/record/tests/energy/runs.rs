//! Joules of one run and their uncertainty.

use perwatt_power::{Grade, MeterInfo, Provenance, Quantity};
use perwatt_record::derive::NoFigure;
use perwatt_record::schema::{EnergySeries, Term};
use proptest::prelude::*;

use crate::common::{MS, meter};
use crate::{assert_close, counted, counter, flat, gap, of};

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
