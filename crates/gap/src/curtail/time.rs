//! From a cell to a moment.
//!
//! A time with an offset is a moment. A time without one is what local clocks show, and
//! is a moment only with the rules of a time zone and, where the clocks go back, with
//! the rows before it: the hour that is repeated stands in the file twice, first in
//! daylight time and then in standard time.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::nearest::nearest;

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A moment, in seconds since 1970, and the offset that stands beside it.
    Moment { second: i64, offset_s: i32 },
    /// What local clocks show.
    Local(DateTime),
}

/// What local clocks mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    /// One moment, in seconds since 1970.
    Once(i64),
    /// Two moments, in seconds since 1970.
    Twice { first: i64, second: i64 },
    /// The clocks go forward over it.
    Never,
}

/// Reads a time to the second; `None` if it is none.
///
/// A name of a zone in brackets is none of RFC 3339, and could contradict the offset.
pub(super) fn parse(text: &str) -> Option<Written> {
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces.time()?;
    if pieces.time_zone_annotation().is_some() || time.subsec_nanosecond() != 0 {
        return None;
    }
    let local = DateTime::from_parts(pieces.date(), time);
    match pieces.to_numeric_offset() {
        None => Some(Written::Local(local)),
        Some(offset) => Some(Written::Moment {
            second: second(offset, local)?,
            offset_s: whole_minutes(offset),
        }),
    }
}

/// What clocks in `timezone` mean by `local`; `None` at the calendar's ends.
pub(super) fn resolve(timezone: &TimeZone, local: DateTime) -> Option<Local> {
    Some(match timezone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Local::Once(second(offset, local)?),
        AmbiguousOffset::Fold { before, after } => Local::Twice {
            first: second(before, local)?,
            second: second(after, local)?,
        },
        AmbiguousOffset::Gap { .. } => Local::Never,
    })
}

fn second(offset: Offset, local: DateTime) -> Option<i64> {
    Some(offset.to_timestamp(local).ok()?.as_second())
}

/// An offset in seconds. Those of local mean time, before there were zones, are no whole
/// minutes; RFC 3339 cannot write them, and UTC stands in.
pub(super) fn whole_minutes(offset: Offset) -> i32 {
    Some(offset.seconds())
        .filter(|seconds| seconds % 60 == 0)
        .unwrap_or(0)
}

/// The zone of an IANA name, by the database that is built in; otherwise the nearest
/// name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Option<String>> {
    let database = TimeZoneDatabase::bundled();
    database.get(name).map_err(|_| {
        let names: Vec<String> = database.available().map(|n| n.to_string()).collect();
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_an_offset() {
        let noon = |offset_s| {
            Some(Written::Moment {
                second: 1_769_860_800,
                offset_s,
            })
        };
        assert_eq!(parse("2026-01-31T12:00:00Z"), noon(0));
        assert_eq!(parse("2026-01-31 12:00:00.000z"), noon(0));
        assert_eq!(parse("2026-01-31T06:00:00-06:00"), noon(-21_600));
        assert_eq!(parse("2026-01-31T17:30+05:30"), noon(19_800));
        for bad in [
            "",
            "2026-01-31",
            "2026-01-31Z",
            "2026-01-31T24:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-31T12:00:00.5Z",
            "2026-01-31T06:00:00-06:00[America/Chicago]",
            "01/31/2026 12:00",
            "1769860800",
            "9999-12-31T23:00:00-23:00",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn clocks_that_change() {
        let chicago = zone("America/Chicago").unwrap();
        let at = |text| match parse(text) {
            Some(Written::Local(local)) => resolve(&chicago, local).unwrap(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(at("2026-01-31T06:00"), Local::Once(1_769_860_800));
        assert_eq!(at("2026-03-08T02:30"), Local::Never);
        let Local::Twice { first, second } = at("2026-11-01T01:15") else {
            panic!("the hour is not double");
        };
        assert_eq!(second - first, 3600);
    }

    #[test]
    fn a_zone_that_there_is_not() {
        let near = Some("America/Chicago".to_owned());
        assert_eq!(zone("America/Chicgo").unwrap_err(), near);
        assert_eq!(zone("%%").unwrap_err(), None);
    }
}
