//! Arguments of `history`.

use clap::{Args, ValueEnum};

/// Arguments of `history`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each session is held against those since the last change, by the test that compare uses.
BETTER! and WORSE! are changes; what differed in settings and software is named there.")]
pub struct HistoryArgs {
    /// Result files, or directories of them [default: results]
    #[arg(value_name = "PATH")]
    pub inputs: Vec<String>,

    /// Only machines whose key begins with this
    #[arg(long, value_name = "KEY")]
    pub machine: Option<String>,

    /// Only rows whose WORKLOAD/DEVICE/BACKEND matches this regular expression, or PROPERTY=REGEX; may be repeated
    #[arg(long, value_name = "REGEX")]
    pub filter: Vec<String>,

    /// Smallest change that matters, in percent; never less than what sessions differ by anyway
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = super::compare::percent, allow_negative_numbers = true)]
    pub margin: f64,

    /// Chance that any change in one row's history is none
    #[arg(
        long,
        value_name = "P",
        default_value_t = 0.05,
        allow_negative_numbers = true
    )]
    pub alpha: f64,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: HistoryFormat,

    /// Exit with code 1 when the newest session of a row is a change for the worse
    #[arg(long)]
    pub fail_on_worse: bool,

    /// Files that cannot be read or do not stand up change nothing about the exit code
    #[arg(long)]
    pub keep_going: bool,

    /// Verify every record in full first, as perwatt check does [default: only where it takes no time]
    #[arg(long)]
    pub check: bool,
}

/// How a history is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// Tables for people
    #[default]
    Text,
    /// One JSON document, nothing else
    Json,
}
