//! Cells of a comparison: the same text in every format for people.

use perwatt_compare::metric::FigureUnit;
use perwatt_compare::model::{Cell, Figure, Outcome, Table};

use crate::doc::{self, Tone, Value};
use crate::phrases;
use crate::units::Scale;

/// The notation of a row's figures: one scale for all of them.
pub struct Style {
    scale: Scale,
    unit: FigureUnit,
}

impl Style {
    /// The notation of a table's row, scaled by its first figure.
    pub fn of(table: &Table, cells: &[Cell]) -> Self {
        let first = cells.iter().find_map(|cell| cell.figure.as_ref());
        Self::new(table.unit, first.map_or(0.0, |figure| figure.median))
    }

    /// A notation for figures of about `size`.
    pub fn new(unit: FigureUnit, size: f64) -> Self {
        Self {
            scale: Scale::of(unit.quoted(size)),
            unit,
        }
    }

    /// The scale that all figures share.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The unit of that scale: `MH/s`.
    pub fn unit(&self) -> String {
        self.scale.unit(&self.unit.quoted_in())
    }

    /// A figure with its unit: `57.31 MH/s`.
    pub fn figure(&self, value: f64) -> Value {
        let value = self.unit.quoted(value);
        Value::scaled(value, self.scale, self.unit.quoted_in())
    }
}

/// The larger half-width of the median's interval, relative to the median; the number of
/// values (`n=3`) where there are too few for an interval.
pub fn spread(figure: &Figure) -> doc::Cell {
    match figure.interval {
        Some([low, high]) => {
            let half = (figure.median - low).max(high - figure.median);
            doc::Cell::toned(Value::PlusMinus(half / figure.median), Tone::Soft)
        }
        None => doc::Cell::toned(format!("n={}", figure.values.len()), Tone::Soft),
    }
}

/// The word for an outcome: a verdict, `base`, `N/A`, or `-` where there is no figure.
pub fn verdict(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Base => "base",
        Outcome::Compared(compared) => compared.verdict.word(),
        Outcome::NotComparable { .. } => "N/A",
        Outcome::Absent => "-",
    }
}

/// The rank of a cell: `1`, or `2–3` where the runs do not decide.
pub fn place(cell: &Cell) -> String {
    match cell.rank {
        Some([best, worst]) if best == worst => best.to_string(),
        Some([best, worst]) => format!("{best}\u{2013}{worst}"),
        None => String::new(),
    }
}

/// All notes on a cell, as sentences; `needed` as in [`phrases::of_compared`].
pub fn notes(cell: &Cell, needed: Option<[usize; 2]>) -> Vec<String> {
    let mut notes = Vec::new();
    match &cell.outcome {
        Outcome::Compared(compared) => notes.extend(phrases::of_compared(compared, needed)),
        Outcome::NotComparable { reason, fields } => {
            notes.push(phrases::not_comparable(reason, fields));
        }
        Outcome::Base | Outcome::Absent => {}
    }
    notes.extend(cell.notes.iter().cloned());
    let backend = cell.differs.iter().find(|d| d.field == "backend");
    if let (Some(difference), Some(figure)) = (backend, &cell.figure) {
        let base = difference.base.as_deref().unwrap_or("none");
        notes.push(format!("backend {}, baseline {base}", figure.backend));
    }
    notes
}
