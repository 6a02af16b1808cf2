//! The command line: one source for parsing, help, completions and man page.

mod answer;
mod asic;
mod catalogue;
mod compare;
pub mod config;
mod directory;
mod environment;
mod export;
mod format;
mod gap;
mod history;
mod import;
pub mod near;
mod number;
mod report;
mod run;
mod site;
pub mod suggest;
mod tagged;

pub use answer::AnswerArgs;
pub use asic::AsicArgs;
pub use catalogue::CatalogueArgs;
pub use compare::{CompareArgs, FailOn, SelfcheckArgs};
pub use export::ExportArgs;
pub use format::{FormatArgs, PlotArgs, ViewFormat};
pub use gap::GapArgs;
pub use history::HistoryArgs;
pub use import::ImportArgs;
pub use report::ReportArgs;
pub use run::RunArgs;
pub use site::{Example, SiteArgs, UseName};

use std::path::PathBuf;

use clap::{Args as ClapArgs, ColorChoice, Parser, Subcommand};

use directory::directory_parser;
use format::{RESULT, one_of};

/// Measures what a joule buys on this machine: Bitcoin hashes and AI arithmetic.
#[derive(Debug, Parser)]
#[command(
    name = "perwatt",
    version,
    after_help = crate::exit::HELP,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Args {
    /// The command.
    #[command(subcommand)]
    pub command: Command,

    /// Colour verdicts and warnings: auto (on a terminal; NO_COLOR, CLICOLOR and CLICOLOR_FORCE hold), always or never
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure this machine and archive the result
    Run(RunArgs),
    /// Check every GPU kernel on this machine, measure the GPUs, and compare the rates with the hardware's limits
    #[command(after_help = "\
The options are those of run. Without --device, all GPUs except software ones are \
measured. No network and no other file is needed: copy the program to the machine.")]
    GpuAcceptance(RunArgs),
    /// Measure SHA-256d miners, ASICs and others: be their pool, count their shares, read their meters
    Asic(AsicArgs),
    /// Search the nonces of a block header with a benchmarked kernel
    Search(SearchArgs),
    /// List workloads, backends, devices and meters, with the reasons why some cannot be used
    List(FormatArgs),
    /// Find energy meters; print coverage and grade of each, or how to make it readable
    Doctor(DoctorArgs),
    /// Say on one screen what a joule buys on a machine, how far that is from the best, and whether its site should switch
    Answer(AnswerArgs),
    /// Show an archived result
    Show(ShowArgs),
    /// Compare archived results: differences, their uncertainty, and what cannot be compared
    Compare(CompareArgs),
    /// Write archived results and their comparison as one self-contained HTML page
    Report(ReportArgs),
    /// Show the figures of a machine from session to session
    History(HistoryArgs),
    /// Write archived results as one long table, CSV or NDJSON
    Export(ExportArgs),
    /// Compare archived results with the best ASIC in hashes and with accelerators in arithmetic
    Gap(GapArgs),
    /// Compute revenue, cost and value of a site's megawatts: mining, newer rigs, hosting, a GPU cloud, or both
    Site(SiteArgs),
    /// List ASICs, accelerators and published hash rates that devices are compared with, and their sources
    Catalogue(CatalogueArgs),
    /// Archive the times that cargo bench measured with criterion, marked as times without proof
    ImportCriterion(ImportArgs),
    /// Measure the repeatability of this machine: compare it with itself and archive the difference
    Selfcheck(SelfcheckArgs),
    /// Add the CSV file of a logging meter to an archived result, as a new file
    Join(JoinArgs),
    /// Verify archived results offline: digest, shares, and every derived figure
    Check(CheckArgs),
    /// Show the settings that hold, and the file or variable that each comes from
    #[command(after_help = "\
Settings are read from perwatt.toml in the working directory, or else in the nearest \
directory above it, and from the user's file. Options are stronger than environment \
variables, those than the nearest file, and that than the user's.\n\n\
PERWATT_CONFIG=FILE reads that file alone, PERWATT_CONFIG=none and --no-config read none.")]
    Config(FormatArgs),
    /// Describe this machine as a record does
    Env(FormatArgs),
    /// Print the JSON Schema of a record
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff
    Man,
    /// Do one run on behalf of a session
    #[command(hide = true)]
    Worker,
}

impl Command {
    /// True if settings from files are defaults of its options.
    pub fn takes_settings(&self) -> bool {
        let config = match self {
            Self::Run(args) | Self::GpuAcceptance(args) => &args.config,
            Self::Selfcheck(args) => &args.run.config,
            Self::Asic(args) => &args.config,
            Self::Answer(args) => &args.config,
            Self::Gap(args) => &args.config,
            Self::History(args) => &args.config,
            Self::Export(args) => &args.config,
            Self::ImportCriterion(args) => &args.config,
            _ => return false,
        };
        !config.no_config
    }
}

/// Arguments of `doctor`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  perwatt doctor                             every meter of this machine
  perwatt doctor --meter nut=ups@localhost   one meter
  perwatt doctor --meter shelly=192.168.1.20,accuracy=1%")]
pub struct DoctorArgs {
    #[arg(
        long,
        value_name = "SPEC",
        help = "Test this meter only: KIND[:PART][=ADDRESS][,KEY=VALUE]... [may be repeated; default: every meter without an address]"
    )]
    pub meter: Vec<String>,

    /// Power of the machine in watts, as stated by you
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    pub watts: Option<f64>,

    #[command(flatten)]
    pub output: FormatArgs,
}

/// Arguments of `search`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example: the genesis block, whole range, the header's own target
  perwatt search 0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c")]
pub struct SearchArgs {
    /// The 80-byte block header as 160 hex digits
    pub header: String,

    /// Nonces to try, as FIRST..=LAST, decimal or 0x hex
    #[arg(long, value_name = "RANGE", default_value = "0..=4294967295")]
    pub nonces: String,

    /// Target as a 256-bit hex number [default: the header's own]
    #[arg(long, value_name = "HEX", conflicts_with = "bits")]
    pub target: Option<String>,

    /// Target as compact nBits in hex [default: the header's own]
    #[arg(long, value_name = "HEX")]
    pub bits: Option<String>,

    /// Search with this backend [default: the best this CPU has]
    #[arg(long, value_name = "NAME")]
    pub backend: Option<String>,

    /// Threads [default: what the affinity mask and control group allow]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,

    /// Pin one thread to each CPU, physical cores first
    #[arg(long)]
    pub pin: bool,

    /// Output format
    #[arg(long, value_parser = one_of(RESULT), default_value = "text")]
    pub format: ViewFormat,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// A result file
    pub file: PathBuf,

    #[command(flatten)]
    pub plot: PlotArgs,

    #[command(flatten)]
    pub output: FormatArgs,
}

/// Arguments of `join`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  perwatt join results/FILE.json --meter csv=wall.csv,boundary=wall,accuracy=1%
  perwatt join results/FILE.json --meter csv=log.csv,boundary=psu-in,watts=P_kW

Times are ISO 8601 with an offset from UTC, local times in the zone given by \
timezone=, or counts since 1970. The unit of power comes from the name of the column, \
from a row of units below it, from each cell or from unit=; all that are present must \
agree. The old file stays unchanged.")]
pub struct JoinArgs {
    /// A result file
    pub file: PathBuf,

    #[arg(
        long,
        value_name = "SPEC",
        required = true,
        help = "The log: csv=FILE,boundary=WORD[,accuracy=N%][,time=COLUMN][,watts=COLUMN][,unit=W|kW|mW][,decimal=point|comma][,timezone=ZONE][,offset=S][,averaging=S][,delay=S][,name=ID]; may be repeated"
    )]
    pub meter: Vec<String>,

    /// Directory of the new file [default: that of the old one]
    #[arg(long, value_name = "DIR", value_parser = directory_parser())]
    pub out: Option<PathBuf>,
}

/// Arguments of `check`.
#[derive(Debug, ClapArgs)]
pub struct CheckArgs {
    /// Result files
    #[arg(required = true)]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub output: FormatArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        super::Args::command().debug_assert();
    }
}
