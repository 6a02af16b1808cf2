//! Arguments of `catalogue`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use perwatt_gap::catalogue::Kind;

use super::format::{TABLE, ViewFormat, one_of};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt catalogue asics --filter cooling=air     by joules per terahash
  perwatt catalogue accelerators --sort board_power_w --sources
  perwatt catalogue asics --format csv > mine.csv  a file to edit for --catalogue

Marks: nameplate, stated by the maker; measured, by a named party; sourced, from a list \
or report of somebody else; estimate, computed or modelled.")]
pub struct CatalogueArgs {
    /// Only this table [default: all three]
    #[arg(value_enum, value_name = "TABLE")]
    pub table: Option<TableName>,

    /// Only rows that match REGEX in a column of text (maker, model, cooling, …), or COLUMN=REGEX in one column; may be repeated
    #[arg(long, value_name = "REGEX")]
    pub filter: Vec<String>,

    /// Sort by this column [default: joules per terahash; operations per joule, the most first; hash rate, the highest first]
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,

    /// Reverse the order
    #[arg(long)]
    pub reverse: bool,

    /// Add the rows of this CSV file, which replace rows of the same model; may be repeated
    #[arg(long, value_name = "FILE")]
    pub catalogue: Vec<PathBuf>,

    /// Print the source of each row
    #[arg(long)]
    pub sources: bool,

    /// Output format
    #[arg(long, value_parser = one_of(TABLE), default_value = "text")]
    pub format: ViewFormat,
}

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableName {
    /// Bitcoin miners
    Asics,
    /// GPUs and other accelerators of arithmetic
    Accelerators,
    /// Published hash rates of GPUs and CPUs
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
