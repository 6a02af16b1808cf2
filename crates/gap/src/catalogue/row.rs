//! Parts that the rows of all three tables share: their source, their basis, and their
//! values by column.

use serde::Serialize;

use super::name;
use super::table::{Cells, Kind};
use perwatt_table::{Evidence, Source};

/// Origin of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The catalogue that comes with the program.
    Builtin,
    /// A user's file, by name.
    File(String),
}

impl Origin {
    /// The word in tables.
    pub fn word(&self) -> &str {
        match self {
            Self::Builtin => "builtin",
            Self::File(file) => file,
        }
    }
}

/// Basis of a row's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Stated by the maker.
    Nameplate,
    /// Measured, and it is known by whom.
    Measured,
    /// Taken from the list or report of another party.
    Sourced,
    /// Computed or estimated.
    Estimate,
}

impl Basis {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nameplate => "nameplate",
            Self::Measured => "measured",
            Self::Sourced => "sourced",
            Self::Estimate => "estimate",
        }
    }

    /// The evidence mark of figures with this basis.
    pub fn evidence(self) -> Evidence {
        match self {
            Self::Nameplate => Evidence::Nameplate,
            Self::Measured => Evidence::Measured,
            Self::Sourced => Evidence::Sourced,
            Self::Estimate => Evidence::Assumed,
        }
    }
}

/// The words of the column `confidence`, each with its basis.
pub const CONFIDENCE: [(&str, Basis); 11] = [
    ("manufacturer", Basis::Nameplate),
    ("manufacturer (announced)", Basis::Nameplate),
    ("manufacturer wiki", Basis::Nameplate),
    ("open hardware", Basis::Nameplate),
    ("independent test house (nameplate)", Basis::Nameplate),
    ("independent measurement", Basis::Measured),
    ("measured", Basis::Measured),
    ("secondary", Basis::Sourced),
    ("secondary (announced)", Basis::Sourced),
    ("conflicting", Basis::Sourced),
    ("estimate", Basis::Estimate),
];

/// The word for a date that is not known. It is allowed only for figures that neither a
/// maker nor a known measurement supports: [`Basis::Sourced`] and [`Basis::Estimate`].
pub const UNDATED: &str = "undated";

/// Source and basis of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The word of the column `confidence`.
    pub confidence: &'static str,
    /// The basis that the word stands for.
    pub basis: Basis,
    /// Source of the figures.
    pub source: String,
    /// Date of the source, or of the release where the source has none; `None` where
    /// neither is known.
    pub date: Option<String>,
    /// Notes for the reader.
    pub notes: String,
    /// Origin of the row.
    pub origin: Origin,
}

impl Provenance {
    /// Reads and checks the columns `confidence`, `source`, `date` and `notes`.
    pub(super) fn read(cells: &mut Cells<'_>, origin: &Origin) -> Self {
        let word = cells.text("confidence");
        let found = CONFIDENCE.iter().find(|(name, _)| *name == word);
        if found.is_none() && !word.is_empty() {
            let words: Vec<&str> = CONFIDENCE.iter().map(|(name, _)| *name).collect();
            cells.fault(
                "confidence",
                format!("is none of these, write one: {}", words.join(", ")),
            );
        }
        let (confidence, basis) = *found.unwrap_or(&("secondary", Basis::Sourced));
        let date = cells.text("date");
        let vouched = matches!(basis, Basis::Nameplate | Basis::Measured);
        if date == UNDATED && vouched {
            cells.fault(
                "date",
                "goes only with confidence secondary, conflicting or estimate; give a year, a \
                 month or a day",
            );
        } else if date != UNDATED && !date.is_empty() && !is_date(&date) {
            cells.fault(
                "date",
                "is not a date; write 2025, 2025-04 or 2025-04-03, or undated",
            );
        }
        Self {
            confidence,
            basis,
            source: cells.text("source"),
            date: (date != UNDATED).then_some(date),
            notes: cells.raw("notes").to_owned(),
            origin: origin.clone(),
        }
    }

    /// The source of a figure from this row.
    pub fn as_source(&self) -> Source {
        Source {
            evidence: self.basis.evidence(),
            text: self.source.clone(),
            date: self.date.clone(),
        }
    }
}

/// True for a year, a month or a day of the calendar from 2000 to 2099.
pub(super) fn is_date(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return false,
    };
    let year = |date: jiff::civil::Date| (2000..2100).contains(&date.year());
    digits && whole.parse::<jiff::civil::Date>().is_ok_and(year)
}

impl Cells<'_> {
    /// Notes a figure without a source or a date, and a date that is none.
    pub(super) fn sourced(&mut self, is_there: bool, source: &str, date: &str) {
        if is_there && self.raw(source).is_empty() {
            self.fault(source, "is empty; name the source of the figure");
        }
        if (is_there || !self.raw(date).is_empty()) && !is_date(self.raw(date)) {
            self.fault(date, "is not a date; write 2025, 2025-04 or 2025-04-03");
        }
    }
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A figure.
    Number(f64),
    /// An empty cell.
    Empty,
}

impl Value {
    /// The value of a text; [`Value::Empty`] if it is empty.
    pub(super) fn text(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Empty => Ok(()),
        }
    }
}

/// The parts of a row that follow from the declaration of its columns.
pub trait Declared {
    /// Its source and basis.
    fn provenance(&self) -> &Provenance;
    /// The value of a column that files have; [`Value::Empty`] for any other.
    fn written(&self, column: &str) -> Value;
}

/// A row of one of the tables.
pub trait Row: Declared + Sized + Clone {
    /// Its table.
    const KIND: Kind;
    /// The column of its name.
    const NAME_COLUMN: &'static str;
    /// Columns that a file must have, with blanks between them.
    const REQUIRED: &'static str;
    /// Columns that a file may have.
    const OPTIONAL: &'static str;
    /// Columns that are computed, for sorting, filters and output.
    const COMPUTED: &'static str;
    /// The column that rows are sorted by unless another is named; true if its largest
    /// value comes first.
    const ORDER: (&'static str, bool);

    /// The value of a column; [`Value::Empty`] if the table does not have it.
    fn value(&self, column: &str) -> Value;
    /// The key of the row: rows with equal keys are the same machine.
    fn key(&self) -> String {
        name::key(&self.full_name())
    }
    /// Sources of figures that have their own, each with the figure's name and date.
    fn more_sources(&self) -> Vec<String> {
        Vec::new()
    }
    /// Its name, without the maker.
    fn model(&self) -> String {
        self.value(Self::NAME_COLUMN).to_string()
    }
    /// Maker, where the table has one, and name.
    fn full_name(&self) -> String {
        format!("{} {}", self.value("vendor"), self.model())
            .trim()
            .to_owned()
    }
}

/// A row that can be read from a line.
pub(super) trait ReadRow: Row {
    /// Reads a line and notes every fault in it. The contents of a row with faults do not
    /// matter: it is discarded.
    fn read(cells: &mut Cells<'_>, origin: &Origin) -> Self;
}

/// The columns of a table's files, in their order.
pub fn file_columns<R: Row>() -> impl Iterator<Item = &'static str> {
    let required = R::REQUIRED.split_whitespace();
    required.chain(R::OPTIONAL.split_whitespace())
}

/// All columns of a table, computed ones last.
pub fn columns<R: Row>() -> impl Iterator<Item = &'static str> {
    file_columns::<R>().chain(R::COMPUTED.split_whitespace())
}

/// The value of a column that every table has.
pub(super) fn shared_value(of: &Provenance, column: &str) -> Value {
    match column {
        "confidence" => Value::text(of.confidence),
        "source" => Value::text(&of.source),
        "date" => Value::text(of.date.as_deref().unwrap_or(UNDATED)),
        "notes" => Value::text(&of.notes),
        "origin" => Value::text(of.origin.word()),
        "mark" => Value::text(of.basis.word()),
        _ => Value::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_the_calendar() {
        for good in ["2025", "2025-04", "2025-04-03", "2024-02-29"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "25",
            "2025-13",
            "2025-02-29",
            "1025",
            "2025-4",
            "soon",
            "-025",
            "2025/04/03",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
