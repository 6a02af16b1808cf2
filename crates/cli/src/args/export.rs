//! Arguments of `export`.

use std::path::PathBuf;

use clap::Args;

use super::environment::{ConfigArgs, OUT, variable};
use super::format::{ROWS, ViewFormat, one_of};
use super::tagged::TaggedArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt export results > runs.csv
  perwatt export results other/FILE.json --format ndjson --out runs.ndjson

One line for each figure of each run; failed runs have a line without a value. In CSV, a \
text that a spreadsheet would take for a formula (it begins with =, +, -, @, a tab or a \
line end) is preceded by an apostrophe, and control characters are replaced by \
\u{fffd}; --raw switches both off. NDJSON keeps every text of the record, with control \
characters escaped.")]
pub struct ExportArgs {
    /// Result files, or directories of them [default: $PERWATT_OUT or results]
    #[arg(env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_parser = one_of(ROWS), default_value = "csv")]
    pub format: ViewFormat,

    /// Write to this new file [default, and -: standard output]
    // Not the directory of results, which other verbs call out.
    #[arg(id = "file", long = "out", value_name = "FILE")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub tags: TaggedArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    /// CSV: write texts unchanged, including formulae and control characters
    #[arg(long)]
    pub raw: bool,

    /// Verify every record first, as perwatt check does [default: only the quick checks]
    #[arg(long)]
    pub check: bool,

    /// Ignore files that cannot be read or verified in the exit code
    #[arg(long)]
    pub keep_going: bool,
}
