//! Selection of columns by name.

use super::CsvError;
use crate::parse::list;
use perwatt_table::table::{At, Table};

/// Remedy for a column whose decimal mark is ambiguous.
pub(super) const DECIMAL: &str =
    ", or say which mark is the decimal one with decimal=point or decimal=comma";

/// The column with exactly the name that the user gave.
pub(super) fn named(table: &Table<'_>, name: &str) -> Result<usize, CsvError> {
    one_of(table, &format!("{name:?}"), |column| {
        table.names()[column] == name
    })
}

/// The only column that fits; an error for none or several.
pub(super) fn one_of(
    table: &Table<'_>,
    wanted: &str,
    fits: impl Fn(usize) -> bool,
) -> Result<usize, CsvError> {
    let names = table.names();
    let fitting: Vec<usize> = (0..names.len()).filter(|&column| fits(column)).collect();
    let (line, wanted) = (table.header_line(), wanted.to_owned());
    match fitting[..] {
        [one] => Ok(one),
        [] => Err(CsvError::NoColumn {
            line,
            wanted,
            found: list(names.iter().map(String::as_str)) + &table.header_in_comment(),
        }),
        _ => Err(CsvError::SeveralColumns {
            line,
            wanted,
            found: list(fitting.iter().map(|&column| names[column].as_str())),
        }),
    }
}

/// The header cell of a column, for a message.
pub(super) fn header_at(table: &Table<'_>, column: usize) -> At {
    At {
        line: table.header_line(),
        column: table.names()[column].clone(),
        value: table.names()[column].clone(),
    }
}
