//! Arguments of `export`.

use std::path::PathBuf;

use clap::Args;

use super::format::{ROWS, ViewFormat, one_of};

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt export results > runs.csv
  perwatt export results other/FILE.json --format ndjson --out runs.ndjson

One line for each figure of each run; failed runs have a line without a value. In CSV a
text that a spreadsheet would take for a formula (it begins with =, +, -, @, a tab or a
line end) has an apostrophe before it, and characters that act on a screen are marked
\u{fffd}; --raw leaves both out. NDJSON has every text as the record has it, such characters
escaped.")]
pub struct ExportArgs {
    /// Result files, or directories of them [default: results]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to write it
    #[arg(long, value_parser = one_of(ROWS), default_value = "csv")]
    pub format: ViewFormat,

    /// Write to this new file [default, and -: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// CSV: write text exactly as records have it, formulae and controls too
    #[arg(long)]
    pub raw: bool,

    /// Verify every record in full first, as perwatt check does [default: only where it takes no time]
    #[arg(long)]
    pub check: bool,

    /// Files that cannot be read or do not stand up change nothing about the exit code
    #[arg(long)]
    pub keep_going: bool,
}
