//! Arguments of `import-criterion`.

use std::path::PathBuf;

use clap::Args;

use super::directory::directory_parser;
use super::environment::{ConfigArgs, OUT, variable};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo bench && perwatt import-criterion
  perwatt import-criterion copied/criterion --foreign --label rack-7

The file holds times of one process for each benchmark and no proof of the work. It is \
read by show, check, compare and export, and is never compared with a record. Criterion \
does not store the machine: this machine is archived unless --foreign is given. It does \
not store the measured quantity either: import only benchmarks of time; groups that \
begin with \"energy \" are left out.")]
pub struct ImportArgs {
    /// Criterion's directory
    #[arg(value_name = "DIR", default_value = "target/criterion")]
    pub dir: PathBuf,

    /// Name of the file's contents
    #[arg(long, value_name = "TEXT", default_value = "criterion")]
    pub label: String,

    /// Free text kept in the file
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// The benchmarks ran on another machine: leave out the description of this one
    #[arg(long)]
    pub foreign: bool,

    /// Directory of result files, created if missing [default: $PERWATT_OUT or results]
    #[arg(long, env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "DIR", value_parser = directory_parser())]
    pub out: PathBuf,

    #[command(flatten)]
    pub config: ConfigArgs,

    /// Ignore benchmarks that cannot be read in the exit code
    #[arg(long)]
    pub keep_going: bool,
}
