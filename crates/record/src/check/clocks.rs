//! Consistency of the clocks of a session: UTC, seconds since 1970, and the monotonic clock.

use jiff::Timestamp;

use super::sequence::end_ns;
use crate::schema::{Record, Segment};

/// Allowed difference between two clock readings, in seconds, as they are not read at the
/// same moment.
const CLOCK_SLACK_S: f64 = 2.0;

/// Checks the clocks of each segment, and the order of the segments.
pub fn check(record: &Record) -> Result<(), String> {
    for (index, segment) in (0..).zip(&record.session.segments) {
        agree(record, index, segment).map_err(|what| format!("segments[{index}]: {what}"))?;
    }
    in_order(record)
}

/// Compares UTC with seconds since 1970 and with the monotonic clock.
fn agree(record: &Record, index: u32, segment: &Segment) -> Result<(), String> {
    let time = |name: &str, text: &str| {
        text.parse::<Timestamp>()
            .map_err(|_| format!("{name} is {text:?}, no time in UTC as 2026-11-24T05:28:19Z"))
    };
    let started = time("started_utc", &segment.started_utc)?;
    let written = time("written_utc", &segment.written_utc)?;
    let apart_s = started.as_second() - i64::from(segment.started_unix_s);
    if apart_s.unsigned_abs() as f64 > CLOCK_SLACK_S {
        return Err(format!(
            "started_utc is {} and started_unix_s {}, {apart_s} s apart",
            segment.started_utc, segment.started_unix_s
        ));
    }
    let runs = record.runs.iter().filter(|run| run.segment == index);
    let idle = record.idle.iter().filter(|idle| idle.segment == index);
    let last_ns = runs.map(end_ns).chain(idle.map(|idle| idle.ended_ns)).max();
    let lasted_s = last_ns.unwrap_or(0) as f64 * 1e-9;
    let until_written_s = written.duration_since(started).as_secs_f64();
    if until_written_s + CLOCK_SLACK_S < lasted_s {
        return Err(format!(
            "it was written {until_written_s:.1} s after its start, and its series last {lasted_s:.1} s"
        ));
    }
    if until_written_s < 0.0 {
        return Err(format!(
            "written_utc {} is before started_utc {}",
            segment.written_utc, segment.started_utc
        ));
    }
    Ok(())
}

/// Checks that each segment began after the previous one was last written.
fn in_order(record: &Record) -> Result<(), String> {
    let time = |text: &str| text.parse::<Timestamp>().unwrap_or_default();
    let pairs = record.session.segments.windows(2);
    let apart = pairs.map(|pair| {
        let began = time(&pair[1].started_utc);
        began
            .duration_since(time(&pair[0].written_utc))
            .as_secs_f64()
    });
    match apart
        .zip(1..)
        .find(|(seconds, _)| *seconds < -CLOCK_SLACK_S)
    {
        Some((seconds, at)) => Err(format!(
            "segments[{at}] began {:.0} s before the one before it was written",
            -seconds
        )),
        None => Ok(()),
    }
}
