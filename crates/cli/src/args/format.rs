//! The format of what is printed.

use clap::{Args, ValueEnum};

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people
    #[default]
    Text,
    /// One JSON document, nothing else
    Json,
}

/// Arguments of verbs that only print.
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
