//! Formats of what is shown.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use ViewFormat::{Csv, Html, Json, Md, Ndjson, Text};

/// Output formats. Each verb takes those that its output has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViewFormat {
    /// Tables for people
    Text,
    /// Markdown
    Md,
    /// One table, comma-separated, with a header (RFC 4180)
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One JSON document, nothing else
    Json,
    /// One self-contained page
    Html,
}

/// The formats of views that are more than one table.
pub const DOCUMENT: &[ViewFormat] = &[Text, Md, Json, Html];
/// The formats of views that are one table.
pub const TABLE: &[ViewFormat] = &[Text, Md, Csv, Json, Html];
/// The formats of a table with a row for each figure.
pub const ROWS: &[ViewFormat] = &[Csv, Ndjson];
/// The formats of what is printed while it is measured or found.
pub const RESULT: &[ViewFormat] = &[Text, Json];

/// The parser of these formats.
pub fn one_of(formats: &'static [ViewFormat]) -> impl TypedValueParser<Value = ViewFormat> {
    let names = formats.iter().filter_map(ViewFormat::to_possible_value);
    PossibleValuesParser::new(names).try_map(|name| ViewFormat::from_str(&name, false))
}

/// Arguments of verbs whose text may have plots.
#[derive(Debug, Args)]
pub struct PlotArgs {
    /// Draw figures with their intervals below the tables of text; pages have pictures in any case
    #[arg(long)]
    pub plot: bool,
}

/// Arguments of verbs that only print.
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// Output format
    #[arg(long, value_parser = one_of(DOCUMENT), default_value = "text")]
    pub format: ViewFormat,
}
