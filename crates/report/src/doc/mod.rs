//! The document that a view is: blocks of typed figures and words, which
//! [`render`](mod@crate::render) turns into terminal text, Markdown and HTML.
//!
//! Texts of others are kept as they are; each renderer makes them safe for its format.

mod cell;
mod grid;
mod matrix;
mod notes;
mod plot;
mod value;

pub use cell::{Cell, Part, Tone};
pub use grid::{Align, Column, Fit, Grid, Row};
pub use matrix::{Matrix, MatrixRow};
pub use notes::{Notes, superscript};
pub use plot::{Dot, Plot, Tick};
pub use value::Value;

/// A piece of a document.
#[derive(Debug, Clone)]
pub enum Block {
    /// The heading of a part that a page has a link to.
    Part {
        /// Its name in addresses.
        id: &'static str,
        /// The heading.
        title: String,
    },
    /// A heading; in text the first line after an empty one.
    Heading(Level, String),
    /// A sentence or several.
    Sentence(String),
    /// A sentence that must not be overlooked.
    Warning(String),
    /// Sentences of the same rank.
    List(Vec<String>),
    /// Lines with lines below them.
    Items(Vec<Item>),
    /// Numbered steps.
    Steps(Vec<String>),
    /// Names, each with a text.
    Facts(Vec<Fact>),
    /// A table.
    Grid(Grid),
    /// A table with a column for each thing compared.
    Matrix(Matrix),
    /// A picture, in HTML only: its figures stand in a table too.
    Plot(Plot),
    /// A text whose lines stay as they are, with its title.
    Verbatim {
        /// The title.
        title: String,
        /// The text, its title included as the first line.
        text: String,
    },
    /// An empty line in text.
    Space,
}

/// The rank of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A table or a subject.
    Section,
    /// Less than that.
    Detail,
}

/// A name with its qualifier and its text.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// In parentheses after it; empty for none.
    pub qualifier: &'static str,
    /// The text.
    pub text: String,
}

/// A line of a list.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Its tone.
    pub tone: Tone,
    /// Its text.
    pub text: String,
    /// Lines below it.
    pub below: Vec<String>,
}

impl Item {
    /// A line with nothing below it.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The line with another below it.
    #[must_use]
    pub fn below(mut self, text: impl Into<String>) -> Self {
        self.below.push(text.into());
        self
    }
}

impl Block {
    /// The heading of a part.
    pub fn part(id: &'static str, title: impl Into<String>) -> Self {
        Self::Part {
            id,
            title: title.into(),
        }
    }

    /// A heading of a section.
    pub fn section(text: impl Into<String>) -> Self {
        Self::Heading(Level::Section, text.into())
    }

    /// A sentence.
    pub fn sentence(text: impl Into<String>) -> Self {
        Self::Sentence(text.into())
    }
}
