//! The document model: a view is a list of blocks of typed figures and words, which
//! [`render`](mod@crate::render) turns into terminal text, Markdown and HTML.
//!
//! Untrusted texts are kept unchanged; each renderer escapes them for its format.

mod cell;
mod chart;
mod grid;
mod matrix;
mod notes;
mod plot;
mod value;

pub use cell::{Cell, Mark, Part, Tone};
pub use chart::{Bar, Chart, Curve, Shape, Step};
pub use grid::{Align, Column, Fit, Grid, Row};
pub use matrix::{Matrix, MatrixRow};
pub use notes::{Notes, superscript};
pub use plot::{Dot, Plot, Tick};
pub use value::Value;

/// A piece of a document.
#[derive(Debug, Clone)]
pub enum Block {
    /// The heading of a section that the page links to.
    Part {
        /// The anchor of the heading in links.
        id: &'static str,
        /// The heading.
        title: String,
    },
    /// A heading; in text it follows an empty line.
    Heading(Level, String),
    /// One or more sentences.
    Sentence(String),
    /// A sentence with emphasis, for warnings.
    Warning(String),
    /// A verdict in one line, in the tone of its word.
    Verdict(Tone, String),
    /// A list of sentences.
    List(Vec<String>),
    /// A list of lines, each with lines below it.
    Items(Vec<Item>),
    /// Numbered steps.
    Steps(Vec<String>),
    /// A list of names, each with a text.
    Facts(Vec<Fact>),
    /// A table.
    Grid(Grid),
    /// A table with a column for each thing compared.
    Matrix(Matrix),
    /// A picture, in HTML only; a table holds its figures too.
    Plot(Plot),
    /// A picture of sums of money, in HTML only.
    Chart(Chart),
    /// Blocks of lesser weight below a title, which a page shows on demand.
    Details {
        /// The title.
        title: String,
        /// The blocks.
        blocks: Vec<Block>,
    },
    /// A text whose line breaks are kept, with its title.
    Verbatim {
        /// The title.
        title: String,
        /// The text, its title included as the first line.
        text: String,
    },
    /// An empty line in text; nothing in the other formats.
    Space,
}

/// The rank of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The heading of a table or a subject.
    Section,
    /// A heading below [`Section`](Self::Section).
    Detail,
}

/// A name with its qualifier and its text.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// The qualifier, printed in parentheses after the name; empty for none.
    pub qualifier: &'static str,
    /// The text.
    pub text: String,
}

impl Fact {
    /// A name without a qualifier.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            qualifier: "",
            text: text.into(),
        }
    }
}

/// A line of a list.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// The emphasis of the line.
    pub tone: Tone,
    /// The text of the line.
    pub text: String,
    /// The lines below it.
    pub below: Vec<String>,
}

impl Item {
    /// A line with nothing below it, in the plain tone.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The line with `text` added to the lines below it.
    #[must_use]
    pub fn below(mut self, text: impl Into<String>) -> Self {
        self.below.push(text.into());
        self
    }
}

impl Block {
    /// A heading of a section that the page links to.
    pub fn part(id: &'static str, title: impl Into<String>) -> Self {
        Self::Part {
            id,
            title: title.into(),
        }
    }

    /// A heading at the level [`Level::Section`].
    pub fn section(text: impl Into<String>) -> Self {
        Self::Heading(Level::Section, text.into())
    }

    /// A sentence.
    pub fn sentence(text: impl Into<String>) -> Self {
        Self::Sentence(text.into())
    }
}
