//! Output: rendering of views, JSON documents and messages.

pub mod cell;
pub mod comparison;
pub mod criterion;
pub mod halves;
mod limits;
pub mod mining;
pub mod progress;
pub mod screen;
pub mod standing;
pub mod summary;

use std::io::{self, Write};

pub use perwatt_report::plain::plain;
pub use perwatt_report::units;
pub use screen::stdout;
pub(crate) use screen::tell;

use anyhow::anyhow;
use perwatt_report::doc::Block;
use perwatt_report::render::{html, markdown, text};
use serde::Serialize;

use crate::args::{PlotArgs, ViewFormat};

/// Prints one JSON document to standard output.
pub fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = screen::json_stdout();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Prints a document's original bytes, as [`json`] does.
pub fn json_bytes(document: &[u8]) -> io::Result<()> {
    let mut out = screen::json_stdout();
    out.write_all(document)?;
    out.flush()
}

/// Prints blocks as text to standard output.
pub fn blocks(all: &[Block]) -> io::Result<()> {
    stdout().toned(&text::render(all, screen::columns()))
}

/// Prints a view: its data as JSON, or its blocks in the other formats. `title` is the
/// title of the HTML page.
pub fn view<T: Serialize>(
    format: ViewFormat,
    title: &str,
    data: &T,
    all: impl FnOnce() -> Vec<Block>,
) -> anyhow::Result<()> {
    view_with(format, &PlotArgs { plot: false }, title, data, all)
}

/// Prints a view as [`view`] does, in text with the plots that are asked for.
pub fn view_with<T: Serialize>(
    format: ViewFormat,
    plot: &PlotArgs,
    title: &str,
    data: &T,
    all: impl FnOnce() -> Vec<Block>,
) -> anyhow::Result<()> {
    if plot.plot && !matches!(format, ViewFormat::Text | ViewFormat::Html) {
        return Err(anyhow!(
            "--plot draws in text only; leave it out, or use --format text or html"
        ));
    }
    let signs = plot.plot.then(screen::signs);
    match format {
        ViewFormat::Text => {
            stdout().toned(&text::with_plots(&all(), screen::columns(), signs))?;
        }
        ViewFormat::Md => write!(stdout(), "{}", markdown::render(&all()))?,
        ViewFormat::Html => write!(stdout(), "{}", html::page(title, &all()))?,
        ViewFormat::Json => json(data)?,
        ViewFormat::Csv | ViewFormat::Ndjson => {
            return Err(anyhow!(
                "this view is more than one table and has neither CSV nor NDJSON; use json"
            ));
        }
    }
    Ok(())
}
