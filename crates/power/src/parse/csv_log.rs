//! The CSV file of a meter that logs by itself.
//!
//! One line per reading, one column of times and one of powers, found by their names in
//! the first line. The unit of the power comes from the name, from a row of units below
//! it, from each cell or from the user; these must agree, and without any the unit is
//! W. Times are ISO 8601 with an offset, local times of a time zone that is given, or
//! counts since 1970.

use crate::bounds::MIN_W;
use crate::select::MAX_USER_WATTS;
use device::Devices;
use perwatt_table::decimals::{Decimal, MarksError};
use perwatt_table::table::{At, Table, TableError};
use power::Power;
use time::Time;

mod columns;
mod device;
mod power;
mod time;

/// The number of lines without a reading whose reasons are kept.
const MAX_SKIPPED: usize = 100;

/// Texts that loggers write in place of a reading, in small letters.
#[rustfmt::skip]
const MISSING: [&str; 12] = [
    "", "-", "--", "nan", "n/a", "na", "null", "none", "nil", "unavailable", "unknown", "missing",
];

/// Options for reading a log; `None` means detection from the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Columns {
    /// The column of times, as the first line names it.
    pub time: Option<String>,
    /// The column of power, as the first line names it.
    pub watts: Option<String>,
    /// The unit of the power.
    pub unit: Option<String>,
    /// The decimal mark of both columns.
    pub decimal: Option<Decimal>,
    /// The IANA name of the time zone of times without an offset.
    pub timezone: Option<String>,
}

/// The contents of a log.
#[derive(Clone, PartialEq, Debug)]
pub struct Log {
    /// Nanoseconds since 1970 (UTC), rising, and watts.
    pub samples: Vec<(i128, f64)>,
    /// The first lines that hold no reading, from 1, each with the reason.
    pub skipped: Vec<(usize, String)>,
    /// The number of lines without a reading.
    pub skipped_lines: usize,
    /// The column of the power.
    pub column: String,
    /// The unit that the powers were converted from; `None` if each cell has its own.
    pub unit: Option<String>,
}

impl Log {
    /// Skips a line for the reason `why`.
    fn skip(&mut self, line: usize, why: String) {
        self.skipped_lines += 1;
        if self.skipped.len() < MAX_SKIPPED {
            self.skipped.push((line, why));
        }
    }
}

/// The reason that a file cannot be read as a log.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CsvError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Marks(#[from] MarksError),
    #[error(
        "line {line} names no column {wanted}; its columns are: {found}; say which with \
         time=COLUMN and watts=COLUMN, and delete what stands above the names"
    )]
    NoColumn {
        /// The line of the header, from 1.
        line: usize,
        wanted: String,
        found: String,
    },
    #[error("line {line} names several columns for {wanted}: {found}; say which")]
    SeveralColumns {
        /// The line of the header, from 1.
        line: usize,
        wanted: String,
        found: String,
    },
    #[error("{at} gives {what}; {remedy}")]
    NotPower {
        at: At,
        what: String,
        remedy: String,
    },
    #[error("unit={0} is not a unit of power; write W, kW, mW, MW or \u{b5}W")]
    UnknownUnit(String),
    #[error("{at} gives {found}, and {other}; correct one of them")]
    Contradiction {
        at: At,
        found: String,
        other: String,
    },
    #[error("{0} has no unit, and other cells of the column have one; say it with unit=W")]
    NoUnit(At),
    #[error(
        "{0} is not a power; write a number, or leave the cell empty where there is no reading"
    )]
    NotANumber(At),
    #[error(
        "{at} is {watts:e} W, and a machine draws 0 W or from {MIN_W} W to \
         {MAX_USER_WATTS} W; correct the cell or the unit, or leave the cell empty"
    )]
    NotPlausible { at: At, watts: f64 },
    #[error("{0} is empty, and the row has a power; write the time, or delete the row")]
    NoTime(At),
    #[error("{at} is not a time{cure}")]
    NotATime { at: At, cure: &'static str },
    #[error(
        "{0} has no offset from UTC; name the time zone of the logger with timezone=UTC or \
         timezone=Europe/Berlin, or write 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00"
    )]
    NoOffset(At),
    #[error(
        "{0} names UTC beside other words; call the column time_utc, or \"time (UTC+1)\" with its \
         offset, or time and say the zone with timezone=Europe/Berlin"
    )]
    UnclearZone(At),
    #[error(
        "{at} {what} in {timezone}, where the clocks change; export times in UTC or with their \
         offset"
    )]
    ClockChange {
        at: At,
        what: &'static str,
        timezone: String,
    },
    #[error("no time zone is called {0:?}; give an IANA name such as timezone=Europe/Berlin")]
    NoTimezone(String),
    /// Time goes back: the logger's clock was set, or several logs were joined.
    #[error(
        "{at} is {back_s} s earlier than the line before it; was the clock set, or are these \
         several logs? Sort the rows by time, or join each log by itself"
    )]
    Unordered { at: At, back_s: f64 },
    /// Rows of several devices alternate, so that their powers are neither one figure
    /// nor a sum.
    #[error(
        "{at} follows rows of {before:?}: the log holds several devices; keep the rows of one, \
         and join each device by itself"
    )]
    SeveralDevices { at: At, before: String },
    #[error("no line holds a reading{first}")]
    Empty {
        /// The reason that the first line has none; empty, or begins with punctuation.
        first: String,
    },
}

/// Reads a whole log.
///
/// A line without a reading (an empty cell, NaN, a negative power, the same time as the
/// line before it) is skipped with its reason; anything that makes the whole file
/// doubtful is an error.
///
/// # Errors
/// [`CsvError`], with the line.
pub fn parse(bytes: impl AsRef<[u8]>, columns: &Columns) -> Result<Log, CsvError> {
    let table = Table::read(bytes.as_ref())?;
    let mut time = Time::of(&table, columns)?;
    let mut power = Power::of(&table, columns)?;
    let mut devices = Devices::of(&table, [time.column, power.column]);
    // All cells are examined before the first is converted.
    let mut units_line = None;
    for (at, row) in table.rows().enumerate() {
        let row = row?;
        if at == 0 && power.is_units(&row, &time) && !time.is_time(&row) {
            units_line = Some(row.line);
            time.unit_below(&table, &row)?;
            power.unit_below(&table, &row)?;
            continue;
        }
        devices.see(&table, &row)?;
        time.see(&row);
        power.see(&table, &row)?;
    }
    let time = time.settle(&table, columns.decimal)?;
    let power = power.settle(&table, columns.decimal)?;
    power.agrees_with_comments(&table)?;

    let mut log = Log {
        samples: Vec::new(),
        skipped: Vec::new(),
        skipped_lines: 0,
        column: table.names()[power.column].clone(),
        unit: power.unit_text(),
    };
    for row in table.rows() {
        let row = row?;
        if Some(row.line) == units_line {
            continue;
        }
        let watts = match power.watts(&table, &row)? {
            Ok(watts) => watts,
            Err(why) => {
                log.skip(row.line, why);
                continue;
            }
        };
        let before_ns = log.samples.last().map(|sample| sample.0);
        let t_ns = time.ns(&table, &row, before_ns)?;
        match before_ns {
            Some(before_ns) if t_ns < before_ns => {
                return Err(CsvError::Unordered {
                    at: table.at(&row, time.column),
                    back_s: (before_ns - t_ns) as f64 * 1e-9,
                });
            }
            Some(before_ns) if t_ns == before_ns => {
                let why = "it has the time of the reading before it".to_owned();
                log.skip(row.line, why);
            }
            _ => log.samples.push((t_ns, watts)),
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

fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell.to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
