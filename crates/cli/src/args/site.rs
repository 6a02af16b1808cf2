//! Arguments of `site`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::format::FormatArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt site --example 20mw > site.toml   a scenario to start from
  perwatt site site.toml
  perwatt site site.toml --set power.price_usd_per_mwh=60
  perwatt site --defaults                   all parameters with their sources
  perwatt site site.toml --format html > site.html

All amounts are in dollars of the day of the decision, before taxes and interest on debt.")]
pub struct SiteArgs {
    /// A scenario file
    #[arg(value_name = "SCENARIO", required_unless_present_any = ["defaults", "example"])]
    pub scenario: Option<PathBuf>,

    /// Replace the value of a key of the scenario; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "scenario")]
    pub set: Vec<String>,

    /// Seed of the Monte Carlo draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Number of Monte Carlo draws of the parameters with a range; 0 for none
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub draws: u32,

    /// The use whose advantage over the best other use the sensitivity shows [default: the most valuable]
    #[arg(long, value_name = "USE")]
    pub answer: Option<UseName>,

    /// Add the rows of this CSV file to the catalogue; may be repeated
    #[arg(long, value_name = "FILE")]
    pub catalogue: Vec<PathBuf>,

    /// Print formula and parameters of each figure, and the parameters of little influence (always in HTML)
    #[arg(long)]
    pub explain: bool,

    /// Print every parameter with its default, range and source, and compute nothing
    #[arg(long, conflicts_with_all = ["scenario", "example"])]
    pub defaults: bool,

    /// Print this example and compute nothing; with --format json, md or html its report
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    pub example: Option<Example>,

    #[command(flatten)]
    pub output: FormatArgs,
}

/// Examples that come with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Example {
    /// A site of 20 MW at a flat price of power
    #[value(name = "20mw")]
    Small,
    /// A site of 200 MW on hourly prices
    #[value(name = "200mw")]
    Large,
    /// The made-up prices of the 200 MW example, as a CSV file
    Prices,
}

/// A use of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UseName {
    /// Continue with the existing rigs
    KeepMining,
    /// Sell the existing rigs now
    SellNow,
    /// Replace the rigs by newer ones
    NewerAsics,
    /// Let a powered shell to a tenant
    Hosting,
    /// Rent out accelerators
    GpuCloud,
    /// Hosting and mining
    Mixed,
}
