//! Conversion of a cell to a moment, to the second.
//!
//! A time with an offset is a moment. A time without one is a reading of local clocks. It
//! is a moment only with the rules of a time zone and, where the clocks go back, with the
//! rows before it: the repeated hour occurs twice in the file, first in daylight time and
//! then in standard time.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use perwatt_table::moment;

use perwatt_table::nearest;

const NS: i128 = 1_000_000_000;

/// The remedy for a time beyond the ends of the calendar.
pub(super) const OUTSIDE: &str = " of a year that clocks know; correct the year";
/// The remedy for a number in place of a time.
const COUNTED: &str = ": counts since 1970 or of a spreadsheet's days are not read here; export \
                       the column as 2026-01-31T13:00:00-06:00";

/// The content of a time cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A moment, in seconds since 1970, and the offset written with it.
    Moment { second: i64, offset_s: i32 },
    /// A reading of local clocks.
    Local(DateTime),
}

/// The moments that a reading of local clocks denotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    /// One moment, in seconds since 1970.
    Once(i64),
    /// Two moments, in seconds since 1970.
    Twice { first: i64, second: i64 },
    /// The clocks go forward over it.
    Never,
}

/// Reads a time to the second; `None` if the text is not one.
pub(super) fn parse(text: &str) -> Option<Written> {
    match moment::parse(text)? {
        moment::Written::Local(local) => {
            (local.subsec_nanosecond() == 0).then_some(Written::Local(local))
        }
        moment::Written::Moment { ns, offset_s } if ns % NS == 0 => Some(Written::Moment {
            second: second(ns),
            offset_s: whole_minutes(Offset::from_seconds(offset_s).ok()?),
        }),
        moment::Written::Moment { .. } => None,
    }
}

/// The remedy for a cell that is not a time.
pub(super) fn cure(text: &str) -> &'static str {
    match text.parse::<f64>() {
        Ok(_) => COUNTED,
        Err(_) => moment::cure(text),
    }
}

/// The moments at which clocks in `timezone` show `local`; `None` at the calendar's ends.
pub(super) fn resolve(timezone: &TimeZone, local: DateTime) -> Option<Local> {
    Some(match moment::resolve(timezone, local)? {
        moment::Local::Once(ns) => Local::Once(second(ns)),
        moment::Local::Twice {
            first,
            second: last,
        } => Local::Twice {
            first: second(first),
            second: second(last),
        },
        moment::Local::Never => Local::Never,
    })
}

/// Converts nanoseconds within the calendar to seconds.
fn second(ns: i128) -> i64 {
    (ns / NS) as i64
}

/// An offset in seconds. Offsets of local mean time, from before time zones existed, are
/// not whole minutes; RFC 3339 cannot write them, and UTC is used instead.
pub(super) fn whole_minutes(offset: Offset) -> i32 {
    Some(offset.seconds())
        .filter(|seconds| seconds % 60 == 0)
        .unwrap_or(0)
}

/// The time zone of an IANA name, from the built-in database; otherwise the most similar
/// name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Option<String>> {
    moment::zone(name)
        .map_err(|names| nearest(name, names.iter().map(String::as_str)).map(str::to_owned))
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
    fn a_zone_that_there_is_not() {
        let near = Some("America/Chicago".to_owned());
        assert_eq!(zone("America/Chicgo").unwrap_err(), near);
        assert_eq!(zone("%%").unwrap_err(), None);
    }
}
