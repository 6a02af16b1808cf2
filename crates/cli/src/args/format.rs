//! Formats of what is shown.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// Output formats of a session that was just measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people
    #[default]
    Text,
    /// One JSON document, nothing else
    Json,
}

/// Output formats of a view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ViewFormat {
    /// Tables for people
    #[default]
    Text,
    /// Markdown
    Md,
    /// One table, comma-separated
    Csv,
    /// One JSON document, nothing else
    Json,
    /// One self-contained page
    Html,
}

/// The parser of formats of views that are more than one table.
pub fn without_csv() -> impl TypedValueParser<Value = ViewFormat> {
    let formats = ViewFormat::value_variants().iter();
    let formats = formats.filter(|format| **format != ViewFormat::Csv);
    let names = formats.filter_map(ViewFormat::to_possible_value);
    PossibleValuesParser::new(names).try_map(|name| ViewFormat::from_str(&name, false))
}

/// Arguments of verbs that only print.
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// Output format
    #[arg(long, value_parser = without_csv(), default_value = "text")]
    pub format: ViewFormat,
}
