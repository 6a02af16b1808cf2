//! Blocks as text for a terminal of a given width.

mod grid;
mod line;
mod plot;

use std::fmt;

pub use line::width;
use line::{Line, wrap};
pub use plot::Signs;

use crate::doc::{Block, Notes, Tone, superscript};
use crate::plain::plain;

/// The width in columns that is used where a terminal's width is not known.
pub const WIDTH: usize = 80;

/// Longest name of a compared thing in tables, in characters; longer ones are cut.
const NAME: usize = 20;

/// Text with its tones.
#[derive(Debug, Clone, Default)]
pub struct Toned(Vec<Line>);

impl Toned {
    /// The pieces of each line, with their tones.
    pub fn lines(&self) -> impl Iterator<Item = &[(Tone, String)]> {
        self.0.iter().map(Line::pieces)
    }

    /// Appends another rendered text.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl fmt::Display for Toned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Renders blocks for a terminal of `width` columns.
pub fn render(blocks: &[Block], width: usize) -> Toned {
    with_plots(blocks, width, None)
}

/// Renders blocks as [`render`] does, with their plots in these signs.
pub fn with_plots(blocks: &[Block], width: usize, plots: Option<Signs>) -> Toned {
    let mut out = Vec::new();
    for block in blocks {
        one(block, width, plots, &mut out);
    }
    Toned(out)
}

fn one(block: &Block, width: usize, plots: Option<Signs>, out: &mut Vec<Line>) {
    let mut sentence = |tone: Tone, text: &str, lead: usize, hang: usize| {
        let line = Line::new(tone, &plain(text));
        out.extend(wrap(&line, lead, hang, width));
    };
    match block {
        Block::Part { title: text, .. } | Block::Heading(_, text) => {
            space(out);
            out.extend(wrap(&Line::new(Tone::Plain, &plain(text)), 0, 2, width));
        }
        Block::Sentence(text) => sentence(Tone::Plain, text, 0, 2),
        Block::Warning(text) => sentence(Tone::Bad, text, 0, 2),
        Block::Verdict(tone, text) => sentence(*tone, text, 0, 2),
        Block::List(all) => {
            for text in all {
                sentence(Tone::Plain, text, 0, 2);
            }
        }
        Block::Items(all) => {
            for item in all {
                sentence(item.tone, &item.text, 2, 4);
                for text in &item.below {
                    sentence(Tone::Plain, text, 6, 8);
                }
            }
        }
        Block::Steps(all) => {
            for (number, text) in (1_usize..).zip(all) {
                let lead = usize::from(number < 100) + usize::from(number < 10);
                sentence(Tone::Plain, &format!("{number}. {text}"), lead, 7);
            }
        }
        Block::Facts(all) => {
            for fact in all {
                let qualifier = match fact.qualifier {
                    "" => String::new(),
                    qualifier => format!(" ({qualifier})"),
                };
                let text = format!("{}{qualifier}: {}", fact.name, fact.text);
                sentence(Tone::Plain, &text, 0, 4);
            }
        }
        Block::Grid(grid) => grid::render(grid, width, out),
        Block::Matrix(matrix) if matrix.parts.is_empty() => {
            for text in matrix.sentences() {
                sentence(Tone::Plain, &text, 2, 4);
            }
        }
        Block::Matrix(matrix) => grid::render(&matrix.long(NAME), width, out),
        Block::Details { title, blocks } => {
            space(out);
            out.push(Line::new(Tone::Plain, &plain(title)));
            for block in blocks {
                one(block, width, plots, out);
            }
        }
        Block::Plot(of) => {
            if let Some(signs) = plots {
                space(out);
                plot::render(of, signs, width, out);
                out.push(Line::default());
            }
        }
        Block::Chart(_) => {}
        Block::Verbatim { text, .. } => {
            space(out);
            out.extend(text.lines().map(|line| Line::new(Tone::Plain, line)));
        }
        Block::Space => space(out),
    }
}

/// Adds an empty line, unless the text is empty or ends in one.
fn space(out: &mut Vec<Line>) {
    if out.last().is_some_and(|line| !line.is_empty()) {
        out.push(Line::default());
    }
}

/// The marks of notes: `¹,²`.
fn marks(notes: &mut Notes, texts: &[String]) -> String {
    let numbers = notes.numbers(texts);
    let marks: Vec<String> = numbers.into_iter().map(superscript).collect();
    marks.join(",")
}

/// Renders the notes below a table.
fn notes(notes: &Notes, width: usize, out: &mut Vec<Line>) {
    for (number, text) in notes.iter() {
        let text = format!("{} {}", superscript(number), plain(text));
        out.extend(wrap(&Line::new(Tone::Plain, &text), 0, 2, width));
    }
}
