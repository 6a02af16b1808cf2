//! The column of times of a log.

use super::columns::{DECIMAL, header_at, named, one_of};
use super::{Columns, CsvError};
use jiff::tz::TimeZone;
use perwatt_table::decimals::{Decimal, Marks, Style};
use perwatt_table::moment::{self, Local, Written};
use perwatt_table::table::{Row, Table};

/// Remedy for a number outside the calendar.
const NOT_IN_UNIT: &str = " within the calendar in the unit that the column's name or the row \
                           below it gives; correct that unit, or leave it out";

/// The column of times.
pub(super) struct Time {
    pub(super) column: usize,
    unit_ns: Option<i128>,
    zone: Option<(TimeZone, String)>,
    marks: Marks,
    style: Option<Style>,
}

impl Time {
    pub(super) fn of(table: &Table<'_>, columns: &Columns) -> Result<Self, CsvError> {
        let usual = |name: &str| {
            let (zone, left) = moment::zone_of_name(name).unwrap_or((None, name.to_owned()));
            let left = words(&left);
            let left = left
                .iter()
                .filter(|w| !is_utc(w) && moment::unit_ns(w).is_none());
            let left: String = left.map(String::as_str).collect();
            moment::TIME_NAMES.contains(&left.as_str()) || (zone.is_some() && left.is_empty())
        };
        let column = match &columns.time {
            Some(name) => named(table, name)?,
            None => one_of(table, "of times", |column| usual(&table.names()[column]))?,
        };
        let name = &table.names()[column];
        let words = words(name);
        let (stated, _) = moment::zone_of_name(name)
            .map_err(|_| CsvError::UnclearZone(header_at(table, column)))?;
        let zone = match (&columns.timezone, stated) {
            (Some(name), Some(stated))
                if stated != TimeZone::UTC || !is_utc(&name.to_lowercase()) =>
            {
                return Err(CsvError::Contradiction {
                    at: header_at(table, column),
                    found: "an offset from UTC".into(),
                    other: format!("timezone={name} another zone"),
                });
            }
            (Some(name), _) => match moment::zone(name) {
                Ok(zone) => Some((zone, name.clone())),
                Err(_) => return Err(CsvError::NoTimezone(name.clone())),
            },
            (None, stated) => stated.map(|zone| (zone, "UTC".to_owned())),
        };
        Ok(Self {
            column,
            unit_ns: words.iter().find_map(|word| moment::unit_ns(word)),
            zone,
            marks: Marks::new(column),
            style: None,
        })
    }

    pub(super) fn is_time(&self, row: &Row) -> bool {
        let cell = row.cell(self.column);
        cell.starts_with(|c: char| c.is_ascii_digit() || c == '+') || moment::parse(cell).is_some()
    }

    /// Records the unit in the row below the names.
    pub(super) fn unit_below(&mut self, table: &Table<'_>, row: &Row) -> Result<(), CsvError> {
        let cell = row.cell(self.column);
        let below = words(cell).iter().find_map(|word| moment::unit_ns(word));
        match (self.unit_ns, below) {
            (Some(above), Some(below)) if above != below => Err(CsvError::Contradiction {
                at: table.at(row, self.column),
                found: format!("the unit {cell}"),
                other: "the name of the column another one".into(),
            }),
            (above, below) => {
                self.unit_ns = above.or(below);
                Ok(())
            }
        }
    }

    pub(super) fn see(&mut self, row: &Row) {
        let cell = row.cell(self.column);
        if !cell.contains([':', '-', 'T']) {
            self.marks.see(cell, row.line);
        }
    }

    pub(super) fn settle(
        mut self,
        table: &Table<'_>,
        decimal: Option<Decimal>,
    ) -> Result<Self, CsvError> {
        self.style = Some(self.marks.settle(table, decimal, DECIMAL)?);
        Ok(self)
    }

    /// Nanoseconds since 1970. `before_ns`, the time of the reading before, decides
    /// between two moments that local clocks show alike.
    pub(super) fn ns(
        &self,
        table: &Table<'_>,
        row: &Row,
        before_ns: Option<i128>,
    ) -> Result<i128, CsvError> {
        let cell = row.cell(self.column);
        let at = || table.at(row, self.column);
        if cell.is_empty() {
            return Err(CsvError::NoTime(at()));
        }
        let no_time = || CsvError::NotATime {
            at: at(),
            cure: match self.unit_ns {
                Some(_) if cell.parse::<f64>().is_ok() => NOT_IN_UNIT,
                _ => moment::cure(cell),
            },
        };
        let local = match moment::parse(cell) {
            Some(Written::Moment { ns, .. }) => return Ok(ns),
            Some(Written::Local(local)) => local,
            None => {
                let plain = self.style.and_then(|style| style.plain(cell));
                let ns = plain.and_then(|digits| moment::since_1970(&digits, self.unit_ns));
                return ns.ok_or_else(no_time);
            }
        };
        let Some((zone, name)) = &self.zone else {
            return Err(CsvError::NoOffset(at()));
        };
        let doubtful = |what| CsvError::ClockChange {
            at: at(),
            what,
            timezone: name.clone(),
        };
        match (moment::resolve(zone, local).ok_or_else(no_time)?, before_ns) {
            (Local::Once(ns), _) => Ok(ns),
            (Local::Never, _) => Err(doubtful("does not exist")),
            (Local::Twice { .. }, None) => Err(doubtful("comes twice")),
            (Local::Twice { first, .. }, Some(before_ns)) if first > before_ns => Ok(first),
            (Local::Twice { second, .. }, Some(_)) => Ok(second),
        }
    }
}

/// The words of a name, in small letters.
fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn is_utc(word: &str) -> bool {
    ["utc", "gmt", "zulu"].contains(&word)
}
