//! Figures against values worked out by hand.

mod common;

use common::{MS, honest, meter};
use perwatt_power::{MeterInfo, Provenance, Quantity};
use perwatt_record::derive::{interval, measure};
use perwatt_record::schema::{EnergySeries, Entry, Gap, Measured, Steady};
use proptest::prelude::*;

/// An entry with `work_per_step` units of work in a step.
fn entry(work_per_step: u64) -> Entry {
    Entry {
        work_per_step,
        ..honest().plan.entries[1].clone()
    }
}

fn meters() -> Vec<MeterInfo> {
    vec![
        meter("counter", Quantity::EnergyJ, Provenance::Counter),
        meter("power", Quantity::PowerW, Provenance::PowerSamples),
    ]
}

fn steady(from_ms: u64, to_ms: u64) -> Steady {
    Steady {
        from_ns: from_ms * MS,
        to_ns: to_ms * MS,
        reached: true,
    }
}

fn ms<T: Copy>(series: &[(u64, T)]) -> Vec<(u64, T)> {
    series.iter().map(|(t, value)| (t * MS, *value)).collect()
}

fn series(meter: u32, samples: &[(u64, f64)]) -> EnergySeries {
    EnergySeries::new(meter, ms(samples))
}

fn zip<const N: usize>(times: [u64; N], values: [f64; N]) -> Vec<(u64, f64)> {
    times.into_iter().zip(values).collect()
}

/// 100 steps every 100 ms for 3 s.
fn even_work() -> Vec<(u64, u64)> {
    (0..=30).map(|i| (i * 100 * MS, i * 100)).collect()
}

/// A record whose second entry has 7 units of work a step, and one run of it.
fn of(work: &[(u64, u64)], steady: Steady, energy: &[EnergySeries]) -> Option<Measured> {
    let mut record = honest();
    record.plan.entries[1] = entry(7);
    record.meters = meters();
    let mut run = record.runs.iter().find(|run| run.entry == 1)?.clone();
    run.steady = Some(steady);
    run.work = work.to_vec();
    run.energy = energy.to_vec();
    measure(&record, &run)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

#[track_caller]
fn assert_close(a: f64, b: f64) {
    assert!(close(a, b), "{a} is not {b}");
}

#[test]
fn the_rate_is_between_the_first_and_last_sample_inside() {
    // From 50 to 2550 ms: samples at 100 ms and 2500 ms, 2400 steps of 7.
    let m = of(&even_work(), steady(50, 2550), &[]).unwrap();
    assert_eq!((m.start_ns, m.end_ns, m.steps), (100 * MS, 2500 * MS, 2400));
    assert_close(m.time_s, 2.4);
    assert_close(m.work, 16_800.0);
    assert_close(m.rate_per_s, 7000.0);
    assert!(m.energy.is_empty());
}

#[test]
fn samples_on_the_edges_count() {
    let m = of(&even_work(), steady(100, 2500), &[]).unwrap();
    assert_eq!((m.start_ns, m.end_ns), (100 * MS, 2500 * MS));
}

#[test]
fn an_uneven_load_is_counted_and_not_fitted() {
    let work = ms(&[(0, 0), (100, 10), (400, 20), (500, 90), (900, 91)]);
    let m = of(&work, steady(100, 900), &[]).unwrap();
    assert_eq!(m.steps, 81);
    assert_close(m.rate_per_s, 81.0 * 7.0 / 0.8);
}

#[test]
fn a_counter_is_cut_at_its_ticks_and_work_is_interpolated_there() {
    // Ticks at 250, 1250 and 2250 ms, seen twice each. The first sample inside is not a
    // tick, since the time at which its value appeared is unknown.
    let times = [150, 200, 250, 700, 1250, 1700, 2250, 2290];
    let joules = [5.0, 5.0, 6.0, 6.0, 8.0, 8.0, 11.0, 11.0];
    let counter = series(0, &zip(times, joules));
    let m = of(&even_work(), steady(150, 2300), &[counter]).unwrap();
    let e = &m.energy[0];
    assert_eq!((e.meter, e.start_ns, e.end_ns), (0, 250 * MS, 2250 * MS));
    assert_close(e.energy_j, 5.0);
    assert_close(e.time_s, 2.0);
    // 250 steps at 250 ms, 2250 at 2250 ms.
    assert_close(e.work, 2000.0 * 7.0);
    assert_close(e.energy_per_unit_j, 5.0 / 14_000.0);
    assert_close(e.power_w, 2.5);
}

#[test]
fn a_counter_of_100_ms_gives_its_exact_power_from_any_phase() {
    for phase in 0..20 {
        // 30 W; read every 50 ms, updated every 100 ms at its own phase.
        let samples: Vec<(u64, f64)> = (0..60)
            .map(|i| (i * 50, ((i * 50 + phase * 5) / 100 * 100) as f64 * 0.03))
            .collect();
        let m = of(&even_work(), steady(420, 2480), &[series(0, &samples)]).unwrap();
        assert!(
            (m.energy[0].power_w - 30.0).abs() < 1e-9,
            "{phase}: {}",
            m.energy[0].power_w
        );
    }
}

#[test]
fn power_is_integrated_by_trapezoids() {
    let times = [50, 200, 700, 1200, 2000];
    let watts = [99.0, 10.0, 20.0, 40.0, 77.0];
    let power = series(1, &zip(times, watts));
    let m = of(&even_work(), steady(100, 1500), &[power]).unwrap();
    let e = &m.energy[0];
    assert_eq!((e.meter, e.start_ns, e.end_ns), (1, 200 * MS, 1200 * MS));
    // 0.5 s × 15 W + 0.5 s × 30 W.
    assert_close(e.energy_j, 22.5);
    assert_close(e.power_w, 22.5);
    assert_close(e.work, 1000.0 * 7.0);
}

#[test]
fn a_gap_inside_the_meters_window_excludes_that_meter_alone() {
    let samples = [(200, 10.0), (700, 20.0), (1200, 40.0)];
    let gap = |t_ms: u64| {
        let mut power = series(1, &samples);
        power.gaps.push(Gap {
            t_ns: t_ms * MS,
            reason: "gone".into(),
            count: 1,
        });
        let counter = series(0, &[(150, 1.0), (200, 2.0), (1200, 5.0)]);
        of(&even_work(), steady(100, 1500), &[counter, power]).unwrap()
    };
    for inside in [200, 201, 900, 1200] {
        let m = gap(inside);
        assert_eq!(m.energy.len(), 1, "{inside}");
        assert_eq!(m.energy[0].meter, 0);
    }
    for outside in [0, 199, 1201, 5000] {
        assert_eq!(gap(outside).energy.len(), 2, "{outside}");
    }
}

#[test]
fn too_little_gives_no_figure() {
    let whole = steady(0, 3000);
    assert_eq!(of(&[], whole, &[]), None);
    assert_eq!(of(&ms(&[(5, 1)]), whole, &[]), None);
    assert_eq!(of(&ms(&[(5, 1), (9, 1)]), whole, &[]), None);
    assert_eq!(of(&even_work(), steady(101, 199), &[]), None);
    assert_eq!(of(&even_work(), steady(101, 299), &[]), None);
    assert_eq!(of(&even_work(), steady(4000, 5000), &[]), None);
    assert_eq!(of(&even_work(), steady(2000, 1000), &[]), None);
    // Times fall.
    assert_eq!(of(&ms(&[(5, 1), (4, 2), (9, 3)]), whole, &[]), None);
    assert_eq!(of(&ms(&[(5, 3), (9, 1)]), whole, &[]), None);
}

#[test]
fn too_little_energy_gives_no_energy_but_a_rate() {
    let cases = [
        series(0, &[]),
        series(0, &[(500, 1.0)]),
        // A single tick.
        series(0, &[(500, 1.0), (900, 2.0)]),
        // No tick.
        series(0, &[(500, 1.0), (900, 1.0), (1500, 1.0)]),
        // The counter falls.
        series(0, &[(500, 9.0), (900, 8.0), (1500, 7.0)]),
        // Times fall.
        series(1, &[(900, 9.0), (500, 9.0), (1500, 9.0)]),
        series(1, &[(900, 9.0)]),
        // The sum overflows: JSON could not represent the figure.
        series(1, &[(500, f64::MAX), (900, f64::MAX), (1500, f64::MAX)]),
        series(
            0,
            &[(400, 0.0), (500, -f64::MAX), (900, 0.0), (1500, f64::MAX)],
        ),
        series(1, &[(900, 0.0), (1000, 0.0)]),
        // A meter that is not listed.
        series(2, &[(500, 1.0), (900, 2.0), (1500, 3.0)]),
    ];
    for case in cases {
        let m = of(&even_work(), steady(100, 2000), std::slice::from_ref(&case)).unwrap();
        assert!(m.energy.is_empty(), "{case:?}");
        assert_close(m.rate_per_s, 7000.0);
    }
}

#[test]
fn energy_outside_the_work_series_is_not_guessed() {
    let work = ms(&[(500, 0), (1000, 50)]);
    let power = series(1, &[(400, 5.0), (800, 5.0), (1100, 5.0)]);
    let m = of(&work, steady(300, 2000), &[power]).unwrap();
    assert!(m.energy.is_empty());
}

#[test]
fn an_interval_needs_six_runs() {
    assert_eq!(interval(&[]), None);
    for n in 1..6 {
        let values: Vec<f64> = (1..=n).map(f64::from).collect();
        let i = interval(&values).unwrap();
        assert_eq!((i.low, i.high, i.confidence), (None, None, None), "{n}");
        assert_eq!((i.min, i.max), (1.0, f64::from(n)));
    }
    let i = interval(&[4.0, 1.0, 6.0, 2.0, 5.0, 3.0]).unwrap();
    assert_eq!((i.median, i.low, i.high), (3.5, Some(1.0), Some(6.0)));
    // 1 - 2/2^6.
    assert_close(i.confidence.unwrap(), 0.96875);
}

fn any_work() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::vec((1u64..200_000_000, 1u64..10_000), 4..60).prop_map(|increments| {
        let mut now = (0, 0);
        let steps = increments.into_iter().map(|(dt, steps)| {
            now = (now.0 + dt, now.1 + steps);
            now
        });
        std::iter::once((0, 0)).chain(steps).collect()
    })
}

/// Fifty readings of power, evenly spread from 0 to `end`.
fn even_power(end: u64, watts: impl Fn(u64) -> f64) -> EnergySeries {
    let count = end.min(50);
    let at = |i: u64| (u128::from(i) * u128::from(end) / u128::from(count)) as u64;
    EnergySeries::new(1, (0..=count).map(|i| (at(i), watts(i))).collect())
}

proptest! {
    #[test]
    fn twice_the_work_is_twice_the_rate_and_half_the_energy(work in any_work(), factor in 1u64..1000) {
        let end = work.last().unwrap().0;
        let all = Steady { from_ns: 0, to_ns: end, reached: true };
        let power = even_power(end, |_| 20.0);
        let more: Vec<_> = work.iter().map(|(t, s)| (*t, s * factor)).collect();
        let one = of(&work, all, std::slice::from_ref(&power)).unwrap();
        let many = of(&more, all, &[power]).unwrap();
        prop_assert_eq!(many.steps, one.steps * factor);
        prop_assert!(close(many.rate_per_s, one.rate_per_s * factor as f64));
        let (a, b) = (&one.energy[0], &many.energy[0]);
        prop_assert_eq!(a.energy_j, b.energy_j);
        prop_assert!(close(a.energy_per_unit_j, b.energy_per_unit_j * factor as f64));
    }

    #[test]
    fn when_it_ran_does_not_matter(work in any_work(), shift in 0u64..1 << 40) {
        let end = work.last().unwrap().0;
        let samples = even_power(end, |i| 20.0 + (i % 7) as f64).samples;
        let at = |shift: u64| {
            let moved: Vec<_> = work.iter().map(|(t, s)| (t + shift, *s)).collect();
            let samples = samples.iter().map(|(t, w)| (t + shift, *w)).collect();
            let energy = EnergySeries::new(1, samples);
            let all = Steady { from_ns: shift, to_ns: end + shift, reached: true };
            of(&moved, all, &[energy]).unwrap()
        };
        let (here, there) = (at(0), at(shift));
        prop_assert_eq!(here.rate_per_s, there.rate_per_s);
        prop_assert_eq!(&here.energy[0].energy_j, &there.energy[0].energy_j);
        prop_assert_eq!(here.energy[0].energy_per_unit_j, there.energy[0].energy_per_unit_j);
        prop_assert_eq!(here.start_ns + shift, there.start_ns);
    }

    #[test]
    fn energy_per_unit_is_power_over_rate(work in any_work(), watts in 1.0f64..1000.0) {
        let end = work.last().unwrap().0;
        let all = Steady { from_ns: 0, to_ns: end, reached: true };
        let power = even_power(end, |_| watts);
        let m = of(&work, all, &[power]).unwrap();
        prop_assert!((m.energy[0].power_w / watts - 1.0).abs() < 1e-9);
        prop_assert!((m.energy[0].energy_per_unit_j * m.rate_per_s / watts - 1.0).abs() < 1e-9);
    }
}
