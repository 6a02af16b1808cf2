//! Paragraphs and tables of plain words, for the report of a site.

use perwatt_report::doc::{self, Align, Cell, Column, Level};
use perwatt_report::render;

/// A piece of a document.
pub enum Block {
    /// A heading.
    Title(String),
    /// A paragraph.
    Text(String),
    /// A table.
    Grid {
        /// The headings and alignments of the columns.
        columns: Vec<(String, Align)>,
        /// The cells of each row.
        rows: Vec<Vec<String>>,
    },
}

impl From<Block> for doc::Block {
    fn from(block: Block) -> Self {
        match block {
            Block::Title(text) => Self::Heading(Level::Section, text),
            Block::Text(text) => Self::Sentence(text),
            Block::Grid { columns, rows } => {
                let columns = columns.into_iter().map(|(name, align)| Column {
                    align,
                    ..Column::left(name)
                });
                let mut grid = doc::Grid::new(columns);
                for row in rows {
                    grid.row(row.into_iter().map(Cell::from));
                }
                Self::Grid(grid)
            }
        }
    }
}

/// The columns with these headings and alignments.
pub fn columns(names: &[(&str, Align)]) -> Vec<(String, Align)> {
    names
        .iter()
        .map(|(name, align)| ((*name).to_owned(), *align))
        .collect()
}

/// Renders blocks as text.
pub fn text(blocks: Vec<Block>) -> String {
    let blocks: Vec<doc::Block> = blocks.into_iter().map(doc::Block::from).collect();
    render::text::render(&blocks, super::super::screen::columns()).to_string()
}

/// Renders blocks as Markdown.
pub fn markdown(blocks: Vec<Block>) -> String {
    let blocks: Vec<doc::Block> = blocks.into_iter().map(doc::Block::from).collect();
    render::markdown::render(&blocks)
}
