//! Filters and sort order of the rows of a table.

use regex::{Regex, RegexBuilder};
use thiserror::Error;

use super::row::{Row, Value, columns};
use super::{Accelerator, Asic, GpuHashrate};
use perwatt_table::nearest;

/// Columns that a pattern without a column is matched against.
const WHOLE: &str = "vendor model device class algorithm cooling confidence kind";

/// Row selection errors.
#[derive(Debug, Error)]
pub enum SelectError {
    /// No table has this column.
    #[error("there is no column {name:?}{}; the columns are {}", near(.nearest), known.join(", "))]
    Column {
        /// The name given.
        name: String,
        /// The nearest column, if one is somewhat like it.
        nearest: Option<String>,
        /// All columns.
        known: Vec<String>,
    },
    /// The pattern is not a regular expression.
    #[error("--filter {text}: {cause}; put \\ before a sign that is meant as it stands")]
    Pattern {
        /// The filter as given.
        text: String,
        /// The error in the pattern.
        cause: Box<regex::Error>,
    },
}

fn near(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or(String::new(), |name| format!("; the nearest is {name:?}"))
}

/// Every column of every table, without repeats.
pub fn all_columns() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    let tables = columns::<Asic>()
        .chain(columns::<Accelerator>())
        .chain(columns::<GpuHashrate>());
    for name in tables {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The column of this name.
///
/// # Errors
/// [`SelectError::Column`]: the name is not among `known`.
pub fn column(name: &str, known: &[&'static str]) -> Result<&'static str, SelectError> {
    if let Some(found) = known.iter().find(|column| **column == name) {
        return Ok(found);
    }
    Err(SelectError::Column {
        name: name.to_owned(),
        nearest: nearest(name, known.iter().copied()).map(str::to_owned),
        known: known.iter().map(|name| (*name).to_owned()).collect(),
    })
}

/// A pattern on one column, or on maker, model, cooling and the like.
#[derive(Debug, Clone)]
pub struct Filter {
    column: Option<&'static str>,
    pattern: Regex,
}

impl Filter {
    /// Parses `REGEX` or `COLUMN=REGEX`; case is ignored. A `=` that belongs to the pattern
    /// is written `[=]`.
    ///
    /// # Errors
    /// [`SelectError`]: no table has the column, or the pattern is not a regular
    /// expression.
    pub fn parse(text: &str) -> Result<Self, SelectError> {
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let (column, pattern) = match text.split_once('=') {
            Some((name, pattern)) if !name.is_empty() && plain(name) => {
                (Some(self::column(name, &all_columns())?), pattern)
            }
            _ => (None, text),
        };
        let built = RegexBuilder::new(pattern).case_insensitive(true).build();
        let pattern = built.map_err(|cause| SelectError::Pattern {
            text: text.to_owned(),
            cause: Box::new(cause),
        })?;
        Ok(Self { column, pattern })
    }

    /// The column that it names, if any.
    pub fn column(&self) -> Option<&'static str> {
        self.column
    }

    /// True if the table has the column, or the filter names none.
    pub fn concerns<R: Row>(&self) -> bool {
        self.column
            .is_none_or(|name| columns::<R>().any(|of| of == name))
    }

    /// True if the row matches.
    pub fn keeps<R: Row>(&self, row: &R) -> bool {
        match self.column {
            Some(name) => self.pattern.is_match(&row.value(name).to_string()),
            // The full name and each column are matched separately, so that ^ and $ mean
            // their ends.
            None => {
                self.pattern.is_match(&row.full_name())
                    || WHOLE.split(' ').any(|name| match row.value(name) {
                        Value::Empty => false,
                        value => self.pattern.is_match(&value.to_string()),
                    })
            }
        }
    }
}

/// Sorts by a column, by default as [`Row::ORDER`] says: better figures first. Rows without
/// a value come last, either way; equals keep their order.
pub fn sort<R: Row>(rows: &mut [R], by: Option<&str>, reverse: bool) {
    let (standard, largest_first) = R::ORDER;
    let by = by.unwrap_or(standard);
    let falling = (by == standard && largest_first) != reverse;
    rows.sort_by(|a, b| {
        let order = match (a.value(by), b.value(by)) {
            (Value::Empty, Value::Empty) => return std::cmp::Ordering::Equal,
            (Value::Empty, _) => return std::cmp::Ordering::Greater,
            (_, Value::Empty) => return std::cmp::Ordering::Less,
            (Value::Number(a), Value::Number(b)) => a.total_cmp(&b),
            (a, b) => a
                .to_string()
                .to_lowercase()
                .cmp(&b.to_string().to_lowercase()),
        };
        if falling { order.reverse() } else { order }
    });
}
