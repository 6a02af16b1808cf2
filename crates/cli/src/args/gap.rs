//! Arguments of `gap`.

use std::path::PathBuf;

use clap::Args;

use super::environment::ConfigArgs;
use super::format::FormatArgs;
use super::number::{price, watts};
use super::tagged::TaggedArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt gap results
  perwatt gap results/FILE.json --asic \"S23 Hyd\" --accelerator \"RTX 4090\"
  perwatt gap results --catalogue mine.csv --power-price 60 --format json
  perwatt gap results --format html > gap.html

Intervals are of re-runs: 95 % of the medians of further sessions lie in them. Those \
marked \"in all\" include the scale error of the meter and the tolerance of the name \
plate. perwatt catalogue lists the models.")]
pub struct GapArgs {
    /// Result files, or directories of them
    #[arg(value_name = "RECORD", required = true)]
    pub inputs: Vec<String>,

    /// Compare hashes with this ASIC: best, deployed (the largest known share of the network), a model, or the miner measured in a record of perwatt asic, FILE.json [default: best]
    #[arg(long, value_name = "MODEL")]
    pub asic: Option<String>,

    /// Compare products with this accelerator [may be repeated; default: the best by peak FLOP/J in each format, and the H100 SXM5]
    #[arg(long, value_name = "MODEL")]
    pub accelerator: Vec<String>,

    /// Add the rows of this CSV file to the catalogue; may be repeated
    #[arg(long, value_name = "FILE")]
    pub catalogue: Vec<PathBuf>,

    /// Price of electricity in US dollars per megawatt-hour [default: 45, the median of miners, Cambridge 2025]
    #[arg(long, value_name = "USD_PER_MWH", value_parser = price, allow_negative_numbers = true)]
    pub power_price: Option<f64>,

    /// Watts of the whole machine under load, where no meter measured it; joules are then an estimate
    #[arg(long, value_name = "N", value_parser = watts, allow_negative_numbers = true)]
    pub watts: Option<f64>,

    /// Print a row for every backend instead of the best one
    #[arg(long)]
    pub all_backends: bool,

    #[command(flatten)]
    pub tags: TaggedArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub output: FormatArgs,
}
