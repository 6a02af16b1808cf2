//! A cell of a table: values in a row, and the marks and notes that belong to them.

use perwatt_compare::Verdict;
use perwatt_table::Evidence;

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
            Verdict::BetterHere | Verdict::WorseHere | Verdict::SameHere | Verdict::Unclear => {
                Self::Unclear
            }
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

/// A sign right behind the values of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The raised letter of the weakest evidence that a figure rests on.
    Evidence(Evidence),
    /// The figure rests on watts or dollars that somebody stated, or on watts that a model
    /// gives.
    Stated,
    /// A star, which a sentence beside the table explains.
    Star,
}

impl Mark {
    /// The sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Evidence(Evidence::Exact) => "\u{1d49}",
            Self::Evidence(Evidence::Measured) => "\u{1d50}",
            Self::Evidence(Evidence::Nameplate) => "\u{207f}",
            Self::Evidence(Evidence::Sourced) => "\u{2e2}",
            Self::Evidence(Evidence::Assumed) => "\u{1d43}",
            Self::Stated => "\u{2b7}",
            Self::Star => "*",
        }
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// The values, printed with a space between them.
    pub parts: Vec<Part>,
    /// The sign behind the values.
    pub mark: Option<Mark>,
    /// The shade on a page, 0 for the strongest; it repeats what figures and marks say.
    pub shade: Option<usize>,
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
            ..Self::default()
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

    /// The cell with a sign behind its values.
    #[must_use]
    pub fn mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
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
