//! Paragraphs and tables, printed as text or as Markdown.

use crate::output::compare::safe;
use crate::output::plain;
use crate::output::table::{Align, Table, wrap};

/// Columns of a terminal.
const WIDTH: usize = 80;

/// A piece of a document.
pub enum Block {
    /// A heading.
    Title(String),
    /// A paragraph.
    Text(String),
    /// A table.
    Grid {
        /// Its columns.
        columns: Vec<(String, Align)>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
}

/// Columns of these names.
pub fn columns(names: &[(&str, Align)]) -> Vec<(String, Align)> {
    names
        .iter()
        .map(|(name, align)| ((*name).to_owned(), *align))
        .collect()
}

/// As text.
pub fn text(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Title(title) => {
                if !out.is_empty() {
                    out.push('\n');
                }
                out += &wrap(&plain(title), 2, WIDTH);
            }
            Block::Text(text) => out += &wrap(&plain(text), 2, WIDTH),
            Block::Grid { columns, rows } => {
                let names: Vec<(&str, Align)> = columns
                    .iter()
                    .map(|(name, align)| (name.as_str(), *align))
                    .collect();
                let mut table = Table::new(&names).wrapped(WIDTH);
                for row in rows {
                    table.row(row.iter().map(|cell| plain(cell)).collect());
                }
                out += &table.render();
            }
        }
    }
    out
}

/// As Markdown.
pub fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Title(title) => out += &format!("### {}\n\n", safe(title)),
            Block::Text(text) => out += &format!("{}\n\n", safe(text)),
            Block::Grid { columns, rows } => {
                let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
                out += &line(columns.iter().map(|(name, _)| safe(name)).collect());
                let rule = |align: &Align| match align {
                    Align::Left => "---".to_owned(),
                    Align::Right => "---:".to_owned(),
                };
                out += &line(columns.iter().map(|(_, align)| rule(align)).collect());
                for row in rows {
                    out += &line(row.iter().map(|cell| safe(cell)).collect());
                }
                out.push('\n');
            }
        }
    }
    out
}
