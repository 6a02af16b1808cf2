//! Converts rows to ordered moments with a constant step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error::ReadCause;
use super::prices::{rfc3339, step_is_allowed};
use super::read::ReadOptions;
use super::rows::{Row, Rows};
use super::time::{self, Local, Written};

/// The moment of every row, in seconds since 1970.
///
/// A time that occurs twice is read as the moment that continues the series or, if the step
/// is not known yet, as the first one later than the row before. `begin_in_second` decides
/// for the first row.
pub(super) fn moments(
    rows: &Rows<'_>,
    zone: Option<&TimeZone>,
    options: &ReadOptions,
    begin_in_second: bool,
) -> Result<Vec<i64>, ReadCause> {
    let mut moments: Vec<i64> = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let no_time = || ReadCause::NoTime {
            at: rows.at(row),
            cure: time::OUTSIDE,
        };
        let local = match (row.written, zone) {
            (Written::Moment { second, .. }, _) => Local::Once(second),
            (Written::Local(local), Some(zone)) => {
                time::resolve(zone, local).ok_or_else(no_time)?
            }
            (Written::Local(_), None) => return Err(no_time()),
        };
        moments.push(match (local, &moments[..]) {
            (Local::Once(second), _) => second,
            (Local::Never, _) => {
                return Err(ReadCause::Skipped {
                    at: rows.at(row),
                    timezone: options.timezone.clone().unwrap_or_default(),
                });
            }
            (Local::Twice { first, second }, []) => match begin_in_second {
                true => second,
                false => first,
            },
            (Local::Twice { first, second }, [.., before, last])
                if [first, second].contains(&(last + (last - before))) =>
            {
                last + (last - before)
            }
            (Local::Twice { first, second }, [.., last]) => match first > *last {
                true => first,
                false => second,
            },
        });
    }
    Ok(moments)
}

/// The step from each row to the next, in seconds: the most common one. Any other step is
/// an error.
pub(super) fn step(
    rows: &Rows<'_>,
    seconds: &[i64],
    zone: Option<&TimeZone>,
) -> Result<i64, ReadCause> {
    let mut counts = BTreeMap::<i64, usize>::new();
    for apart_s in seconds.windows(2).map(|pair| pair[1] - pair[0]) {
        *counts.entry(apart_s).or_default() += usize::from(apart_s > 0);
    }
    // Among equally common steps the shortest is taken: the others may be gaps.
    let step_s = counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(0, |(step_s, _)| step_s);
    for (row, pair) in rows[1..].iter().zip(seconds.windows(2)) {
        let apart_s = pair[1] - pair[0];
        if apart_s == step_s && step_is_allowed(step_s) {
            continue;
        }
        let (at, before_line) = (rows.at(row), row.before_line);
        if apart_s == 0 {
            return Err(ReadCause::Duplicate { at, before_line });
        }
        if apart_s < 0 {
            return Err(ReadCause::Unordered {
                at,
                before_line,
                back_s: -apart_s,
            });
        }
        if apart_s == step_s {
            return Err(ReadCause::StepNotAllowed {
                at,
                before_line,
                step_s,
            });
        }
        if apart_s % step_s == 0 {
            let clock = |second| rfc3339(second, offset_s(row, second, zone));
            return Err(ReadCause::Gap {
                from: clock(pair[0] + step_s),
                to: clock(pair[1]),
                at,
                missing: apart_s / step_s - 1,
                step_s,
            });
        }
        return Err(ReadCause::WrongStep {
            at,
            before_line,
            apart_s,
            step_s,
        });
    }
    Ok(step_s)
}

/// True if local clocks show the row's time twice.
pub(super) fn is_double(row: &Row, zone: Option<&TimeZone>) -> bool {
    match (row.written, zone) {
        (Written::Local(local), Some(zone)) => {
            matches!(time::resolve(zone, local), Some(Local::Twice { .. }))
        }
        _ => false,
    }
}

/// The offset of local clocks from UTC, in seconds: that of the zone if one is given,
/// otherwise that of the row.
pub(super) fn offset_s(row: &Row, second: i64, zone: Option<&TimeZone>) -> i32 {
    let zoned = zone.zip(Timestamp::from_second(second).ok());
    match (zoned, row.written) {
        (Some((zone, time)), _) => time::whole_minutes(zone.to_offset(time)),
        (None, Written::Moment { offset_s, .. }) => offset_s,
        (None, Written::Local(_)) => 0,
    }
}
