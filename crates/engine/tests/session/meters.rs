//! Meters beside the runs.

use libtest_mimic::Trial;
use perwatt_power::{
    Boundary, Covers, Found, MeterInfo, Provenance, Quantity, ReadError, Reason, Source,
    Unavailable,
};
use perwatt_record::schema::{Flag, Status};

use crate::fixture::*;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("meters::counter_and_samples", counter_and_samples),
        trial("meters::failing_reads_are_gaps", failing_reads_are_gaps),
        trial(
            "meters::readings_that_are_no_numbers",
            readings_that_are_no_numbers,
        ),
        trial("meters::a_meter_that_panics", a_meter_that_panics),
    ]
}

/// A meter whose `n`-th reading is given.
struct Scripted<F> {
    info: MeterInfo,
    reads: u64,
    reading: F,
}

impl<F: FnMut(u64) -> Result<f64, ReadError> + Send> Source for Scripted<F> {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        self.reads += 1;
        (self.reading)(self.reads)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        None
    }
}

fn scripted(
    id: &str,
    quantity: Quantity,
    reading: impl FnMut(u64) -> Result<f64, ReadError> + Send + 'static,
) -> Found {
    available(Scripted {
        info: info(id, quantity),
        reads: 0,
        reading,
    })
}

fn info(id: &str, quantity: Quantity) -> MeterInfo {
    MeterInfo {
        id: id.into(),
        description: "a test meter".into(),
        covers: Covers::Machine,
        boundary: Boundary::Wall,
        provenance: Provenance::PowerSamples,
        quantity,
        domains: Vec::new(),
        excluded_domains: Vec::new(),
        quantum_j: None,
        quantum_w: None,
        update_period_s: None,
        averaging_s: None,
        gain_uncertainty_rel: None,
        notes: Vec::new(),
    }
}

/// Counts one joule at each read.
pub struct Counter(MeterInfo, f64);

impl Counter {
    pub fn new(id: &str) -> Self {
        Self(info(id, Quantity::EnergyJ), 0.0)
    }
}

impl Source for Counter {
    fn info(&self) -> &MeterInfo {
        &self.0
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        self.1 += 1.0;
        Ok(self.1)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        None
    }
}

fn gone() -> ReadError {
    ReadError::Vanished {
        path: "energy_uj".into(),
    }
}

/// A plan whose windows hold several readings.
fn session(meters: Vec<Found>) -> perwatt_engine::session::NewSession {
    let mut new = new_session(vec![multiplying("well"), hashing("well")], 1);
    new.planned.config.protocol.window_s = 0.5;
    new.meters = meters;
    new
}

fn counter_and_samples() {
    let missing = Unavailable {
        id: "rapl".into(),
        looked_for: "energy_uj".into(),
        reason: Reason::NotPermitted,
        detail: "only root may read it".into(),
        fix: None,
    };
    let (_dir, finished) = run(
        session(vec![
            available(Counter::new("counter")),
            Found::Unavailable(missing.clone()),
            scripted("power", Quantity::PowerW, |_| Ok(25.0)),
        ]),
        "well",
    );
    assert_archived(&finished, false);
    let record = &finished.record;
    let ids: Vec<_> = record
        .meters
        .iter()
        .map(|meter| meter.id.as_str())
        .collect();
    assert_eq!(ids, ["counter", "power"]);
    assert_eq!(record.meters_unavailable, [missing]);
    for run in &record.runs {
        assert_eq!(run.status, Status::Ok);
        assert!(!run.flags.contains(&Flag::MeterGap));
        assert!(run.energy.iter().all(|series| series.gaps.is_empty()));
        assert!(
            run.energy
                .iter()
                .flat_map(|s| &s.samples)
                .all(|(t, _)| *t >= run.started_ns)
        );
        let [counter, power] = &run.measured.as_ref().unwrap().energy[..] else {
            panic!("not two meters but {:?}", run.measured)
        };
        let inside = |t: u64| (counter.start_ns..=counter.end_ns).contains(&t);
        let readings = run.energy[0]
            .samples
            .iter()
            .filter(|(t, _)| inside(*t))
            .count();
        assert_eq!(counter.energy_j, (readings - 1) as f64);
        assert!((power.power_w - 25.0).abs() < 1e-9);
        let steady = run.steady.unwrap();
        assert!(power.start_ns >= steady.from_ns && power.end_ns <= steady.to_ns);
    }
    assert!(record.summary.iter().all(|row| row.energy.len() == 2));
}

fn failing_reads_are_gaps() {
    let (_dir, finished) = run(
        session(vec![
            available(Counter::new("good")),
            scripted("every other", Quantity::PowerW, |n| {
                if n.is_multiple_of(2) {
                    Err(gone())
                } else {
                    Ok(10.0)
                }
            }),
            scripted("never", Quantity::EnergyJ, |_| Err(gone())),
        ]),
        "well",
    );
    assert_archived(&finished, false);
    for run in &finished.record.runs {
        assert_eq!(run.status, Status::Ok);
        assert!(run.flags.contains(&Flag::MeterGap));
        assert!(run.energy[0].gaps.is_empty());
        assert!(!run.energy[1].gaps.is_empty() && !run.energy[1].samples.is_empty());
        assert!(run.energy[2].samples.is_empty());
        assert!(
            run.energy[2]
                .gaps
                .iter()
                .all(|gap| gap.reason.contains("energy_uj vanished"))
        );
        let meters: Vec<_> = run
            .measured
            .as_ref()
            .unwrap()
            .energy
            .iter()
            .map(|energy| energy.meter)
            .collect();
        assert_eq!(meters, [0]);
    }
}

fn readings_that_are_no_numbers() {
    let (_dir, finished) = run(
        session(vec![
            scripted("nan", Quantity::PowerW, |_| Ok(f64::NAN)),
            scripted("inf", Quantity::EnergyJ, |n| {
                Ok(if n > 3 { f64::INFINITY } else { 1.0 })
            }),
            scripted("max", Quantity::PowerW, |_| Ok(f64::MAX)),
            scripted("negative", Quantity::PowerW, |_| Ok(-5.0)),
        ]),
        "well",
    );
    assert_archived(&finished, false);
    for run in &finished.record.runs {
        assert!(
            run.energy[0]
                .gaps
                .iter()
                .any(|gap| gap.reason.contains("NaN"))
        );
        assert!(run.energy[0].samples.is_empty());
    }
}

fn a_meter_that_panics() {
    let (_dir, finished) = run(
        session(vec![
            scripted("panics", Quantity::PowerW, |n| {
                assert!(n < 3, "this meter panics on purpose");
                Ok(5.0)
            }),
            available(Counter::new("beside it")),
        ]),
        "well",
    );
    assert_archived(&finished, false);
    assert!(
        finished
            .record
            .runs
            .iter()
            .all(|run| run.status == Status::Ok)
    );
    let last = finished.record.runs.last().unwrap();
    let meters: Vec<u32> = last
        .measured
        .as_ref()
        .unwrap()
        .energy
        .iter()
        .map(|e| e.meter)
        .collect();
    assert_eq!(meters, [1]);
    let gaps = finished
        .record
        .runs
        .iter()
        .flat_map(|run| &run.energy[0].gaps);
    assert!(
        gaps.last()
            .is_some_and(|gap| gap.reason.contains("failed inside"))
    );
}
