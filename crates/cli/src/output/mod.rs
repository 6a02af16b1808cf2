//! What people see: tables, units, progress.

pub mod catalogue;
mod claims;
pub mod compare;
pub mod criterion;
mod energy;
pub mod gap;
pub mod history;
pub mod limits;
pub mod progress;
mod rates;
pub mod rows;
pub mod site;
mod state;
pub mod summary;
pub mod table;

use std::io::{self, Write};

pub use perwatt_report::units;

use perwatt_record::schema::Gpu;
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
        .map(|c| match c {
            c if c.is_control() => '\u{fffd}',
            // Marks that turn the direction of the text after them, or that are
            // not seen at all.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// A GPU in one line: model, kind, interface and driver.
pub fn gpu_line(gpu: &Gpu) -> String {
    let driver = match (gpu.driver.as_str(), gpu.driver_info.as_str()) {
        ("", "") => "driver not named".into(),
        ("", info) => plain(info),
        (driver, info) => plain(&format!("{driver} {info}")),
    };
    format!(
        "{}, {}, {} by {}",
        plain(&gpu.model),
        gpu.kind.name(),
        plain(&gpu.interface),
        driver.trim()
    )
}
