//! Reads bytes into rows: the cells of time and price, each checked by itself.

use jiff::tz::TimeZone;
use perwatt_table::decimals::{Marks, Style};
use perwatt_table::moment;
use perwatt_table::named_unit;
use perwatt_table::table::{self, At, Table};

use super::error::ReadCause;
use super::price_unit::{self, Priced};
use super::prices::{LEAST_USD_PER_MWH, MAX_USD_PER_MWH};
use super::read::ReadOptions;
use super::time::{self, Written};
use perwatt_table::nearest;

/// A row whose cells were read.
pub(super) struct Row {
    /// Its line.
    pub line: usize,
    /// The line of the row before, or of the header.
    pub before_line: usize,
    /// The content of the time cell.
    pub written: Written,
    /// The price, finite.
    pub usd_per_mwh: f64,
}

/// A file of prices, two rows or more, cell by cell.
pub(super) struct Rows<'a> {
    table: Table<'a>,
    time: usize,
    price: usize,
    rows: Vec<Row>,
}

impl std::ops::Deref for Rows<'_> {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

impl<'a> Rows<'a> {
    pub(super) fn read(
        bytes: &'a [u8],
        options: &ReadOptions,
        zoned: bool,
    ) -> Result<Self, ReadCause> {
        let table = Table::read(bytes)?;
        let mut rows = Self {
            time: column(&table, &options.time_column)?,
            price: column(&table, &options.price_column)?,
            table,
            rows: Vec::new(),
        };
        let time = &rows.table.names()[rows.time];
        if let Some(timezone) = &options.timezone
            && let Ok((Some(stated), _)) = moment::zone_of_name(time)
            && (stated != TimeZone::UTC
                || !["utc", "gmt"]
                    .iter()
                    .any(|utc| timezone.to_lowercase().ends_with(utc)))
        {
            return Err(ReadCause::ZoneTwice {
                at: At {
                    line: rows.table.header_line(),
                    column: time.clone(),
                    value: time.clone(),
                },
                timezone: timezone.clone(),
            });
        }
        let name = &rows.table.names()[rows.price];
        let mut unit = price_unit::of(name).map_err(|what| rows.unit(rows.header_at(), what))?;
        let beside = rows.beside();
        let mut said: Option<(usize, Vec<String>)> = None;
        // All cells are inspected before the first is read, since the decimal marks are
        // those of the whole column.
        let mut marks = Marks::new(rows.price);
        let mut units_line = None;
        for (index, row) in rows.table.rows().enumerate() {
            let row = row?;
            if index == 0 && rows.is_units(&row) {
                units_line = Some(row.line);
                unit = rows.unit_below(&row, unit)?;
                continue;
            }
            marks.see(row.cell(rows.price), row.line);
            let cells = beside.iter().map(|&column| row.cell(column));
            match &said {
                None if beside.is_empty() => {}
                None => {
                    unit = rows.unit_beside(&row, &beside, unit)?;
                    said = Some((row.line, cells.map(str::to_owned).collect()));
                }
                Some((line, first)) => {
                    let mut pairs = cells.zip(first).zip(&beside);
                    if let Some(((_, other), &column)) = pairs.find(|((cell, f), _)| cell != f) {
                        let what = format!("is another unit than line {line}'s {other:?}");
                        return Err(rows.unit(rows.table.at(&row, column), what));
                    }
                }
            }
        }
        let style = marks.settle(&rows.table, None, "")?;
        let mut comments = rows.table.comments();
        if let Some((line, text)) = comments.find(|(_, text)| price_unit::contradicts(text, unit)) {
            return Err(ReadCause::Comment {
                line,
                comment: text.trim().chars().take(60).collect(),
                column: rows.table.names()[rows.price].clone(),
            });
        }
        drop(comments);
        for row in rows.table.rows() {
            let row = row?;
            if Some(row.line) == units_line {
                continue;
            }
            let written = rows.written(&row, zoned)?;
            let usd_per_mwh = rows.usd_per_mwh(&row, style, unit.usd_per_mwh)?;
            let before = rows.rows.last().map(|row| row.line);
            let read = Row {
                line: row.line,
                before_line: before.unwrap_or(rows.table.header_line()),
                written,
                usd_per_mwh,
            };
            rows.rows.push(read);
        }
        match &rows.rows[..] {
            [] => Err(ReadCause::NoRows {
                header_line: rows.table.header_line(),
            }),
            [one] => Err(ReadCause::OneRow { at: rows.at(one) }),
            _ => Ok(rows),
        }
    }

    /// The cell with a row's time.
    pub(super) fn at(&self, row: &Row) -> At {
        self.table.at_line(row.line, self.time)
    }

    fn header_at(&self) -> At {
        let name = &self.table.names()[self.price];
        At {
            line: self.table.header_line(),
            column: name.clone(),
            value: name.clone(),
        }
    }

    fn unit(&self, at: At, what: String) -> ReadCause {
        ReadCause::Unit { at, what }
    }

    /// True if the row holds units: neither cell has a digit, and the price cell names a
    /// unit.
    fn is_units(&self, row: &table::Row) -> bool {
        let none = |column| !row.cell(column).contains(|c: char| c.is_ascii_digit());
        none(self.time) && none(self.price) && price_unit::is_one(row.cell(self.price))
    }

    /// The unit in the row below the names, which must not contradict the column's name.
    fn unit_below(&self, row: &table::Row, above: Priced) -> Result<Priced, ReadCause> {
        let at = || self.table.at(row, self.price);
        let below = price_unit::of(row.cell(self.price)).map_err(|what| self.unit(at(), what))?;
        match above.stated && above.usd_per_mwh != below.usd_per_mwh {
            true => Err(self.unit(
                at(),
                "is another unit than the name of the column has".into(),
            )),
            false => Ok(below),
        }
    }

    /// The columns that give the unit or the currency of each row.
    fn beside(&self) -> Vec<usize> {
        let says = |column: &usize| {
            let name = &self.table.names()[*column];
            let currency = ["currency", "w\u{e4}hrung", "waehrung", "devise", "moneda"];
            named_unit::is_of_units(name) || currency.contains(&name.to_lowercase().as_str())
        };
        let columns = 0..self.table.names().len();
        let others = columns.filter(|column| *column != self.time && *column != self.price);
        others.filter(says).collect()
    }

    /// The unit that other columns of a row give together with the price's name.
    fn unit_beside(
        &self,
        row: &table::Row,
        beside: &[usize],
        above: Priced,
    ) -> Result<Priced, ReadCause> {
        let filled = || {
            beside
                .iter()
                .filter(|column| !row.cell(**column).is_empty())
        };
        let Some(&first) = filled().next() else {
            return Ok(above);
        };
        let mut text = self.table.names()[self.price].clone();
        for &column in filled() {
            let cell = row.cell(column);
            // In brackets, so that none of its words is ignored.
            text = format!("{text} ({cell})");
            price_unit::of(&text).map_err(|what| self.unit(self.table.at(row, column), what))?;
        }
        let unit = price_unit::of(&text).map_err(|what| self.unit(self.header_at(), what))?;
        match above.stated && above.usd_per_mwh != unit.usd_per_mwh || !unit.stated {
            true => Err(self.unit(
                self.table.at(row, first),
                "is not a unit of prices, or another one than the file says elsewhere".into(),
            )),
            false => Ok(unit),
        }
    }

    fn written(&self, row: &table::Row, zoned: bool) -> Result<Written, ReadCause> {
        let cell = row.cell(self.time);
        let at = || self.table.at(row, self.time);
        match time::parse(cell) {
            _ if cell.is_empty() => Err(ReadCause::EmptyCell { at: at() }),
            Some(Written::Local(_)) if !zoned => Err(ReadCause::NoOffset { at: at() }),
            Some(written) => Ok(written),
            None => Err(ReadCause::NoTime {
                cure: time::cure(cell),
                at: at(),
            }),
        }
    }

    fn usd_per_mwh(&self, row: &table::Row, style: Style, one: f64) -> Result<f64, ReadCause> {
        let cell = row.cell(self.price);
        let at = || self.table.at(row, self.price);
        if cell.is_empty() {
            return Err(ReadCause::EmptyCell { at: at() });
        }
        let price = style.number(cell).map(|number| number * one);
        let range = LEAST_USD_PER_MWH..=MAX_USD_PER_MWH;
        price
            .filter(|price| *price == 0.0 || range.contains(&price.abs()))
            .ok_or_else(|| ReadCause::NoPrice { at: at() })
    }
}

fn column(table: &Table<'_>, wanted: &str) -> Result<usize, ReadCause> {
    let names = table.names();
    let mut fitting = (0..names.len()).filter(|&index| names[index] == wanted);
    let line = table.header_line();
    match (fitting.next(), fitting.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(ReadCause::TwoColumns {
            line,
            name: wanted.to_owned(),
        }),
        (None, _) => Err(ReadCause::NoColumn {
            line,
            wanted: wanted.to_owned(),
            present: names.join(", ") + &table.header_in_comment(),
            nearest: nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned),
        }),
    }
}
