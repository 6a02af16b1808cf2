//! The CSV file of a meter that logs by itself.
//!
//! One line per reading, one column with the time and one with watts, found by
//! their names in the first line. The separator is a semicolon, a tab or a comma,
//! whichever the first line has; with the first two a number may have a decimal
//! comma. Times are RFC 3339 with an offset, or seconds or milliseconds since 1970.

use super::csv_lines::Lines;
use super::{Unit, cut, list};
use crate::select::MAX_USER_WATTS;
use csv::{ReaderBuilder, StringRecord};

/// Names that a column of times may have, in small letters.
const TIME_NAMES: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "date_time",
    "time_utc",
    "utc",
    "unix",
    "unix_s",
    "unix_ms",
    "epoch",
    "time_s",
    "time_ms",
    "timestamp_ms",
];

/// Names that a column of watts may have, in small letters, without their unit.
const POWER_NAMES: &[&str] = &[
    "watts",
    "watt",
    "w",
    "power",
    "active power",
    "active_power",
];

/// Lines that begin with it are comments.
const COMMENT: u8 = b'#';

/// Which columns to take; `None` takes the one that has a usual name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Columns {
    /// The column of times, as the first line names it.
    pub time: Option<String>,
    /// The column of watts, as the first line names it.
    pub watts: Option<String>,
}

/// What a log holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Log {
    /// Nanoseconds since 1970 (UTC), rising, and watts.
    pub samples: Vec<(i128, f64)>,
    /// Lines that hold no reading, from 1, each with the reason.
    pub skipped: Vec<(usize, String)>,
}

/// Why a file is no log.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub enum CsvError {
    /// There is no such column, or no column with a usual name.
    #[error("line {line} names no column {wanted}; its columns are: {found}")]
    NoColumn {
        /// The line of the header, from 1.
        line: usize,
        /// What was looked for.
        wanted: String,
        /// Every column there is.
        found: String,
    },
    /// More than one column could be meant.
    #[error("line {line} names several columns for {wanted}: {found}; say which")]
    SeveralColumns {
        /// The line of the header, from 1.
        line: usize,
        /// What was looked for.
        wanted: String,
        /// Those that could be meant.
        found: String,
    },
    /// A figure is in another unit than watts.
    #[error("line {line} gives the power in {unit}, not in W; convert the column to watts")]
    WrongUnit {
        /// The line, from 1.
        line: usize,
        /// The unit found.
        unit: String,
    },
    /// A time without an offset is an unknown moment.
    #[error(
        "line {line} has the time {text:?} without an offset from UTC; write it as \
         2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00"
    )]
    NoOffset {
        /// The line, from 1.
        line: usize,
        /// The time.
        text: String,
    },
    /// Time goes back: the logger's clock was set, or two logs were joined.
    #[error(
        "line {line} is {back_s} s earlier than the line before it; was the clock set, or are \
         these several logs?"
    )]
    Unordered {
        /// The line, from 1.
        line: usize,
        /// By how much, in seconds.
        back_s: f64,
    },
    /// No line holds a reading.
    #[error("no line holds a reading{first}")]
    Empty {
        /// Why the first one does not; empty, or begins with punctuation.
        first: String,
    },
    /// The text is not of the format.
    #[error("not a CSV file: {0}")]
    Format(String),
}

/// Reads a whole log.
///
/// A line that holds no reading (an empty cell, NaN, a negative power, the time of
/// the line before it once more) is skipped with its reason; what makes the file
/// as a whole doubtful is an error.
///
/// # Errors
/// [`CsvError`], naming the line.
pub fn parse(text: &str, columns: &Columns) -> Result<Log, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text
        .lines()
        .find(|l| !l.is_empty() && !l.starts_with('#'))
        .unwrap_or_default();
    let separator = *[b';', b'\t']
        .iter()
        .find(|s| first.as_bytes().contains(s))
        .unwrap_or(&b',');
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .comment(Some(COMMENT))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let format = |error: csv::Error| CsvError::Format(error.to_string());
    let mut lines = Lines::new(text.as_bytes(), Some(COMMENT));
    let mut line_of = |record: &StringRecord| lines.begin(record.position()?.byte());
    let names = reader.headers().map_err(format)?.clone();
    let header = Header {
        line: line_of(&names).unwrap_or(1),
        names,
    };
    let time = header.column(columns.time.as_deref(), "of times", is_time)?;
    let watts = header.column(columns.watts.as_deref(), "of watts", |name| {
        POWER_NAMES.contains(&split_unit(name).0.as_str())
    })?;
    let unit = split_unit(&header.names[watts]).1;
    if let Some(unit) = unit.filter(|unit| unit != "w") {
        let line = header.line;
        return Err(CsvError::WrongUnit { line, unit });
    }

    let mut log = Log {
        samples: Vec::new(),
        skipped: Vec::new(),
    };
    for record in reader.records() {
        let record = record.map_err(format)?;
        let Some(line) = line_of(&record) else {
            continue;
        };
        let cell = |index: usize| record.get(index).unwrap_or_default();
        let decimal_comma = separator != b',';
        let parsed = unix_ns(cell(time), line)?
            .and_then(|t| Ok((t, power_w(cell(watts), decimal_comma, line)?)));
        let (t_ns, power) = match parsed {
            Ok(parsed) => parsed,
            Err(Bad::Line(why)) => {
                log.skipped.push((line, why));
                continue;
            }
            Err(Bad::File(error)) => return Err(error),
        };
        match log.samples.last() {
            Some((before_ns, _)) if t_ns < *before_ns => {
                return Err(CsvError::Unordered {
                    line,
                    back_s: (before_ns - t_ns) as f64 * 1e-9,
                });
            }
            Some((before_ns, _)) if t_ns == *before_ns => {
                let why = "it has the time of the reading before it".to_owned();
                log.skipped.push((line, why));
            }
            _ => log.samples.push((t_ns, power)),
        }
    }
    match log.samples.is_empty() {
        true => Err(CsvError::Empty {
            first: log
                .skipped
                .first()
                .map_or(String::new(), |(line, why)| format!("; line {line}: {why}")),
        }),
        false => Ok(log),
    }
}

/// Why a cell is no reading: of one line, or of the file.
enum Bad {
    Line(String),
    File(CsvError),
}

/// The line that names the columns.
struct Header {
    line: usize,
    names: StringRecord,
}

impl Header {
    fn column(
        &self,
        wanted: Option<&str>,
        what: &str,
        usual: impl Fn(&str) -> bool,
    ) -> Result<usize, CsvError> {
        let (line, names) = (self.line, &self.names);
        let fits = |name: &str| match wanted {
            Some(wanted) => name == wanted,
            None => usual(&name.to_lowercase()),
        };
        let fitting: Vec<usize> = (0..names.len()).filter(|&i| fits(&names[i])).collect();
        let wanted = wanted.map_or(what.to_owned(), |name| format!("{name:?}"));
        match fitting[..] {
            [one] => Ok(one),
            [] => Err(CsvError::NoColumn {
                line,
                wanted,
                found: list(names.iter()),
            }),
            _ => Err(CsvError::SeveralColumns {
                line,
                wanted,
                found: list(fitting.iter().map(|&i| &names[i])),
            }),
        }
    }
}

fn is_time(name: &str) -> bool {
    TIME_NAMES.contains(&name)
}

/// A column's name in small letters and the unit it ends with: `power (kW)`,
/// `power_w`, `Power [W]`.
fn split_unit(name: &str) -> (String, Option<String>) {
    let name = name.trim().to_lowercase();
    let bracketed = name
        .strip_suffix([')', ']'])
        .and_then(|rest| rest.rsplit_once(['(', '[']));
    if let Some((stem, unit)) = bracketed {
        return (stem.trim().to_owned(), Some(unit.trim().to_owned()));
    }
    for stem in POWER_NAMES {
        let unit = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix(['_', ' ']));
        if let Some(unit) = unit.filter(|unit| ["w", "kw", "mw"].contains(unit)) {
            return ((*stem).to_owned(), Some(unit.to_owned()));
        }
    }
    (name, None)
}

/// Nanoseconds since 1970.
fn unix_ns(text: &str, line: usize) -> Result<Result<i128, Bad>, CsvError> {
    let bad = |why: &str| Ok(Err(Bad::Line(format!("{:?} is no time{why}", cut(text)))));
    if text.is_empty() {
        return Ok(Err(Bad::Line("it has no time".into())));
    }
    if let Ok(number) = text.replace(',', ".").parse::<f64>() {
        // 1e11 is the year 5138 in seconds and 1973 in milliseconds.
        // Whole and broken part apart: a product of all digits would lose the last.
        let ns = |n: f64, unit_ns: i128| {
            let micro = (n.fract() * (unit_ns / 1000) as f64).round() as i128;
            n.trunc() as i128 * unit_ns + micro * 1000
        };
        return match number {
            n if (0.0..1e11).contains(&n) => Ok(Ok(ns(n, 1_000_000_000))),
            n if (1e11..1e14).contains(&n) => Ok(Ok(ns(n, 1_000_000))),
            _ => bad(" in seconds or milliseconds since 1970"),
        };
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(Ok(time.as_nanosecond()));
    }
    match text.parse::<jiff::civil::DateTime>() {
        Ok(_) => Err(CsvError::NoOffset {
            line,
            text: cut(text),
        }),
        Err(_) => bad(""),
    }
}

/// Watts.
fn power_w(text: &str, decimal_comma: bool, line: usize) -> Result<f64, Bad> {
    let bad = |why: &str| Bad::Line(format!("{:?} {why}", cut(text)));
    if text.is_empty() {
        return Err(Bad::Line("it has no power".into()));
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[number.len()..].trim();
    // "NaN" is all letters, and no unit.
    if !number.is_empty() && !unit.is_empty() && unit != "W" {
        return Err(match unit.parse::<Unit>() {
            Ok(_) => Bad::File(CsvError::WrongUnit {
                line,
                unit: unit.to_owned(),
            }),
            Err(_) => bad("is no power in watts"),
        });
    }
    let number = number.trim();
    let value = match decimal_comma && !number.contains('.') {
        true => number.replacen(',', ".", 1).parse::<f64>(),
        false => number.parse(),
    };
    match value {
        Ok(watts) if (0.0..=MAX_USER_WATTS).contains(&watts) => Ok(watts),
        Ok(_) => Err(bad("is no power that a machine draws")),
        Err(_) => Err(bad("is no power in watts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usual(text: &str) -> Result<Log, CsvError> {
        parse(text, &Columns::default())
    }

    const S: i128 = 1_000_000_000;

    #[test]
    fn times_of_every_kind() {
        let rfc = "time,watts\n2026-01-31T12:00:00Z,41\n2026-01-31T13:00:00.5+01:00,42.5 W\n";
        let first = 1_769_860_800 * S;
        assert_eq!(
            usual(rfc).unwrap().samples,
            [(first, 41.0), (first + S / 2, 42.5)]
        );
        let unix = "Timestamp;Power (W)\n1769860800,25;41,5\n1769860801.5;42\n";
        let expected = [(first + S / 4, 41.5), (first + 3 * S / 2, 42.0)];
        assert_eq!(usual(unix).unwrap().samples, expected);
        let milli = "unix_ms\tpower_w\n1769860800500\t7\n";
        assert_eq!(usual(milli).unwrap().samples, [(first + S / 2, 7.0)]);
    }

    #[test]
    fn named_columns() {
        let text = "# a logger\nwhen,load,spare\n10,1,3\n11,2,4\n";
        let columns = Columns {
            time: Some("when".into()),
            watts: Some("spare".into()),
        };
        assert_eq!(
            parse(text, &columns).unwrap().samples,
            [(10 * S, 3.0), (11 * S, 4.0)]
        );
        assert_eq!(
            usual(text).unwrap_err().to_string(),
            "line 2 names no column of times; its columns are: when, load, spare"
        );
        let twice = usual("time,power,watts\n1,2,3\n").unwrap_err();
        assert!(matches!(twice, CsvError::SeveralColumns { .. }), "{twice}");
        let absent = Columns {
            watts: Some("x".into()),
            ..Columns::default()
        };
        assert!(matches!(
            parse("time,watts\n1,2\n", &absent),
            Err(CsvError::NoColumn { .. })
        ));
    }

    #[test]
    fn lines_are_counted_past_comments_and_empty_lines() {
        for end in ["\n", "\r\n"] {
            let text =
                "# one\n\n# three\ntime;watts\n\n1;5\n# seven\n\n2;x\n\n3;\"6\n\"\n\n4;1 kW\n";
            let text = text.replace('\n', end);
            let wrong_unit = usual(&text).unwrap_err().to_string();
            assert!(wrong_unit.starts_with("line 14 "), "{wrong_unit}");
            let log = usual(&text.replace("1 kW", "-1")).unwrap();
            let lines: Vec<usize> = log.skipped.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [9, 14]);
            let unnamed = usual(&text.replace("watts", "load")).unwrap_err();
            assert!(unnamed.to_string().starts_with("line 4 "), "{unnamed}");
        }
        // A last comment without a line's end is no reading either.
        assert!(usual("time,watts\n1,5\n# end").unwrap().skipped.is_empty());
    }

    #[test]
    fn lines_without_a_reading_are_named() {
        let text = "time,watts\n1,5\n2,NaN\n3,\n4,-1\n4,6\n4,7\n5\nTotal,9\n6,2e9\n7,8\n";
        let log = usual(text).unwrap();
        assert_eq!(log.samples, [(S, 5.0), (4 * S, 6.0), (7 * S, 8.0)]);
        let lines: Vec<usize> = log.skipped.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 7, 8, 9, 10]);
        assert!(log.skipped[3].1.contains("time of the reading before"));
        let none = usual("time,watts\nx,1\n").unwrap_err().to_string();
        assert!(none.contains("line 2: \"x\" is no time"), "{none}");
        assert!(matches!(usual(""), Err(CsvError::NoColumn { .. })));
    }

    #[test]
    fn what_makes_the_whole_file_doubtful() {
        let line_of = |text: &str| match usual(text).unwrap_err() {
            CsvError::Unordered { line, back_s } => (line, format!("back {back_s}")),
            CsvError::WrongUnit { line, unit } => (line, unit),
            CsvError::NoOffset { line, .. } => (line, "no offset".into()),
            other => panic!("{other}"),
        };
        assert_eq!(line_of("time,watts\n2,1\n3,1\n1,1\n"), (4, "back 2".into()));
        assert_eq!(line_of("time,Power (kW)\n2,1\n"), (1, "kw".into()));
        assert_eq!(line_of("time,power_kw\n2,1\n"), (1, "kw".into()));
        assert_eq!(line_of("time,watts\n2,1\n3,1.5 kW\n"), (3, "kW".into()));
        let naive = "time,watts\n2026-01-31 12:00:00,1\n";
        assert_eq!(line_of(naive), (2, "no offset".into()));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(time,watts\n)?([0-9.,;\"\nTZ:eW+-]|.){0,120}") {
            if let Ok(log) = usual(&text) {
                prop_assert!(!log.samples.is_empty());
                prop_assert!(log.samples.windows(2).all(|w| w[0].0 < w[1].0));
                prop_assert!(log.samples.iter().all(|(_, w)| w.is_finite() && *w >= 0.0));
            }
        }
    }
}
