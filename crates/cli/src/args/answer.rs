//! Arguments of `answer`.

use std::path::PathBuf;

use clap::Args;

use super::environment::{ConfigArgs, OUT, variable};
use super::format::FormatArgs;
use super::number::{price, purchase, rent, watts};
use super::tagged::TaggedArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt answer results/FILE.json
  perwatt answer results --watts 65
  perwatt answer results --site site.toml --power-price 60
  perwatt answer results --format html > answer.html

The answer is for the machine that was measured last. Without --site the site is an example \
of 20 MW. The interval of a gap holds 95 % of re-runs, the meter's scale and the rival's \
tolerances.")]
pub struct AnswerArgs {
    /// Result files, or directories of them [default: $PERWATT_OUT or results]
    #[arg(env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "PATH")]
    pub inputs: Vec<String>,

    /// Watts of the whole machine under load, where no meter measured it; joules are then an estimate
    #[arg(long, value_name = "N", value_parser = watts, allow_negative_numbers = true)]
    pub watts: Option<f64>,

    /// Scenario file of the site [default: the example 20mw]
    #[arg(long, value_name = "SCENARIO")]
    pub site: Option<PathBuf>,

    /// Price of electricity in US dollars per megawatt-hour [default: that of the site, with its adders]
    #[arg(long, value_name = "USD_PER_MWH", value_parser = price, allow_negative_numbers = true)]
    pub power_price: Option<f64>,

    /// Rent that this machine brings as an AI node, US dollars per hour [default: the record's]
    #[arg(long, value_name = "USD", value_parser = rent, allow_negative_numbers = true)]
    pub rent_usd_per_hour: Option<f64>,

    /// Price of this machine in US dollars, for dollars per TH/s and TFLOP/s [default: the record's]
    #[arg(long, value_name = "USD", value_parser = purchase, allow_negative_numbers = true)]
    pub price_usd: Option<f64>,

    /// The ASIC beside the most deployed one: best, a model, or the miner measured in a record of perwatt asic, FILE.json [default: best]
    #[arg(long, value_name = "MODEL")]
    pub asic: Option<String>,

    /// Add the rows of this CSV file to the catalogue; may be repeated
    #[arg(long, value_name = "FILE")]
    pub catalogue: Vec<PathBuf>,

    #[command(flatten)]
    pub tags: TaggedArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    /// What settings from files came to; a record's price and rent are stronger
    #[arg(skip)]
    pub set_in_files: Vec<String>,

    #[command(flatten)]
    pub output: FormatArgs,
}
