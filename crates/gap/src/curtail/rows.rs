//! From bytes to rows: the cells that matter, each checked by itself.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder, Trim};
use perwatt_power::parse::csv_lines::Lines;

use super::error::{At, ReadCause};
use super::prices::MAX_USD_PER_MWH;
use super::read::ReadOptions;
use super::time::{self, Written};
use crate::nearest::nearest;

/// Lines that begin with it are comments.
const COMMENT: u8 = b'#';

/// A row whose cells were read.
pub(super) struct Row {
    /// The cell with the time.
    pub at: At,
    /// The line of the row before, or of the header.
    pub before_line: usize,
    /// What that cell says.
    pub written: Written,
    /// The price, finite.
    pub usd_per_mwh: f64,
}

/// Every row, two or more, cell by cell.
pub(super) fn rows(
    bytes: &[u8],
    options: &ReadOptions,
    zoned: bool,
) -> Result<Vec<Row>, ReadCause> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(COMMENT))
        .trim(Trim::All)
        .from_reader(bytes);
    let mut lines = Lines::new(bytes, Some(COMMENT));
    let mut record = ByteRecord::new();
    let mut next = |record: &mut ByteRecord| match reader.read_byte_record(record) {
        Ok(true) => Ok(lines.begin(record.position().map_or(0, |p| p.byte()))),
        Ok(false) => Ok(None),
        Err(error) => Err(ReadCause::Io(error.into())),
    };

    let header_line = next(&mut record)?.ok_or(ReadCause::NoHeader)?;
    let header = cells(&record, header_line, &[])?
        .into_iter()
        .map(Cow::into_owned)
        .collect::<Vec<String>>();
    let time_column = column(&header, &options.time_column, header_line)?;
    let price_column = column(&header, &options.price_column, header_line)?;

    let mut rows: Vec<Row> = Vec::new();
    while let Some(line) = next(&mut record)? {
        let cells = cells(&record, line, &header)?;
        if cells.len() != header.len() {
            return Err(ReadCause::Fields {
                at: At {
                    line,
                    column: name_of(&header, cells.len().min(header.len())),
                    value: match cells.get(header.len()) {
                        Some(beyond) => beyond.clone().into_owned(),
                        None => cells.join(","),
                    },
                },
                fields: cells.len(),
                columns: header.len(),
            });
        }
        let at = |index: usize| At {
            line,
            column: header[index].clone(),
            value: cells[index].clone().into_owned(),
        };
        if let Some(empty) = [time_column, price_column]
            .into_iter()
            .find(|&index| cells[index].is_empty())
        {
            return Err(ReadCause::EmptyCell { at: at(empty) });
        }
        let written = match time::parse(&cells[time_column]) {
            Some(Written::Local(_)) if !zoned => {
                return Err(ReadCause::NoOffset {
                    at: at(time_column),
                });
            }
            Some(written) => written,
            None => {
                return Err(ReadCause::NoTime {
                    at: at(time_column),
                });
            }
        };
        let usd_per_mwh = match cells[price_column].parse::<f64>() {
            Ok(price) if price.abs() <= MAX_USD_PER_MWH => price,
            _ => {
                return Err(ReadCause::NoPrice {
                    at: at(price_column),
                });
            }
        };
        rows.push(Row {
            at: at(time_column),
            before_line: rows.last().map_or(header_line, |row| row.at.line),
            written,
            usd_per_mwh,
        });
    }
    match rows.len() {
        0 => Err(ReadCause::NoRows { header_line }),
        1 => Err(ReadCause::OneRow {
            at: rows[0].at.clone(),
        }),
        _ => Ok(rows),
    }
}

fn name_of(header: &[String], index: usize) -> String {
    header
        .get(index)
        .cloned()
        .unwrap_or_else(|| format!("number {}", index + 1))
}

fn cells<'r>(
    record: &'r ByteRecord,
    line: usize,
    header: &[String],
) -> Result<Vec<Cow<'r, str>>, ReadCause> {
    let text = |(index, cell): (usize, &'r [u8])| match String::from_utf8_lossy(cell) {
        Cow::Borrowed(text) => Ok(Cow::Borrowed(text)),
        Cow::Owned(value) => Err(ReadCause::NotUtf8 {
            at: At {
                line,
                column: name_of(header, index),
                value,
            },
        }),
    };
    record.iter().enumerate().map(text).collect()
}

fn column(header: &[String], wanted: &str, line: usize) -> Result<usize, ReadCause> {
    let mut fitting = (0..header.len()).filter(|&index| header[index] == wanted);
    match (fitting.next(), fitting.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(ReadCause::TwoColumns {
            line,
            name: wanted.to_owned(),
        }),
        (None, _) => Err(ReadCause::NoColumn {
            line,
            wanted: wanted.to_owned(),
            present: header.join(", "),
            nearest: nearest(wanted, header.iter().map(String::as_str)).map(str::to_owned),
        }),
    }
}
