//! Arguments of `report`.

use std::path::PathBuf;

use clap::Args;
use perwatt_compare::By;

use super::tagged::{ByParser, TaggedArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt report results/FILE.json --out page.html
  perwatt report old=a.json new=b.json --out page.html
  perwatt report results --scenario site.toml --out page.html

The page needs no network and no script. Several inputs are compared as by compare; the \
gap to an ASIC and to accelerators is that of gap.")]
pub struct ReportArgs {
    /// Result files, directories of them, or LABEL=PATH
    #[arg(required = true, value_name = "PATH")]
    pub inputs: Vec<String>,

    /// Write to this new file [default, and -: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Add the report of this site scenario, as computed by perwatt site
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// The column that others are compared with [default: the first]
    #[arg(long, value_name = "LABEL")]
    pub baseline: Option<String>,

    /// The meaning of a column of the comparison
    #[arg(long, value_parser = ByParser, default_value = "input")]
    pub by: By,

    #[command(flatten)]
    pub tags: TaggedArgs,

    /// Ignore files that cannot be read or verified in the exit code
    #[arg(long)]
    pub keep_going: bool,
}
