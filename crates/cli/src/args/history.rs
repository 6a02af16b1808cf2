//! Arguments of `history`.

use clap::Args;

use super::compare::TestArgs;
use super::format::{DOCUMENT, ViewFormat, one_of};

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

    #[command(flatten)]
    pub test: TestArgs,

    /// How to print it
    #[arg(long, value_parser = one_of(DOCUMENT), default_value = "text")]
    pub format: ViewFormat,
}
