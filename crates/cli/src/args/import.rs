//! Arguments of `import-criterion`.

use std::path::PathBuf;

use clap::Args;

use super::directory::directory_parser;
use super::environment::{OUT, variable};

/// Arguments of `import-criterion`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo bench && perwatt import-criterion
  perwatt import-criterion copied/criterion --foreign --label rack-7

The file has times of one process for each benchmark, and nothing that proves the work:
perwatt show, check, compare and export read it, and no record is compared with it. Criterion
does not store what machine it ran on: this one is archived, unless --foreign says that it
was another. Nor does it store what it measured: benchmarks of a custom measurement do not
belong here, and groups that begin with \"energy \" are left out.")]
pub struct ImportArgs {
    /// Criterion's directory
    #[arg(value_name = "DIR", default_value = "target/criterion")]
    pub dir: PathBuf,

    /// Your name for it
    #[arg(long, value_name = "TEXT", default_value = "criterion")]
    pub label: String,

    /// Free text kept in the file
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// The benchmarks ran on another machine: archive nothing of this one
    #[arg(long)]
    pub foreign: bool,

    /// Directory of result files, created if missing [default: $PERWATT_OUT or results]
    #[arg(long, env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "DIR", value_parser = directory_parser())]
    pub out: PathBuf,

    /// Benchmarks that cannot be read change nothing about the exit code
    #[arg(long)]
    pub keep_going: bool,
}
