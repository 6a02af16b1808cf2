//! Errors in a file of prices, a series, or a use.

use perwatt_table::decimals::MarksError;
pub use perwatt_table::table::At;
use perwatt_table::table::TableError;
use thiserror::Error;

use super::prices::{LEAST_USD_PER_MWH, MAX_USD_PER_MWH};

/// A file of prices that was refused.
#[derive(Debug, Error)]
#[error("{file}: {cause}")]
pub struct ReadError {
    /// The file, as it was named.
    pub file: String,
    /// The cause of the refusal.
    pub cause: Box<ReadCause>,
}

/// The reason that a file of prices was refused.
#[derive(Debug, Error)]
pub enum ReadCause {
    /// It cannot be read at all.
    #[error("cannot read the prices: {0}; check the path and its permissions")]
    Io(#[from] std::io::Error),
    /// The options name an unknown time zone.
    #[error(
        "no time zone is called {name:?}{}; give an IANA name such as America/Chicago",
        perhaps(.nearest)
    )]
    NoTimezone {
        /// The name asked for.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
    },
    /// It is not a valid table, or one of its rows is invalid.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The decimal marks of the prices can be read in several ways, or in none.
    #[error(transparent)]
    Marks(#[from] MarksError),
    /// The prices are in a unit that cannot be converted.
    #[error("{at} {what}; convert the column to USD/MWh and name it usd_per_mwh")]
    Unit {
        /// The name of the column, or the cell with the unit.
        at: At,
        /// The fault of the unit.
        what: String,
    },
    /// A comment names another unit than the prices are read in.
    #[error(
        "line {line}, the comment {comment:?} names another unit than the column {column:?} is \
         read in; name the column by its unit (usd_per_mwh) and delete or correct the comment"
    )]
    Comment {
        /// The line of the comment, from 1.
        line: usize,
        /// The text of the comment.
        comment: String,
        /// The column of the prices.
        column: String,
    },
    /// The name of the column of times gives an offset, and the options a zone.
    #[error(
        "{at} names UTC, and the time zone {timezone:?} was given; leave one of them out, or \
         correct it"
    )]
    ZoneTwice {
        /// The name of the column.
        at: At,
        /// The time zone of the options.
        timezone: String,
    },
    /// The header lacks a column.
    #[error(
        "line {line}: no column is called {wanted:?}{}; the columns are: {present}; rename the \
         column, or name the one to read by curtailment.time_column or .price_column",
        perhaps(.nearest)
    )]
    NoColumn {
        /// The line of the header, from 1.
        line: usize,
        /// The name looked for.
        wanted: String,
        /// The names of all columns.
        present: String,
        /// The most similar of them.
        nearest: Option<String>,
    },
    /// The header names a column twice.
    #[error("line {line}: two columns are called {name:?}; rename one of them")]
    TwoColumns {
        /// The line of the header, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A cell is empty.
    #[error("{at} is empty; write the value, for none is filled in")]
    EmptyCell {
        /// The cell.
        at: At,
    },
    /// A cell is not a time.
    #[error("{at} is not a time{cure}")]
    NoTime {
        /// The cell.
        at: At,
        /// The remedy, as the end of the message.
        cure: &'static str,
    },
    /// A time without an offset, and no time zone given.
    #[error(
        "{at} has no offset from UTC, and none is guessed: on the days the clocks change an hour \
         is missing or double; write the offset (2026-01-31T13:00:00-06:00) or name the time \
         zone (America/Chicago)"
    )]
    NoOffset {
        /// The cell.
        at: At,
    },
    /// A local time that the clocks skip.
    #[error(
        "{at} does not exist in {timezone}: the clocks go forward over it; leave the skipped \
         times out, or write times with their offset"
    )]
    Skipped {
        /// The cell.
        at: At,
        /// The time zone.
        timezone: String,
    },
    /// The file begins in the repeated hour, and both readings of it fit.
    #[error(
        "{at} comes twice in {timezone}, and the rows after it do not say which of the two is \
         meant; write times with their offset"
    )]
    EitherOccurrence {
        /// The cell.
        at: At,
        /// The time zone.
        timezone: String,
    },
    /// A time equal to that of the row before.
    #[error("{at} is the same time as line {before_line}'s; keep one of the two rows")]
    Duplicate {
        /// The cell.
        at: At,
        /// The line of the row that has it already.
        before_line: usize,
    },
    /// A time before that of the row before.
    #[error("{at} is {back_s} s before line {before_line}'s time; sort the rows by time")]
    Unordered {
        /// The cell.
        at: At,
        /// The line of the row before.
        before_line: usize,
        /// The difference, in seconds.
        back_s: i64,
    },
    /// Intervals are missing.
    #[error(
        "{at} leaves a gap: no price from {from} until {to}, which is {missing} interval{} of \
         {step_s} s; add them, for none is filled in",
        if *.missing == 1 { "" } else { "s" }
    )]
    Gap {
        /// The cell after the gap.
        at: At,
        /// The beginning of the first interval that is missing.
        from: String,
        /// The end of the last interval that is missing.
        to: String,
        /// The number of missing intervals.
        missing: i64,
        /// The length of an interval, in seconds.
        step_s: i64,
    },
    /// A time that lies between two intervals.
    #[error(
        "{at} is {apart_s} s after line {before_line}'s time, and the intervals of this file are \
         {step_s} s long; give every interval the same length"
    )]
    WrongStep {
        /// The cell.
        at: At,
        /// The line of the row before.
        before_line: usize,
        /// The time between the two rows, in seconds.
        apart_s: i64,
        /// The most common time between two rows, in seconds.
        step_s: i64,
    },
    /// Intervals of a length that is not accepted.
    #[error(
        "{at} is {step_s} s after line {before_line}'s time, as most rows are; intervals must be \
         300 s to 86400 s long and divide a day evenly, such as 900 s or 3600 s"
    )]
    StepNotAllowed {
        /// The cell.
        at: At,
        /// The line of the row before.
        before_line: usize,
        /// The length, in seconds.
        step_s: i64,
    },
    /// A cell is not a price.
    #[error(
        "{at} is not a price in USD/MWh; write a finite number without a unit: 0, or from \
         {LEAST_USD_PER_MWH} to {MAX_USD_PER_MWH} on either side of it"
    )]
    NoPrice {
        /// The cell.
        at: At,
    },
    /// There is a header and nothing else.
    #[error("line {header_line}: no row follows the header; give two or more")]
    NoRows {
        /// The line of the header, from 1.
        header_line: usize,
    },
    /// There is only one row, so the length of an interval is unknown.
    #[error("{at} is the only row, so the length of an interval is not known; give two or more")]
    OneRow {
        /// The cell with its time.
        at: At,
    },
    /// The figures do not form a series.
    #[error(transparent)]
    Series(#[from] SeriesError),
}

fn perhaps(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or(String::new(), |name| format!("; perhaps {name:?} is meant"))
}

/// The reason that figures do not form a series of prices.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SeriesError {
    /// There is no interval.
    #[error("a series of prices has no interval; give one or more")]
    Empty,
    /// A price is not a number, or outside the accepted range.
    #[error(
        "interval {index} has a price of {usd_per_mwh} USD/MWh; give a finite number between \
         -{MAX_USD_PER_MWH} and {MAX_USD_PER_MWH}"
    )]
    Price {
        /// The index of the interval, from 0.
        index: usize,
        /// The price of the interval.
        usd_per_mwh: f64,
    },
    /// Intervals of a length that is not accepted.
    #[error(
        "intervals of {step_s} s; they must be 300 s to 86400 s long and divide a day evenly, \
         such as 900 s or 3600 s"
    )]
    Step {
        /// The length, in seconds.
        step_s: i64,
    },
    /// The first or the last interval begins outside of the years -9999 to 9999, or the
    /// offset is not one that a clock has.
    #[error(
        "the series begins at {first_start_s} s since 1970 with an offset of {offset_s} s, which \
         is outside of the calendar; give Unix time and an offset below 26 h in whole minutes"
    )]
    Calendar {
        /// The beginning, in seconds since 1970.
        first_start_s: i64,
        /// The offset from UTC, in seconds.
        offset_s: i32,
    },
}

/// A figure of a use outside the accepted range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{what} of {value} makes no sense; give a number from {least} to {most}")]
pub struct UseError {
    /// The figure, with its unit.
    pub what: &'static str,
    /// The value given.
    pub value: f64,
    /// The smallest accepted value.
    pub least: f64,
    /// The largest accepted value.
    pub most: f64,
}
