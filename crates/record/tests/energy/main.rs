//! Quality of joule figures: gaps, uncertainty, idle power and contradicting meters,
//! compared with values worked out by hand.

#[path = "../common/mod.rs"]
mod common;
mod coverage;
mod rows;
mod runs;

use common::{MATMUL, MS, honest, meter};
use perwatt_power::{MeterInfo, Provenance, Quantity};
use perwatt_record::derive::{NoFigure, measure_energy};
use perwatt_record::schema::{EnergySeries, Gap, MeasuredEnergy, Steady};

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
