//! A cell of a table: values in a row, and the notes that belong to them.

use perwatt_compare::Verdict;

use super::Value;

/// The emphasis of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// No emphasis.
    #[default]
    Plain,
    /// Less emphasis than its neighbours.
    Soft,
    /// A verdict without a direction.
    Strong,
    /// A change for the better.
    Good,
    /// A change for the worse, or a failure.
    Bad,
    /// Undecided.
    Unclear,
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Better => Self::Good,
            Verdict::Worse => Self::Bad,
            Verdict::Same => Self::Strong,
            Verdict::Unclear => Self::Unclear,
        }
    }
}

/// A value with its tone.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The value.
    pub value: Value,
    /// The tone.
    pub tone: Tone,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// The values, printed with a space between them.
    pub parts: Vec<Part>,
    /// The texts of the notes; the renderer numbers them.
    pub notes: Vec<String>,
}

impl Cell {
    /// An empty cell.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A value in a tone.
    pub fn toned(value: impl Into<Value>, tone: Tone) -> Self {
        Self {
            parts: vec![Part {
                value: value.into(),
                tone,
            }],
            notes: Vec::new(),
        }
    }

    /// A verdict in the tone of its word.
    pub fn verdict(verdict: Verdict) -> Self {
        Self::toned(verdict.word(), Tone::from(verdict))
    }

    /// The cell with `value` appended to its values.
    #[must_use]
    pub fn and(mut self, value: impl Into<Value>) -> Self {
        self.parts.extend(Self::from(value.into()).parts);
        self
    }

    /// The cell with a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The cell with these notes.
    #[must_use]
    pub fn notes(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(texts);
        self
    }

    /// True if it has neither values nor notes.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.notes.is_empty()
    }

    /// The values as they are printed, without the marks of notes.
    pub fn text(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|of| of.value.to_string()).collect();
        parts.join(" ")
    }
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::toned(value, Tone::Plain)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::empty, Into::into)
    }
}
