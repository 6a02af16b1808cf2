//! What people see: tables, units, progress.

pub mod progress;
pub mod summary;
pub mod table;
pub mod units;

use std::io::{self, Write};

use serde::Serialize;

/// Prints one JSON document to standard output.
pub fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Text from a record or a user, made safe for a terminal: control characters
/// become visible instead of moving the cursor.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
