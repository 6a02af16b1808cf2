//! From a CSV file to checked rows: which table it is, and every fault in it.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use perwatt_power::parse::csv_lines::Lines;
use serde::Serialize;
use thiserror::Error;

use super::row::{Origin, ReadRow};

/// Which of the three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Machines that hash and do nothing else.
    Asics,
    /// GPUs and their like: arithmetic.
    Accelerators,
    /// Rates of hashing that somebody else measured on GPUs and CPUs.
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

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Line in it, from 1.
    pub line: u64,
    /// Name of the column, or of several.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it and what to do.
    pub wrong: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {} {:?}: {}",
            self.file, self.line, self.column, self.value, self.wrong
        )
    }
}

/// Why a catalogue cannot be used.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// The file cannot be read.
    #[error("{path}: {cause}; give a CSV file with the header of one of the three tables")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Its header is of none of the tables.
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
        /// Columns that this table has not.
        unknown: Vec<String>,
        /// Columns that it has more than once.
        doubled: Vec<String>,
    },
    /// Rows are wrong; every fault is listed.
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
}

fn list(before: &str, names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("{before}{}", names.join(", ")),
    }
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

/// The cells of one line, and what is wrong with them.
pub(super) struct Cells<'a> {
    file: &'a str,
    line: u64,
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
    faults: &'a mut Vec<Fault>,
}

impl Cells<'_> {
    /// The cell as it stands; empty where the file has no such column.
    pub(super) fn raw(&self, column: &str) -> &str {
        let index = self.columns.get(column);
        index
            .and_then(|index| self.record.get(*index))
            .unwrap_or("")
            .trim()
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
            line: self.line,
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
        match raw.parse::<f64>() {
            Ok(number) if number > 0.0 && number.is_finite() => Some(number),
            Ok(_) => {
                self.fault(
                    column,
                    "must be positive and finite; leave it empty if it is not known",
                );
                None
            }
            Err(_) => {
                self.fault(
                    column,
                    "is no number; write it as 13.5, without a unit, or leave it empty",
                );
                None
            }
        }
    }
}

/// Rows of one kind, from bytes of `file`.
///
/// # Errors
/// [`CatalogueError`]: the header is not of this table, or rows are at fault.
pub(super) fn read<R: ReadRow>(
    file: &str,
    bytes: &[u8],
    origin: &Origin,
) -> Result<Vec<R>, CatalogueError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = header_of(file, &mut reader)?;
    let columns: HashMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), i))
        .collect();
    let mut rows: Vec<R> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let mut first_line: HashMap<String, u64> = HashMap::new();
    let mut lines = Lines::new(bytes, None);
    for record in reader.records() {
        let position = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        let Some(line) = lines.begin(position.map_or(0, csv::Position::byte)) else {
            continue;
        };
        let line = line as u64;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(broken(file, line, &error));
                continue;
            }
        };
        if record.len() != header.len() {
            faults.push(Fault {
                file: file.to_owned(),
                line,
                column: "line".into(),
                value: record.iter().collect::<Vec<_>>().join(","),
                wrong: format!(
                    "has {} fields and the header {}; put text that holds commas in quotes",
                    record.len(),
                    header.len()
                ),
            });
            continue;
        }
        let mut cells = Cells {
            file,
            line,
            columns: &columns,
            record: &record,
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
                first_line.insert(key, line);
            }
        }
        rows.push(row);
    }
    match faults.is_empty() {
        true => Ok(rows),
        false => Err(CatalogueError::Faults(faults)),
    }
}

fn broken(file: &str, line: u64, error: &csv::Error) -> Fault {
    let cause = match error.kind() {
        // Without the reader's own line, which comes out too low after empty ones.
        csv::ErrorKind::Utf8 { err, .. } => format!("field {} is not UTF-8", err.field() + 1),
        _ => error.to_string(),
    };
    Fault {
        file: file.to_owned(),
        line,
        column: "line".into(),
        value: String::new(),
        wrong: format!("cannot be read: {cause}; save the file as CSV in UTF-8"),
    }
}

fn header_of(file: &str, reader: &mut csv::Reader<&[u8]>) -> Result<Vec<String>, CatalogueError> {
    match reader.headers() {
        Ok(names) => Ok(names.iter().map(str::to_owned).collect()),
        Err(error) => Err(CatalogueError::Faults(vec![broken(file, 1, &error)])),
    }
}

/// The table that a header is of. `tables` are the columns that a table must have and
/// those that it may have.
///
/// # Errors
/// [`CatalogueError::Header`]: none; the nearest is named and what it differs in.
pub(super) fn kind_of(
    file: &str,
    bytes: &[u8],
    tables: &[(Kind, &[&str], &[&str])],
) -> Result<Kind, CatalogueError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = header_of(file, &mut reader)?;
    let mut best: Option<(usize, CatalogueError)> = None;
    for (kind, required, optional) in tables {
        let missing: Vec<String> = required
            .iter()
            .filter(|name| !header.iter().any(|h| h == *name))
            .map(|name| (*name).to_owned())
            .collect();
        let known =
            |name: &String| required.contains(&name.as_str()) || optional.contains(&name.as_str());
        let unknown: Vec<String> = header.iter().filter(|name| !known(name)).cloned().collect();
        let mut doubled: Vec<String> = header
            .iter()
            .enumerate()
            .filter(|(i, name)| header[..*i].contains(name) && known(name))
            .map(|(_, name)| name.clone())
            .collect();
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
        // Only of no tables at all.
        None => Err(CatalogueError::Faults(Vec::new())),
    }
}

/// The bytes of a user's file and what to call it.
pub(super) fn bytes_of(path: &Path) -> Result<(String, Vec<u8>), CatalogueError> {
    let bytes = std::fs::read(path).map_err(|cause| CatalogueError::Read {
        path: path.to_owned(),
        cause,
    })?;
    Ok((path.display().to_string(), bytes))
}
