//! What the rows of all three tables have in common: where they are from, how good
//! they are, and their values by column.

use serde::Serialize;

use super::name;
use super::table::{Cells, Kind};
use perwatt_table::{Evidence, Source};

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It came with the program.
    Builtin,
    /// The user's file.
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

/// What a row's figures rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The maker's word.
    Nameplate,
    /// Somebody measured it, and it is known who.
    Measured,
    /// Somebody else's list or report.
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

    /// The mark of figures that rest on it.
    pub fn evidence(self) -> Evidence {
        match self {
            Self::Nameplate => Evidence::Nameplate,
            Self::Measured => Evidence::Measured,
            Self::Sourced => Evidence::Sourced,
            Self::Estimate => Evidence::Assumed,
        }
    }
}

/// The words of the column `confidence`.
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

/// The word for a date that is not known. It goes only with figures that nobody
/// vouches for: [`Basis::Sourced`] and [`Basis::Estimate`].
pub const UNDATED: &str = "undated";

/// Where a row is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The word of the column `confidence`.
    pub confidence: &'static str,
    /// What that makes of the figures.
    pub basis: Basis,
    /// Where they were read.
    pub source: String,
    /// Date of the source, or of the release where the source has none; `None` where
    /// neither is known.
    pub date: Option<String>,
    /// What else a reader should know.
    pub notes: String,
    /// Whose row it is.
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
                "is no date; write 2025, 2025-04 or 2025-04-03, or undated",
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

    /// The same as what a figure rests on.
    pub fn as_source(&self) -> Source {
        Source {
            evidence: self.basis.evidence(),
            text: self.source.clone(),
            date: self.date.clone(),
        }
    }
}

/// A year, a month or a day of the calendar.
fn is_date(text: &str) -> bool {
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

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A figure.
    Number(f64),
    /// Nothing stands there.
    Empty,
}

impl Value {
    /// Of a text, which may be empty.
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

/// A row of one of the tables.
pub trait Row: Sized + Clone {
    /// Its table.
    const KIND: Kind;
    /// The column of its name.
    const NAME_COLUMN: &'static str;
    /// Columns that a file must have.
    const REQUIRED: &'static [&'static str];
    /// Columns that a file may have.
    const OPTIONAL: &'static [&'static str];
    /// Columns that are computed, for sorting, filters and output.
    const COMPUTED: &'static [&'static str];
    /// The column that rows are sorted by unless another is named, and whether its
    /// largest value comes first.
    const ORDER: (&'static str, bool);

    /// Its maker; empty where the table has none.
    fn vendor(&self) -> &str;
    /// Its name, without the maker.
    fn model(&self) -> &str;
    /// Where it is from.
    fn provenance(&self) -> &Provenance;
    /// The value of a column; [`Value::Empty`] of one that it has not.
    fn value(&self, column: &str) -> Value;
    /// Rows of one key are the same machine.
    fn key(&self) -> String {
        name::key(&format!("{} {}", self.vendor(), self.model()))
    }
    /// Maker and name.
    fn full_name(&self) -> String {
        format!("{} {}", self.vendor(), self.model())
            .trim()
            .to_owned()
    }
}

/// A row that can be read from a line.
pub(super) trait ReadRow: Row {
    /// Reads a line and notes every fault in it. What a row with faults holds does not
    /// matter: it is thrown away.
    fn read(cells: &mut Cells<'_>, origin: &Origin) -> Self;
}

/// The columns of a table's files, in their order.
pub fn file_columns<R: Row>() -> impl Iterator<Item = &'static str> {
    R::REQUIRED.iter().chain(R::OPTIONAL).copied()
}

/// All columns of a table, computed ones last.
pub fn columns<R: Row>() -> impl Iterator<Item = &'static str> {
    file_columns::<R>().chain(R::COMPUTED.iter().copied())
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
