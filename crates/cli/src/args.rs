//! The command line: one source for parsing, help, completions and man page.

mod catalogue;
mod compare;
mod directory;
mod environment;
mod export;
mod format;
mod gap;
mod history;
mod import;
mod near;
mod report;
mod run;
mod site;
pub mod suggest;

pub use catalogue::CatalogueArgs;
pub use compare::{CompareArgs, FailOn, SelfcheckArgs};
pub use export::ExportArgs;
pub use format::{FormatArgs, ViewFormat};
pub use gap::GapArgs;
pub use history::HistoryArgs;
pub use import::ImportArgs;
pub use report::ReportArgs;
pub use run::RunArgs;
pub use site::{Example, SiteArgs, UseName};

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use directory::directory_parser;
use format::{DOCUMENT, RESULT, one_of};

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
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure this machine and archive the result
    Run(RunArgs),
    /// Check every GPU kernel here, then measure the GPUs and judge the rates by the hardware's limits
    #[command(after_help = "\
The options are those of run. Without --device, every GPU that is not software.
Needs no network; the program alone is enough: copy it to the machine.")]
    GpuAcceptance(RunArgs),
    /// Search a block header's nonces with the kernel that is benchmarked
    Search(SearchArgs),
    /// List workloads, backends, devices and meters, and why some cannot be used
    List(FormatArgs),
    /// Look for every source of energy and say what it covers and how good it is, or how to unlock it
    Doctor(DoctorArgs),
    /// Show an archived result
    Show(ShowArgs),
    /// Compare archived results: what is better, by how much, how sure, and what cannot be compared
    Compare(CompareArgs),
    /// Write archived results, and their comparison, as one self-contained HTML page
    Report(ReportArgs),
    /// Show how a machine's figures changed from session to session
    History(HistoryArgs),
    /// Write archived results as one long table, CSV or NDJSON
    Export(ExportArgs),
    /// Set archived results against the best ASIC in hashes and accelerators in arithmetic
    Gap(GapArgs),
    /// What a site's megawatts earn, cost and give up: mining, newer rigs, hosting, a GPU cloud, or both
    Site(SiteArgs),
    /// List the ASICs, accelerators and others' hash rates that devices are set against, with their sources
    Catalogue(CatalogueArgs),
    /// Archive what cargo bench measured with criterion: times alone, marked as such
    ImportCriterion(ImportArgs),
    /// Compare this machine with itself and archive how much it differs: the noise below which compare believes nothing
    Selfcheck(SelfcheckArgs),
    /// Add a logging meter's CSV file to an archived result, as a new file
    Join(JoinArgs),
    /// Verify archived results offline: digest, shares, and every figure re-derived
    Check(CheckArgs),
    /// Describe this machine as a record would
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

/// Arguments of `doctor`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  perwatt doctor                                     what is here
  perwatt doctor --meter nut=ups@localhost           whether this one answers
  perwatt doctor --meter shelly=192.168.1.20,accuracy=1%")]
pub struct DoctorArgs {
    #[arg(
        long,
        value_name = "SPEC",
        help = "Look for this meter only: KIND[:PART][=ADDRESS][,KEY=VALUE]... [may be repeated; default: every one that needs no address]"
    )]
    pub meter: Vec<String>,

    /// The machine's power as you know it, in watts
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    pub watts: Option<f64>,

    /// How to print it
    #[arg(long, value_parser = one_of(DOCUMENT), default_value = "text")]
    pub format: ViewFormat,
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

    /// How to print the hits
    #[arg(long, value_parser = one_of(RESULT), default_value = "text")]
    pub format: ViewFormat,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// A result file
    pub file: PathBuf,

    /// How to print it
    #[arg(long, value_parser = one_of(DOCUMENT), default_value = "text")]
    pub format: ViewFormat,
}

/// Arguments of `join`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  perwatt join results/FILE.json --meter csv=wall.csv,boundary=wall,accuracy=1%
  perwatt join results/FILE.json --meter csv=log.csv,boundary=psu-in,time=Zeit,watts=P_kW,offset=-3600,name=rack

Times are ISO 8601 with an offset from UTC, local times of the zone that timezone=
names, or counts since 1970. The unit of the power is what the column's name says, a
row of units below it, each cell or unit=; they must agree. The new file stands beside
the old one, which stays as it is.")]
pub struct JoinArgs {
    /// A result file
    pub file: PathBuf,

    #[arg(
        long,
        value_name = "SPEC",
        required = true,
        help = "The log: csv=FILE,boundary=WORD[,accuracy=N%][,time=COLUMN][,watts=COLUMN][,unit=W|kW|mW][,decimal=point|comma][,timezone=ZONE][,offset=S][,name=ID]; may be repeated"
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

    /// How to print the report
    #[arg(long, value_parser = one_of(DOCUMENT), default_value = "text")]
    pub format: ViewFormat,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        super::Args::command().debug_assert();
    }
}
