//! Arguments of `history`.

use clap::Args;

use super::compare::TestArgs;
use super::environment::{ConfigArgs, OUT, variable};
use super::format::{FormatArgs, PlotArgs};
use super::tagged::TaggedArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Each session is compared with those since the last change, by the test of compare. \
BETTER! and WORSE! mark changes, with the settings and software that differed. IMPROVES and \
WORSENS mark a trend over all sessions since the last change.")]
pub struct HistoryArgs {
    /// Result files, or directories of them [default: $PERWATT_OUT or results]
    #[arg(env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "PATH")]
    pub inputs: Vec<String>,

    /// Only machines whose key or specimen begins with KEY, or whose node it names
    #[arg(long, value_name = "KEY")]
    pub machine: Option<String>,

    #[command(flatten)]
    pub test: TestArgs,

    #[command(flatten)]
    pub tags: TaggedArgs,

    #[command(flatten)]
    pub plot: PlotArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub output: FormatArgs,
}
