//! Joining the file of a logging meter with the runs afterwards.

mod common;

use common::{check_of, honest, meter};
use perwatt_power::{Provenance, Quantity};
use perwatt_record::Record;
use perwatt_record::join::{JoinError, LogSample, join};

/// Unix time in nanoseconds of the honest session's clock at 0: 2025-10-09T08:53:20Z.
const ORIGIN_NS: i128 = 1_760_000_000 * 1_000_000_000;

/// A log of 100 W plus 1 W a second, ten readings a second, over the session.
fn log(clock_error_s: f64) -> Vec<LogSample> {
    (-50..500)
        .map(|i: i128| {
            let t_ns = i * 100_000_000;
            let shift_ns = (clock_error_s * 1e9) as i128;
            (ORIGIN_NS + t_ns + shift_ns, 100.0 + t_ns as f64 * 1e-9)
        })
        .collect()
}

fn joined(record: &mut Record, samples: &[LogSample], offset_s: f64) -> Result<(), JoinError> {
    let mut wall = meter("logger", Quantity::PowerW, Provenance::PowerSamples);
    wall.update_period_s = None;
    join(record, wall, samples, offset_s, "log.csv".into())
}

#[test]
fn every_run_gets_the_power_of_its_own_time() {
    let mut record = honest();
    joined(&mut record, &log(0.0), 0.0).unwrap();
    record.seal().unwrap();
    let report = check_of(&record);
    assert!(!report.failed(), "{report:?}");
    assert_eq!(record.meters[2].update_period_s, Some(0.1));
    for run in &record.runs {
        let energy = &run.measured.as_ref().unwrap().energy[2];
        let middle_s = (energy.start_ns + energy.end_ns) as f64 * 0.5e-9;
        assert!((energy.power_w - 100.0 - middle_s).abs() < 1e-6);
    }
    assert!(record.summary.iter().all(|row| row.energy.len() == 3));
    assert_eq!(record.joined[0].readings, 550);
    assert!(record.file_name().ends_with("_joined1.json"));
}

#[test]
fn a_clock_that_is_off_is_put_right_by_the_offset() {
    let (mut right, mut shifted) = (honest(), honest());
    joined(&mut right, &log(0.0), 0.0).unwrap();
    joined(&mut shifted, &log(7200.0), -7200.0).unwrap();
    assert_eq!(right.runs, shifted.runs);
}

#[test]
fn a_log_too_coarse_for_the_windows_is_refused_with_what_would_do() {
    let every = |step: usize| -> Vec<LogSample> { log(0.0).into_iter().step_by(step).collect() };
    let mut record = honest();
    let before = record.clone();
    // Windows of one second, and a reading every two.
    let error = joined(&mut record, &every(20), 0.0)
        .unwrap_err()
        .to_string();
    for part in [
        "every 2 s",
        "windows of 1 s",
        "log every 0.333 s",
        "--seconds 6.0",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(record, before);
    // What it says would do does.
    joined(&mut record, &every(3), 0.0).unwrap();
    assert!(record.summary.iter().all(|row| row.energy.len() == 3));
}

#[test]
fn what_cannot_be_joined_changes_nothing() {
    let mut record = honest();
    let elsewhere = joined(&mut record, &log(7200.0), 0.0).unwrap_err();
    let text = elsewhere.to_string();
    assert!(text.contains("2025-10-09T10:53:15Z"), "{text}");
    assert!(
        text.contains("offset=") && text.contains("2025-10-09T08:53:20Z"),
        "{text}"
    );
    assert_eq!(
        joined(&mut record, &[], 0.0),
        Err(JoinError::Empty("logger".into()))
    );
    assert_eq!(record, honest());

    joined(&mut record, &log(0.0), 0.0).unwrap();
    assert_eq!(
        joined(&mut record, &log(0.0), 0.0),
        Err(JoinError::Twice("logger".into()))
    );

    let mut timeless = honest();
    timeless.session.segments[0].started_utc = "yesterday".into();
    let error = joined(&mut timeless, &log(0.0), 0.0).unwrap_err();
    assert!(error.to_string().contains("yesterday"), "{error}");
}
