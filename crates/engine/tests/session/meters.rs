//! Meters during the runs.

use perwatt_power::state::{Channel, Gauge, Probe};
use perwatt_power::{
    Boundary, Covers, Found, MeterInfo, Pace, Provenance, Quantity, ReadError, Reason, Source,
    Unavailable,
};
use perwatt_record::Record;
use perwatt_record::schema::{Flag, Run, Status};

use crate::fixture::*;

trials![
    counter_and_samples,
    failing_reads_are_gaps,
    readings_that_are_no_numbers,
    a_meter_that_panics,
    a_slow_meter_holds_up_no_other,
    a_hung_meter_does_not_hold_up_the_end,
    idle_before_and_after,
    no_idle_for_a_stated_power,
    the_state_of_the_machine,
];

/// The `n`-th reading of a meter.
trait Reading: FnMut(u64) -> Result<f64, ReadError> + Send + 'static {}

impl<F: FnMut(u64) -> Result<f64, ReadError> + Send + 'static> Reading for F {}

/// A meter whose readings are given by a function.
struct Scripted<F> {
    info: MeterInfo,
    reads: u64,
    reading: F,
    pace: Pace,
}

impl<F: Reading> Source for Scripted<F> {
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

    fn pace(&self) -> Pace {
        self.pace
    }
}

fn scripted(id: &str, quantity: Quantity, reading: impl Reading) -> Found {
    with_pace(info(id, quantity), Pace::LOCAL, reading)
}

/// As [`scripted`], with the meter's full description.
fn with_pace(info: MeterInfo, pace: Pace, reading: impl Reading) -> Found {
    Found::Available(Box::new(Scripted {
        info,
        reads: 0,
        reading,
        pace,
    }))
}

/// As [`scripted`], for power of a meter that may take long to answer.
fn blocking(id: &str, interval_s: f64, reading: impl Reading) -> Found {
    let pace = Pace {
        interval_s,
        blocking: true,
        answer_s: 0.0,
    };
    with_pace(info(id, Quantity::PowerW), pace, reading)
}

pub fn info(id: &str, quantity: Quantity) -> MeterInfo {
    MeterInfo {
        provenance: Provenance::PowerSamples,
        look_back_s: Some(0.0),
        ..MeterInfo::new(
            id,
            "a test meter",
            Covers::Machine,
            Boundary::Wall,
            quantity,
        )
    }
}

/// Counts one joule at each read.
pub fn counter(id: &str) -> Found {
    counting(info(id, Quantity::EnergyJ))
}

/// As [`counter`], with the meter's full description.
pub fn counting(info: MeterInfo) -> Found {
    with_pace(info, Pace::LOCAL, |n| Ok(n as f64))
}

fn gone() -> ReadError {
    ReadError::Vanished {
        path: "energy_uj".into(),
    }
}

/// The meters that have an energy for a run.
fn meters_of(run: &Run) -> Vec<u32> {
    let energy = &run.measured.as_ref().unwrap().energy;
    energy.iter().map(|energy| energy.meter).collect()
}

/// The reasons of a meter's gaps.
fn gaps(run: &Run, meter: usize) -> impl Iterator<Item = &str> {
    let gaps = run.energy[meter].gaps.iter();
    gaps.map(|gap| gap.reason.as_str())
}

/// The record of a session with these meters, as read back from its file.
fn measured_by(meters: Vec<Found>) -> Record {
    well(session(meters))
}

/// A plan whose windows hold several readings.
fn session(meters: Vec<Found>) -> perwatt_engine::session::NewSession {
    let mut new = new_session(vec![multiplying("well"), hashing("well")], 1);
    new.planned.config.protocol.window_s = 0.5;
    new.instruments.meters = meters;
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
    let record = measured_by(vec![
        counter("counter"),
        Found::Unavailable(missing.clone()),
        scripted("power", Quantity::PowerW, |_| Ok(25.0)),
    ]);
    let ids = record.meters.iter().map(|meter| meter.id.as_str());
    assert!(ids.eq(["counter", "power"]));
    assert_eq!(record.meters_unavailable, [missing]);
    for run in &record.runs {
        assert_eq!(run.status, Status::Ok);
        assert!(!run.flags.contains(&Flag::MeterGap));
        assert!(run.energy.iter().all(|series| series.gaps.is_empty()));
        let mut samples = run.energy.iter().flat_map(|series| &series.samples);
        assert!(samples.all(|(t, _)| *t >= run.started_ns));
        let [counter, power] = &run.measured.as_ref().unwrap().energy[..] else {
            panic!("not two meters but {:?}", run.measured)
        };
        let inside = |t: u64| (counter.start_ns..=counter.end_ns).contains(&t);
        let readings = run.energy[0].samples.iter().filter(|(t, _)| inside(*t));
        assert_eq!(counter.energy_j, (readings.count() - 1) as f64);
        assert!((power.power_w - 25.0).abs() < 1e-9);
        let steady = run.steady.unwrap();
        assert!(power.start_ns >= steady.from_ns && power.end_ns <= steady.to_ns);
    }
    assert!(record.summary.iter().all(|row| row.energy.len() == 2));
}

fn failing_reads_are_gaps() {
    let record = measured_by(vec![
        counter("good"),
        scripted("every other", Quantity::PowerW, |n| {
            (n % 2 == 1).then_some(10.0).ok_or_else(gone)
        }),
        scripted("never", Quantity::EnergyJ, |_| Err(gone())),
    ]);
    for run in &record.runs {
        assert_eq!(run.status, Status::Ok);
        assert!(run.flags.contains(&Flag::MeterGap));
        assert!(run.energy[0].gaps.is_empty());
        assert!(!run.energy[1].gaps.is_empty() && !run.energy[1].samples.is_empty());
        assert!(run.energy[2].samples.is_empty());
        assert!(gaps(run, 2).all(|reason| reason.contains("energy_uj vanished")));
        assert_eq!(meters_of(run), [0]);
    }
}

fn readings_that_are_no_numbers() {
    let record = measured_by(vec![
        scripted("nan", Quantity::PowerW, |_| Ok(f64::NAN)),
        scripted("inf", Quantity::EnergyJ, |n| {
            Ok(if n > 3 { f64::INFINITY } else { 1.0 })
        }),
        scripted("max", Quantity::PowerW, |_| Ok(f64::MAX)),
        scripted("negative", Quantity::PowerW, |_| Ok(-5.0)),
        scripted("tiny", Quantity::PowerW, |n| {
            Ok(if n.is_multiple_of(4) { 1e-306 } else { 20.0 })
        }),
        scripted("subnormal", Quantity::EnergyJ, |n| Ok(n as f64 * 5e-324)),
    ]);
    for run in &record.runs {
        assert!(gaps(run, 4).all(|reason| reason.contains("1e-306 W")));
        assert!(!run.energy[4].gaps.is_empty() && !run.energy[4].samples.is_empty());
        assert!(run.energy[2].samples.is_empty() && run.energy[5].samples.is_empty());
        assert!(gaps(run, 0).any(|reason| reason.contains("NaN")));
        assert!(run.energy[0].samples.is_empty());
    }
}

fn a_meter_that_panics() {
    let record = measured_by(vec![
        scripted("panics", Quantity::PowerW, |n| {
            assert!(n < 3, "this meter panics on purpose");
            Ok(5.0)
        }),
        counter("beside it"),
    ]);
    assert!(all_ran(&record));
    let last = record.runs.last().unwrap();
    assert_eq!(meters_of(last), [1]);
    let gaps = record.runs.iter().flat_map(|run| gaps(run, 0));
    assert!(gaps.last().unwrap().contains("failed inside"));
}

fn a_slow_meter_holds_up_no_other() {
    let record = measured_by(vec![
        // It takes longer to answer than a window lasts.
        blocking("slow", 0.1, |_| {
            std::thread::sleep(std::time::Duration::from_millis(700));
            Ok(30.0)
        }),
        counter("quick"),
    ]);
    for run in &record.runs {
        assert!(run.energy[1].samples.len() > 3 * run.energy[0].samples.len());
        assert!(meters_of(run).contains(&1));
    }
}

fn a_hung_meter_does_not_hold_up_the_end() {
    let record = measured_by(vec![
        blocking("hung", 1.0, |_| {
            loop {
                std::thread::park();
            }
        }),
        counter("quick"),
    ]);
    // The test is that this line is reached.
    for run in &record.runs {
        assert!(run.energy[0].samples.is_empty() && !run.energy[1].samples.is_empty());
    }
}

fn idle_before_and_after() {
    let mut new = session(vec![scripted("power", Quantity::PowerW, |_| Ok(25.0))]);
    new.planned.config.protocol.idle_s = 0.4;
    let record = well(new);
    let when: Vec<u32> = record.idle.iter().map(|idle| idle.after_runs).collect();
    assert_eq!(when, [0, record.runs.len() as u32]);
    for idle in &record.idle {
        assert!(idle.ended_ns - idle.started_ns >= 400_000_000);
        assert!(idle.energy[0].samples.len() >= 4);
    }
    // The load used no more than idle, so that there are no figures above idle.
    for row in &record.summary {
        let idle = row.energy[0].idle.as_ref().unwrap();
        assert!((idle.power_w - 25.0).abs() < 1e-9);
        assert_eq!(row.energy[0].net_energy_per_unit_j, None);
    }
}

fn no_idle_for_a_stated_power() {
    let stated = MeterInfo {
        provenance: Provenance::User,
        ..info("stated", Quantity::PowerW)
    };
    let mut new = session(vec![with_pace(stated, Pace::LOCAL, |_| Ok(65.0))]);
    new.planned.config.protocol.idle_s = 3600.0;
    let record = well(new);
    assert!(record.idle.is_empty());
}

/// Two channels, one of which sometimes fails, and a setting that changes.
struct Thermometer(Vec<Channel>, u32);

impl Probe for Thermometer {
    fn channels(&self) -> &[Channel] {
        &self.0
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        self.1 += 1;
        vec![Some(40.0 + f64::from(self.1)), Some(f64::NAN)]
    }

    fn settings(&mut self) -> Vec<(String, String)> {
        let governor = ["performance", "powersave"][usize::from(self.1 >= 2)];
        vec![("cpu/governor".into(), governor.into())]
    }
}

fn the_state_of_the_machine() {
    let channel = |id: &str| Channel {
        id: id.into(),
        description: "a test channel".into(),
        covers: Covers::Cpu,
        gauge: Gauge::TemperatureC,
    };
    let mut new = session(Vec::new());
    new.instruments.probes = vec![Box::new(Thermometer(
        vec![channel("cpu/temp"), channel("cpu/broken")],
        0,
    ))];
    let record = well(new);
    let ids: Vec<&str> = record.channels.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["cpu/temp", "cpu/broken"]);
    let governor = &record.session.segments[0].settings["cpu/governor"];
    assert_eq!(governor, "performance");
    for run in &record.runs {
        assert!(!run.state[0].samples.is_empty() && run.state[1].samples.is_empty());
        let mut samples = run.state[0].samples.iter();
        assert!(samples.all(|(t, v)| *t >= run.started_ns && *v > 40.0));
        assert_eq!(run.settings_changed["cpu/governor"], "powersave");
    }
}
