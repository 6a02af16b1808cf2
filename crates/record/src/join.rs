//! Joins the log of a meter that wrote its own file during the session.
//!
//! The log counts time by its own clock, the record by the machine's monotonic clock. The
//! two are joined through the UTC time at which each segment of the session began. A
//! logger's clock is often off by seconds, so the user may state an offset.

use jiff::Timestamp;
use perwatt_power::MeterInfo;
use perwatt_stats::upper_median;
use thiserror::Error;

use crate::derive;
use crate::schema::{EnergySeries, Joined, Record, Segment};

/// The minor version whose files hold every figure that is derived here.
const WITH_TODAYS_FIGURES: u32 = 3;

/// Errors of joining a log.
#[derive(Debug, Error, PartialEq)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum JoinError {
    #[error(
        "no reading of {meter} falls into a run: the log covers {log}, the session {session}. {cure}"
    )]
    NoOverlap {
        meter: String,
        log: String,
        session: String,
        cure: &'static str,
    },
    #[error(
        "the record has a meter {0:?} already; the same log adds nothing, and another needs a name of its own: name="
    )]
    Twice(String),
    #[error("the log of {0} holds no reading")]
    Empty(String),
    #[error(
        "the log of {meter} has a reading every {period_s} s, too rarely for windows of {window_s} s: log every {most_s} s or more often, or measure with --seconds {needed_s:.1} or more"
    )]
    TooCoarse {
        meter: String,
        period_s: f64,
        window_s: f64,
        /// The longest interval that would do, in seconds.
        most_s: f64,
        needed_s: f64,
    },
    #[error(
        "{meter} looks back {look_back_s} s (averaging=, delay=), and windows last {window_s} s: measure with --seconds {needed_s:.1} or more"
    )]
    LooksBack {
        meter: String,
        look_back_s: f64,
        window_s: f64,
        needed_s: f64,
    },
    #[error("session.segments[{segment}].started_utc is {text:?}, which is not an RFC 3339 time")]
    Clock { segment: usize, text: String },
}

/// Length of a year, in nanoseconds. A log with times before 1971 does not count from 1970.
const YEAR_NS: i128 = 365 * 86_400 * 1_000_000_000;
const NOT_UNIX: &str = "The log's times do not count from 1970: if they count seconds from its own start, give the Unix time of that start with offset=SECONDS; if they are a spreadsheet's days, export them as text such as 2026-01-31T12:00:00Z";
const CLOCK_OFF: &str =
    "If the logger's clock is off or not in UTC, say by how much with offset=SECONDS";

/// One reading of a log: nanoseconds since 1970, and watts or cumulative joules.
pub type LogSample = (i128, f64);

/// Adds a log's readings to each run and idle stretch of the record and derives every
/// figure again. Times in `samples` must rise; `offset_s` is added to them. The record is
/// not sealed.
///
/// # Errors
/// [`JoinError`]; the record is then unchanged.
pub fn join(
    record: &mut Record,
    mut meter: MeterInfo,
    samples: &[LogSample],
    offset_s: f64,
    source: String,
) -> Result<(), JoinError> {
    if record.meters.iter().any(|known| known.id == meter.id) {
        return Err(JoinError::Twice(meter.id));
    }
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Err(JoinError::Empty(meter.id));
    };
    let origins = record
        .session
        .segments
        .iter()
        .enumerate()
        .map(|(at, segment)| origin_unix_ns(at, segment))
        .collect::<Result<Vec<i128>, _>>()?;
    let offset_ns = (offset_s * 1e9) as i128;
    let index = record.meters.len() as u32;
    let series = |segment: u32, from_ns: u64, to_ns: u64| -> EnergySeries {
        // From the log's clock to the clock of the segment.
        let shift = offset_ns - origins.get(segment as usize).copied().unwrap_or(0);
        let first = samples.partition_point(|(t, _)| t + shift < i128::from(from_ns));
        let inside = samples[first..].iter().map_while(|(unix_ns, value)| {
            let t_ns = u64::try_from(unix_ns + shift).ok()?;
            (t_ns <= to_ns).then_some((t_ns, *value))
        });
        EnergySeries::new(index, inside.collect())
    };
    let runs: Vec<EnergySeries> = record
        .runs
        .iter()
        .map(|run| {
            let end_ns = run.work.last().map_or(run.started_ns, |(t, _)| *t);
            series(run.segment, run.started_ns, end_ns)
        })
        .collect();
    if runs.iter().all(|series| series.samples.is_empty()) {
        return Err(JoinError::NoOverlap {
            meter: meter.id,
            log: span(first.0 + offset_ns, last.0 + offset_ns),
            session: session_span(record, &origins),
            cure: match first.0 < YEAR_NS {
                true => NOT_UNIX,
                false => CLOCK_OFF,
            },
        });
    }
    let idle: Vec<EnergySeries> = record
        .idle
        .iter()
        .map(|idle| series(idle.segment, idle.started_ns, idle.ended_ns))
        .collect();

    meter.update_period_s = meter.update_period_s.or_else(|| median_distance_s(samples));
    if let Some(period_s) = meter.update_period_s {
        if meter.look_back_s.is_none() {
            meter.notes.push(format!(
                "what it averages over and its delay are not specified: {:.3} s assumed, \
                 the mean since the reading before; averaging= and delay= state them",
                period_s
            ));
        }
        let look_back_s = *meter.look_back_s.get_or_insert(period_s);
        let window_s = record.config.protocol.window_s;
        let needed_s = derive::shortest_window_s(look_back_s, period_s, period_s);
        if needed_s > window_s {
            let meter = meter.id;
            // Rounded down, so that it suffices.
            let most_s = window_s / derive::shortest_window_s(0.0, 1.0, 1.0);
            return Err(match look_back_s > window_s.max(period_s) {
                true => JoinError::LooksBack {
                    meter,
                    look_back_s,
                    window_s,
                    needed_s,
                },
                false => JoinError::TooCoarse {
                    meter,
                    period_s: (period_s * 1e3).round() / 1e3,
                    window_s,
                    most_s: (most_s * 1e3).floor() / 1e3,
                    needed_s,
                },
            });
        }
    }
    record.joined.push(Joined {
        meter: index,
        source,
        offset_s,
        readings: samples.len() as u64,
    });
    record.meters.push(meter);
    for (run, series) in record.runs.iter_mut().zip(runs) {
        run.energy.push(series);
    }
    for (idle, series) in record.idle.iter_mut().zip(idle) {
        idle.energy.push(series);
    }
    rederive(record);
    Ok(())
}

/// Derives every figure again with this build.
fn rederive(record: &mut Record) {
    // The rules for the proof of hashes depend on the minor version of the measurement, so
    // it is raised no further than to the first version with a place for every figure.
    record.schema.minor = record.schema.minor.max(WITH_TODAYS_FIGURES);
    for at in 0..record.runs.len() {
        if record.runs[at].measured.is_some() {
            record.runs[at].measured = derive::measure(record, &record.runs[at]);
        }
    }
    record.summary = derive::summarise(record);
}

fn origin_unix_ns(at: usize, segment: &Segment) -> Result<i128, JoinError> {
    segment
        .started_utc
        .parse::<Timestamp>()
        .map(Timestamp::as_nanosecond)
        .map_err(|_| JoinError::Clock {
            segment: at,
            text: segment.started_utc.clone(),
        })
}

fn median_distance_s(samples: &[LogSample]) -> Option<f64> {
    let distances = samples.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let median = upper_median(distances.collect(), i128::cmp)?;
    (median > 0).then_some(median as f64 * 1e-9)
}

fn session_span(record: &Record, origins: &[i128]) -> String {
    let at = |segment: u32, t_ns: u64| {
        origins.get(segment as usize).copied().unwrap_or(0) + i128::from(t_ns)
    };
    let starts = record
        .runs
        .iter()
        .map(|run| at(run.segment, run.started_ns));
    let ends = record.runs.iter().map(|run| {
        let end_ns = run.work.last().map_or(run.started_ns, |(t, _)| *t);
        at(run.segment, end_ns)
    });
    match starts.min().zip(ends.max()) {
        Some((start, end)) => span(start, end),
        None => "no run".into(),
    }
}

fn span(from_ns: i128, to_ns: i128) -> String {
    let text = |ns: i128| {
        Timestamp::from_nanosecond(ns).map_or_else(|_| "no time".into(), |t| format!("{t:.0}"))
    };
    format!("{} to {}", text(from_ns), text(to_ns))
}
