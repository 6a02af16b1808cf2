//! What people see: tables, units, progress.

pub mod catalogue;
pub mod cell;
pub mod compare;
pub mod criterion;
mod energy;
pub mod gap;
pub mod halves;
pub mod history;
pub mod limits;
pub mod progress;
mod rates;
pub mod rows;
pub mod screen;
pub mod site;
pub mod standing;
mod state;
pub mod summary;
pub mod table;

use std::io::{self, Write};

pub use perwatt_report::plain::plain;
pub use perwatt_report::units;
pub use screen::stdout;
pub(crate) use screen::tell;

use perwatt_record::schema::Gpu;
use serde::Serialize;

/// Prints one JSON document to standard output.
pub fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = screen::json_stdout();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// As [`json`], of a document's own bytes.
pub fn json_bytes(document: &[u8]) -> io::Result<()> {
    let mut out = screen::json_stdout();
    out.write_all(document)?;
    out.flush()
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
