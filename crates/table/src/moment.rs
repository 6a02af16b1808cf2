//! Times in tables: the moment of a cell, and a remedy for a cell that has none.
//!
//! A time with an offset is a moment. A time without an offset is a reading of local
//! clocks, and is a moment only with the rules of a time zone. A number counts from
//! 1970, in the unit that the column's name gives, or that the size of the number
//! implies.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use std::borrow::Cow;

/// The content of a cell with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A moment, and the offset that was given with it.
    Moment {
        /// Nanoseconds since 1970 (UTC).
        ns: i128,
        /// Local time minus UTC, in seconds.
        offset_s: i32,
    },
    /// Local time, without an offset.
    Local(DateTime),
}

/// The moments of a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// One moment, in nanoseconds since 1970.
    Once(i128),
    /// Two moments, in nanoseconds since 1970, because the clocks were set back.
    Twice {
        /// The moment in daylight saving time.
        first: i128,
        /// The moment in standard time.
        second: i128,
    },
    /// No moment: the clocks skip this time when they go forward.
    Never,
}

/// Parses a date with a time; `None` if the text is not one.
///
/// Accepts ISO 8601, also with a space for the `T`, slashes in a date that begins with
/// the year, and ` UTC` for the `Z`. The name of a zone in brackets is rejected,
/// because it could contradict the offset.
pub fn parse(text: &str) -> Option<Written> {
    let text = usual(text);
    // A plain count is not a time, and this test is faster than an attempt to parse it.
    if !text.contains(['-', 'T', 't', ':', ' ']) {
        return None;
    }
    let pieces = Pieces::parse(text.as_ref()).ok()?;
    let time = pieces.time()?;
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let local = DateTime::from_parts(pieces.date(), time);
    match pieces.to_numeric_offset() {
        None => Some(Written::Local(local)),
        Some(offset) => Some(Written::Moment {
            ns: ns(offset, local)?,
            offset_s: offset.seconds(),
        }),
    }
}

/// The text in the form of ISO 8601, where only separators differ.
fn usual(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let mut text = match text.rsplit_once(' ') {
        Some((time, "UTC" | "GMT" | "Z" | "z")) => Cow::Owned(format!("{time}Z")),
        Some((time, offset)) if offset.starts_with(['+', '-']) => {
            Cow::Owned(format!("{time}{offset}"))
        }
        _ => Cow::Borrowed(text),
    };
    let bytes = text.as_bytes();
    let year_first = bytes.iter().take(4).all(u8::is_ascii_digit);
    if year_first && bytes.get(4) == Some(&b'/') && bytes.get(7) == Some(&b'/') {
        text = Cow::Owned(text.replacen('/', "-", 2));
    }
    text
}

/// The moments of `local` in `timezone`; `None` at the ends of the calendar.
pub fn resolve(timezone: &TimeZone, local: DateTime) -> Option<Local> {
    Some(match timezone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Local::Once(ns(offset, local)?),
        AmbiguousOffset::Fold { before, after } => Local::Twice {
            first: ns(before, local)?,
            second: ns(after, local)?,
        },
        AmbiguousOffset::Gap { .. } => Local::Never,
    })
}

fn ns(offset: Offset, local: DateTime) -> Option<i128> {
    Some(offset.to_timestamp(local).ok()?.as_nanosecond())
}

/// The zone with an IANA name, from the built-in database; if it does not exist, all names.
pub fn zone(name: &str) -> Result<TimeZone, Vec<String>> {
    let database = TimeZoneDatabase::bundled();
    let names = || database.available().map(|n| n.to_string()).collect();
    database.get(name).map_err(|_| names())
}

/// Remedy for a cell that [`parse`] rejects: a phrase to follow "is not a time".
pub fn cure(text: &str) -> &'static str {
    const DAY: &str = " that can be told: which number is the day and which the month; export \
                       dates as 2026-01-31T13:00:00+01:00 (in a spreadsheet: the format \
                       yyyy-mm-dd hh:mm:ss)";
    const NO_DATE: &str = " of a known day; join the column of the date and this one as \
                           2026-01-31T13:00:00+01:00";
    const NO_TIME: &str = " of a day; write date, time and offset as 2026-01-31T13:00:00+01:00";
    const ZONE: &str = " with a known offset: letters such as CET are not read; write the offset \
                        from UTC as in 2026-01-31T13:00:00+01:00";
    const TWELVE: &str = " of 24 hours; export times as 2026-01-31T13:00:00+01:00, without AM \
                          and PM";
    const NUMBER: &str = " that is counted from 1970 in digits alone; export the column as a \
                          whole number or as 2026-01-31T13:00:00+01:00";
    const OTHER: &str = "; write date, time and offset as 2026-01-31T13:00:00+01:00 or \
                         2026-01-31T12:00:00Z, and begin a line that holds no reading with #";
    let text = text.trim();
    let lower = text.to_lowercase();
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let next = text.chars().nth(digits);
    let letters = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if text.replace(',', ".").parse::<f64>().is_ok() {
        NUMBER
    } else if lower.ends_with("am") || lower.ends_with("pm") {
        TWELVE
    } else if (1..=2).contains(&digits) && matches!(next, Some('/' | '.' | '-')) {
        DAY
    } else if (1..=2).contains(&digits) && next == Some(':') {
        NO_DATE
    } else if text.contains('[')
        || (digits == 4 && letters.len() < text.len() && letters.ends_with(' '))
    {
        ZONE
    } else if digits == 4 && matches!(next, Some('/' | '-')) && !text.contains(':') {
        NO_TIME
    } else {
        OTHER
    }
}

/// A unit of time in a column's name or below it, in nanoseconds.
pub fn unit_ns(text: &str) -> Option<i128> {
    match text.trim().to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1_000_000_000),
        "ms" | "msec" | "millis" | "milliseconds" => Some(1_000_000),
        "us" | "\u{b5}s" | "\u{3bc}s" | "usec" | "micros" | "microseconds" => Some(1000),
        "ns" | "nsec" | "nanos" | "nanoseconds" => Some(1),
        "min" | "minutes" => Some(60_000_000_000),
        "h" | "hours" => Some(3_600_000_000_000),
        _ => None,
    }
}

/// Nanoseconds since 1970 for a count in plain digits. Without `unit_ns`, the size of
/// the number decides: seconds before the year 5138, or milliseconds, microseconds or
/// nanoseconds from 1973 on. `None` if the time is outside the calendar or the count
/// has an exponent.
pub fn since_1970(digits: &str, unit_ns: Option<i128>) -> Option<i128> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 20 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let sizes = [(1_000_000_000, 11), (1_000_000, 14), (1000, 17)];
    let told = sizes.iter().find(|(_, places)| whole < 10i128.pow(*places));
    let unit_ns = unit_ns.unwrap_or(told.map_or(1, |(unit_ns, _)| *unit_ns));
    // Scale integer and fractional parts separately: a product of all digits would lose
    // the last ones.
    let part: String = part.chars().take(9).collect();
    let scale = 10i128.pow(part.len() as u32);
    let part: i128 = if part.is_empty() {
        0
    } else {
        part.parse().ok()?
    };
    let ns = whole.checked_mul(unit_ns)? + part * unit_ns / scale;
    jiff::Timestamp::from_nanosecond(ns).is_ok().then_some(ns)
}

/// Names of a column of times, without the words for UTC and for a unit, in small
/// letters and without separators between words.
pub const TIME_NAMES: [&str; 11] = [
    "time",
    "timestamp",
    "datetime",
    "unix",
    "epoch",
    "unixtime",
    "epochtime",
    "unixtimestamp",
    "zeit",
    "zeitstempel",
    "datumzeit",
];
/// Other words that may accompany `UTC` in the name of a column of times.
const BESIDE_UTC: &str =
    "date datum ts start begin beginning end interval hour period from in at of the";

/// A name in which an unknown word beside UTC may change its meaning.
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
#[error("the name has words beside UTC that are not known; write UTC or UTC+1 alone")]
pub struct UnclearZone;

/// The zone that a column's name gives, and the name without it: `Time (UTC+1)`.
///
/// # Errors
/// [`UnclearZone`] for names such as `not UTC` and `utc_offset`.
pub fn zone_of_name(name: &str) -> Result<(Option<TimeZone>, String), UnclearZone> {
    let lower = name.to_lowercase();
    let is_utc = |word: &&str| ["utc", "gmt", "zulu"].contains(word);
    let word = lower
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| is_utc(&word.trim_end_matches(|c: char| c.is_ascii_digit())));
    let Some(word) = word else {
        return Ok((None, lower));
    };
    if !is_utc(&word) {
        return Err(UnclearZone);
    }
    let at = lower.find(word).ok_or(UnclearZone)?;
    // A word that contains it may stand before it.
    let at = lower
        .match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !lower[..*at].ends_with(char::is_alphanumeric))
        .unwrap_or(at);
    let after = lower[at + word.len()..].trim_start();
    let signed = after.strip_prefix(['+', '-', '\u{2212}', '\u{b1}']);
    let signed = signed
        .map(str::trim_start)
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let (seconds, rest) = match signed {
        None => (0, after),
        Some(digits) => {
            let end = digits
                .find(|c: char| !c.is_ascii_digit() && c != ':')
                .unwrap_or(digits.len());
            let (hours, minutes) = match (digits[..end].split_once(':'), end) {
                (Some(pair), _) => pair,
                (None, 4) => digits[..end].split_at(2),
                (None, _) => (&digits[..end], "0"),
            };
            let (hours, minutes): (i32, i32) = (
                hours.parse().map_err(|_| UnclearZone)?,
                minutes.parse().map_err(|_| UnclearZone)?,
            );
            if hours > 14 || minutes > 59 || after.starts_with('\u{b1}') {
                return Err(UnclearZone);
            }
            let sign = if after.starts_with('+') { 1 } else { -1 };
            (sign * (hours * 3600 + minutes * 60), &digits[end..])
        }
    };
    let left = format!("{} {rest}", &lower[..at]);
    let words = left
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let known = |word: &str| {
        TIME_NAMES.contains(&word)
            || BESIDE_UTC.split(' ').any(|known| known == word)
            || unit_ns(word).is_some()
            || is_utc(&word)
    };
    if !words.clone().all(known) {
        return Err(UnclearZone);
    }
    let offset = jiff::tz::Offset::from_seconds(seconds).map_err(|_| UnclearZone)?;
    let zone = match seconds {
        0 => TimeZone::UTC,
        _ => TimeZone::fixed(offset),
    };
    Ok((Some(zone), left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: i128 = 1_769_860_800_000_000_000;

    #[test]
    fn times_with_an_offset() {
        let at = |ns, offset_s| Some(Written::Moment { ns, offset_s });
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31 12:00:00.000z",
            "2026-01-31 12:00:00 UTC",
            "2026/01/31 12:00:00 GMT",
            "20260131T120000Z",
        ] {
            assert_eq!(parse(text), at(NOON, 0), "{text}");
        }
        for text in ["2026-01-31T17:30+05:30", "2026-01-31 17:30:00 +0530"] {
            assert_eq!(parse(text), at(NOON, 19_800), "{text}");
        }
        assert_eq!(parse("2026-01-31T12:00:00,25Z"), at(NOON + 250_000_000, 0));
        assert!(matches!(parse("2026/01/31 12:00"), Some(Written::Local(_))));
    }

    #[test]
    fn each_kind_of_no_time_has_a_cure() {
        for (text, part) in [
            ("01/02/2026 12:00", "the day and which the month"),
            ("29.11.2026 17:04:10", "the day and which the month"),
            ("29-Nov-2026 17:04:10", "the day and which the month"),
            ("17:04:10", "column of the date"),
            ("9:04", "column of the date"),
            ("2026-01-31", "of a day; write date, time"),
            ("2026-01-31 12:00 CET", "CET are not read"),
            ("2026-01-31T06:00:00-06:00[America/Chicago]", "offset"),
            ("01/02/2026 05:00 PM", "24 hours"),
            ("1.79597E+09", "whole number"),
            ("46355.71", "whole number"),
            ("Total", "begin a line that holds no reading with #"),
            ("2026-13-01T00:00", "write date, time and offset"),
            ("", "write date, time and offset"),
        ] {
            assert_eq!(parse(text), None, "{text}");
            assert!(cure(text).contains(part), "{text}: {}", cure(text));
        }
    }

    #[test]
    fn clocks_that_change() {
        let chicago = zone("America/Chicago").unwrap();
        let at = |text| match parse(text) {
            Some(Written::Local(local)) => resolve(&chicago, local).unwrap(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(at("2026-01-31T06:00"), Local::Once(NOON));
        assert_eq!(at("2026-03-08T02:30"), Local::Never);
        let Local::Twice { first, second } = at("2026-11-01T01:15") else {
            panic!("the hour is not double");
        };
        assert_eq!(second - first, 3_600_000_000_000);
        let names = zone("America/Chicgo").unwrap_err();
        assert!(names.iter().any(|name| name == "America/Chicago"));
    }

    #[test]
    fn counts_since_1970() {
        for (text, unit, ns) in [
            ("1769860800", None, NOON),
            ("1769860800.25", None, NOON + 250_000_000),
            ("1769860800000", None, NOON),
            ("1769860800000.5", None, NOON + 500_000),
            ("1769860800000001", None, NOON + 1000),
            ("1769860800000000001", None, NOON + 1),
            ("5.5", None, 5_500_000_000),
            ("500", Some("ms"), 500_000_000),
            ("1.5", Some("min"), 90_000_000_000),
        ] {
            let unit = unit.and_then(unit_ns);
            assert_eq!(since_1970(text, unit), Some(ns), "{text}");
        }
        for text in ["", "-5", "1.7e9", "999999999999999999999", "a", "1.x"] {
            assert_eq!(since_1970(text, None), None, "{text}");
        }
        assert_eq!(
            since_1970("1769860800000", unit_ns("s")),
            None,
            "the year 58000"
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([0-9T:./ Z+-]|.){0,30}") {
            let _ = (parse(&text), cure(&text), since_1970(&text, None), unit_ns(&text));
        }
    }
}
