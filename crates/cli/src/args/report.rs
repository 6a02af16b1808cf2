//! Arguments of `report`.

use std::path::PathBuf;

use clap::Args;

use super::compare::ColumnsBy;

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt report results/FILE.json --out page.html
  perwatt report old=a.json new=b.json --out page.html

  perwatt report results --scenario site.toml --out page.html

The page needs no network and no script. Several inputs are compared as compare does; the
gap to an ASIC and to accelerators is as gap has it.")]
pub struct ReportArgs {
    /// Result files, directories of them, or LABEL=PATH
    #[arg(required = true, value_name = "PATH")]
    pub inputs: Vec<String>,

    /// Write to this new file [default, and -: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// A scenario of a site, to be on the page too, as perwatt site computes it
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// The column that others are compared with [default: the first]
    #[arg(long, value_name = "LABEL")]
    pub baseline: Option<String>,

    /// What columns of the comparison stand for
    #[arg(long, value_enum, default_value_t)]
    pub by: ColumnsBy,

    /// Files that cannot be read or do not stand up change nothing about the exit code
    #[arg(long)]
    pub keep_going: bool,
}
