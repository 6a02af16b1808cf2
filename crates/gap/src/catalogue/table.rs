//! Reading of CSV files into checked rows, with a list of all faults.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use perwatt_host::files;
use perwatt_table::decimals::{Marks, MarksError, Style};
use perwatt_table::table::{Row as Line, Table, TableError};
use serde::Serialize;
use thiserror::Error;

use super::row::{Origin, ReadRow};

/// Largest file, bytes: ten thousand times the rows that come with the program.
const MAX_BYTES: u64 = 1 << 24;
/// The number of faults after which the rest of a file is not read.
const MAX_FAULTS: usize = 100;
/// The largest number of columns that a message names.
const SHOWN_NAMES: usize = 20;
/// Length at which values are cut in messages, characters.
const SHOWN_CHARS: usize = 60;
/// Range of plausible figures in the units of the tables. A figure outside it is a mistake,
/// and a quotient with it is not a usable figure.
const SENSIBLE: std::ops::RangeInclusive<f64> = 1e-9..=1e15;
/// The largest plausible tolerance. No maker allows itself more, so a larger one is a
/// mistake: percent where a fraction belongs.
const MOST_TOLERANCE_REL: f64 = 0.5;

/// One of the three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Machines that only compute hashes.
    Asics,
    /// GPUs and other accelerators: arithmetic.
    Accelerators,
    /// Hash rates of GPUs and CPUs from other sources.
    Gpus,
}

impl Kind {
    /// The word in arguments.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asics => "asics",
            Self::Accelerators => "accelerators",
            Self::Gpus => "gpus",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A fault in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Line in it, from 1.
    pub line: u64,
    /// Name of the column, or of several.
    pub column: String,
    /// The value in the file.
    pub value: String,
    /// The fault, and its remedy.
    pub wrong: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: String = self.value.chars().take(SHOWN_CHARS).collect();
        let is_cut = value.len() < self.value.len();
        let cut = if is_cut { "…" } else { "" };
        let (file, line, column) = (&self.file, self.line, &self.column);
        write!(f, "{file}:{line}: {column} {value:?}{cut}: {}", self.wrong)
    }
}

/// Catalogue errors.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// The file cannot be read.
    #[error("{path}: {cause}; give a CSV file with the header of one of the three tables")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The file is not a table.
    #[error("{file}: {cause}")]
    Table {
        /// The file.
        file: String,
        /// The cause.
        cause: TableError,
    },
    /// The header matches none of the tables.
    #[error(
        "{file}:1: the header is not that of a catalogue; it is nearest to that of {nearest}{}{}{}",
        list("; add the missing columns ", missing),
        list("; take out or rename ", unknown),
        list("; keep only one each of ", doubled)
    )]
    Header {
        /// The file.
        file: String,
        /// The table whose header is nearest.
        nearest: Kind,
        /// Columns of that table that the file lacks.
        missing: Vec<String>,
        /// Columns of the file that the table does not have.
        unknown: Vec<String>,
        /// Columns that the file has more than once.
        doubled: Vec<String>,
    },
    /// Rows are wrong; every fault is listed.
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
}

fn list(before: &str, names: &[String]) -> String {
    match names {
        [] => String::new(),
        names if names.len() > SHOWN_NAMES => {
            let shown = names[..SHOWN_NAMES].join(", ");
            format!("{before}{shown} and {} more", names.len() - SHOWN_NAMES)
        }
        names => format!("{before}{}", names.join(", ")),
    }
}

fn lines(faults: &[Fault]) -> String {
    let mut lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    if faults.len() >= MAX_FAULTS {
        lines.push("there may be more; the file was read no further".into());
    }
    lines.join("\n")
}

/// The cells of one line, and the list of faults.
pub(super) struct Cells<'a> {
    file: &'a str,
    line: &'a Line,
    columns: &'a HashMap<&'a str, usize>,
    styles: &'a [Result<Style, MarksError>],
    faults: &'a mut Vec<Fault>,
}

impl Cells<'_> {
    /// The cell as it stands; empty where the file has no such column.
    pub(super) fn raw(&self, column: &str) -> &str {
        let index = self.columns.get(column);
        index.map_or("", |index| self.line.cell(*index))
    }

    /// Notes a fault of a column.
    pub(super) fn fault(&mut self, column: &str, wrong: impl Into<String>) {
        let value = self.raw(column).to_owned();
        self.fault_of(column, value, wrong);
    }

    /// Notes a fault of a value that is made of several columns.
    pub(super) fn fault_of(&mut self, column: &str, value: String, wrong: impl Into<String>) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line: self.line.line as u64,
            column: column.to_owned(),
            value,
            wrong: wrong.into(),
        });
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, column: &str) -> String {
        if self.raw(column).is_empty() {
            self.fault(column, "is empty; every row needs one");
        }
        self.raw(column).to_owned()
    }

    /// A text that may be missing.
    pub(super) fn maybe_text(&mut self, column: &str) -> String {
        self.raw(column).to_owned()
    }

    /// A number that must be there; NaN where it is not, with the fault noted.
    pub(super) fn number(&mut self, column: &str) -> f64 {
        if self.raw(column).is_empty() {
            self.fault(column, "is empty; every row needs a positive number");
            return f64::NAN;
        }
        self.maybe_number(column).unwrap_or(f64::NAN)
    }

    /// A number that may be missing: positive and finite.
    pub(super) fn maybe_number(&mut self, column: &str) -> Option<f64> {
        let raw = self.raw(column);
        if raw.is_empty() {
            return None;
        }
        let style = self.columns.get(column).map(|index| &self.styles[*index]);
        let wrong = match style {
            Some(Err(MarksError::Ambiguous { at, .. } | MarksError::Mixed { at, .. }))
                if at.line != self.line.line =>
            {
                // The fault of a column is noted only once, at its line.
                return None;
            }
            Some(Err(error)) => error.to_string(),
            Some(Ok(style)) => match style.number(raw) {
                Some(number) if SENSIBLE.contains(&number) => return Some(number),
                Some(_) => format!(
                    "must be positive and finite, from {:e} to {:e}; leave it empty if it is not known",
                    SENSIBLE.start(),
                    SENSIBLE.end()
                ),
                None => {
                    "is not a number; write it as 13.5, without a unit, or leave it empty".into()
                }
            },
            None => return None,
        };
        self.fault(column, wrong);
        None
    }

    /// A relative tolerance that may be missing.
    pub(super) fn maybe_tolerance(&mut self, column: &str) -> Option<f64> {
        let found = self.maybe_number(column);
        if found.is_some_and(|rel| rel > MOST_TOLERANCE_REL) {
            self.fault(column, "is more than half; write 0.03 for 3 %");
        }
        found
    }
}

/// Parses the bytes of a file as a table.
///
/// # Errors
/// [`CatalogueError::Table`]: the file is not a table.
pub(super) fn table<'a>(file: &str, bytes: &'a [u8]) -> Result<Table<'a>, CatalogueError> {
    Table::read(bytes).map_err(|cause| CatalogueError::Table {
        file: file.to_owned(),
        cause,
    })
}

/// Reads the rows of one kind from the table of `file`.
///
/// # Errors
/// [`CatalogueError::Faults`]: rows have faults.
pub(super) fn read<R: ReadRow>(
    file: &str,
    table: &Table<'_>,
    origin: &Origin,
) -> Result<Vec<R>, CatalogueError> {
    let names = table.names().iter().enumerate();
    let columns: HashMap<&str, usize> = names.map(|(i, name)| (name.as_str(), i)).collect();
    let mut marks: Vec<Marks> = (0..table.names().len()).map(Marks::new).collect();
    for line in table.rows().flatten() {
        for (column, marks) in marks.iter_mut().enumerate() {
            marks.see(line.cell(column), line.line);
        }
    }
    let settled = marks.iter().map(|marks| marks.settle(table, None, ""));
    let styles: Vec<Result<Style, MarksError>> = settled.collect();
    let mut rows: Vec<R> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let mut first_line: HashMap<String, usize> = HashMap::new();
    for line in table.rows() {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                faults.push(broken(file, error));
                continue;
            }
        };
        let mut cells = Cells {
            file,
            line: &line,
            columns: &columns,
            styles: &styles,
            faults: &mut faults,
        };
        let row = R::read(&mut cells, origin);
        let key = row.key();
        match first_line.get(&key) {
            Some(first) => {
                let wrong = format!("is on line {first} already; keep one of them");
                cells.fault(R::NAME_COLUMN, wrong);
            }
            None => {
                first_line.insert(key, line.line);
            }
        }
        rows.push(row);
    }
    match faults.is_empty() {
        true => Ok(rows),
        false => Err(CatalogueError::Faults(faults)),
    }
}

/// The fault of a line that is not a row of the table.
fn broken(file: &str, error: TableError) -> Fault {
    let (line, value, wrong) = match error {
        TableError::Fields {
            at,
            fields,
            columns,
        } => (
            at.line,
            at.value,
            format!(
                "has {fields} fields and the header {columns}; put text that holds commas in quotes"
            ),
        ),
        TableError::OpenQuote(line) => (line, String::new(), error.to_string()),
        other => (1, String::new(), other.to_string()),
    };
    Fault {
        file: file.to_owned(),
        line: line as u64,
        column: "line".into(),
        value,
        wrong,
    }
}

/// The table that a header belongs to. `tables` holds the required and the optional columns
/// of each table.
///
/// # Errors
/// [`CatalogueError::Header`]: the header matches no table; the error names the nearest one
/// and the differences.
pub(super) fn kind_of(
    file: &str,
    header: &[String],
    tables: &[(Kind, &str, &str)],
) -> Result<Kind, CatalogueError> {
    let mut best: Option<(usize, CatalogueError)> = None;
    for (kind, required, optional) in tables {
        let is_missing = |name: &&str| !header.iter().any(|h| h == name);
        let missing = required.split_whitespace().filter(is_missing);
        let missing: Vec<String> = missing.map(str::to_owned).collect();
        let all = required
            .split_whitespace()
            .chain(optional.split_whitespace());
        let known = |name: &String| all.clone().any(|one| one == name);
        let unknown: Vec<String> = header.iter().filter(|name| !known(name)).cloned().collect();
        let mut seen = HashSet::new();
        let again = header
            .iter()
            .filter(|name| known(name) && !seen.insert(*name));
        let mut doubled: Vec<String> = again.cloned().collect();
        doubled.dedup();
        let distance = missing.len() + unknown.len() + doubled.len();
        if distance == 0 {
            return Ok(*kind);
        }
        if best.as_ref().is_none_or(|(kept, _)| distance < *kept) {
            let error = CatalogueError::Header {
                file: file.to_owned(),
                nearest: *kind,
                missing,
                unknown,
                doubled,
            };
            best = Some((distance, error));
        }
    }
    match best {
        Some((_, error)) => Err(error),
        // Reached only if `tables` is empty.
        None => Err(CatalogueError::Faults(Vec::new())),
    }
}

/// The name and the bytes of a user's file.
pub(super) fn bytes_of(path: &Path) -> Result<(String, Vec<u8>), CatalogueError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|cause| CatalogueError::Read {
        path: path.to_owned(),
        cause,
    })?;
    Ok((path.display().to_string(), bytes))
}
