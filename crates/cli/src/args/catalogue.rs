//! Arguments of `catalogue`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use perwatt_gap::catalogue::Kind;

use super::format::{TABLE, ViewFormat, one_of};

/// Arguments of `catalogue`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt catalogue asics --filter cooling=air            by joules per terahash
  perwatt catalogue accelerators --sort board_power_w --sources
  perwatt catalogue asics --format csv > mine.csv         a file to change, for --catalogue

Marks: nameplate, the maker's word; measured, by somebody who is named; sourced, somebody
else's list or report; estimate, computed or modelled.")]
pub struct CatalogueArgs {
    /// Only this table [default: all three]
    #[arg(value_enum, value_name = "TABLE")]
    pub table: Option<TableName>,

    /// Only rows that match REGEX in maker, model, cooling and the like, or COLUMN=REGEX in one column; may be repeated
    #[arg(long, value_name = "REGEX")]
    pub filter: Vec<String>,

    /// Sort by this column [default: joules per terahash; operations per joule, the most first; hash rate, the highest first]
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,

    /// Turn the order round
    #[arg(long)]
    pub reverse: bool,

    /// Add the rows of this CSV file, or put them in the place of rows of the same model; may be repeated
    #[arg(long, value_name = "FILE")]
    pub catalogue: Vec<PathBuf>,

    /// Show where each row is from
    #[arg(long)]
    pub sources: bool,

    /// How to print it
    #[arg(long, value_parser = one_of(TABLE), default_value = "text")]
    pub format: ViewFormat,
}

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableName {
    /// Machines that hash and do nothing else
    Asics,
    /// GPUs and their like: arithmetic
    Accelerators,
    /// Hash rates of GPUs and CPUs that others measured
    Gpus,
}

impl From<TableName> for Kind {
    fn from(name: TableName) -> Self {
        match name {
            TableName::Asics => Self::Asics,
            TableName::Accelerators => Self::Accelerators,
            TableName::Gpus => Self::Gpus,
        }
    }
}
