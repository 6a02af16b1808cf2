//! The command line: one source for parsing, help, completions and man page.

mod catalogue;
mod compare;
mod export;
mod format;
mod gap;
mod history;
mod import;
mod report;
mod site;
mod suggest;

pub use catalogue::CatalogueArgs;
pub use compare::{CompareArgs, FailOn, SelfcheckArgs};
pub use export::{ExportArgs, TableFormat};
pub use format::ViewFormat;
use format::without_csv;
pub use gap::GapArgs;
pub use history::HistoryArgs;
pub use import::ImportArgs;
pub use report::ReportArgs;
pub use site::{Example, SiteArgs, SiteFormat, UseName};
pub use suggest::parse;

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use perwatt_engine::plan::Suite;
use perwatt_engine::session::MAX_SEED;
use perwatt_record::check::CHALLENGE_DIGITS;

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

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people
    #[default]
    Text,
    /// One JSON document, nothing else
    Json,
}

/// Arguments of verbs that only print.
#[derive(Debug, ClapArgs)]
pub struct FormatArgs {
    /// How to print it
    #[arg(long, value_parser = without_csv(), default_value = "text")]
    pub format: ViewFormat,
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
    #[arg(long, value_parser = without_csv(), default_value = "text")]
    pub format: ViewFormat,
}

/// Arguments of `run`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  perwatt run                                  a first look, some three minutes
  perwatt run --suite standard --watts 65      with the power you read off a meter
  perwatt run --workload sha256d --backend all every CPU search kernel side by side
  perwatt run --resume results/FILE.json       finish a session that was cut short")]
pub struct RunArgs {
    /// quick: some 3 minutes on 2 cores; standard: results to compare; full: every backend and shape [default: $PERWATT_SUITE or quick]
    // The environment is read by the program: to clap, a variable that is set would
    // contradict --resume.
    #[arg(long, value_parser = parse_suite, value_name = "SUITE")]
    pub suite: Option<Suite>,

    /// Measure only this: sha256d, matmul, matmul/f32:512x4096x4096, gemv, stream, stream/triad; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "What to measure")]
    pub workload: Vec<String>,

    /// Measure only on this device: cpu, gpu (every one), gpu:0, a PCI address or a part of a GPU's name; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "What to measure")]
    pub device: Vec<String>,

    /// Measure only with this backend, or "all" [may be repeated; default: the best of each workload]
    #[arg(long, value_name = "NAME", help_heading = "What to measure")]
    pub backend: Vec<String>,

    /// Runs of each entry, each in a fresh process [default: the suite's; 6 or more give an interval]
    #[arg(long, value_name = "N", help_heading = "How to measure")]
    pub rounds: Option<u32>,

    /// Length of each measured window [default: the suite's]
    #[arg(
        long,
        value_name = "S",
        help_heading = "How to measure",
        allow_negative_numbers = true
    )]
    pub seconds: Option<f64>,

    /// Threads of CPU runs [default: what the affinity mask and control group allow]
    #[arg(long, value_name = "N", help_heading = "How to measure")]
    pub threads: Option<u32>,

    /// Pin one thread to each CPU, physical cores first
    #[arg(long, help_heading = "How to measure")]
    pub pin: bool,

    /// Order runs by this seed [default: random; always recorded]
    #[arg(long, value_name = "N", help_heading = "How to measure", value_parser = clap::value_parser!(u64).range(..=MAX_SEED))]
    pub seed: Option<u64>,

    /// Mix this into every header searched, so that the hashes are younger than it: a random word from whoever will check the record, or the hash of the newest Bitcoin block
    #[arg(long, value_name = "HEX", value_parser = challenge, help_heading = "How to measure")]
    pub challenge: Option<String>,

    /// End a worker that has been silent for so many seconds [default: 60]
    #[arg(
        long,
        value_name = "S",
        help_heading = "How to measure",
        allow_negative_numbers = true
    )]
    pub timeout: Option<f64>,

    /// The machine's power as you know it, in watts; recorded as provenance "user"
    #[arg(
        long,
        value_name = "W",
        help_heading = "Energy",
        allow_negative_numbers = true
    )]
    pub watts: Option<f64>,

    #[arg(
        long,
        value_name = "SPEC",
        help_heading = "Energy",
        help = "Read this meter: KIND[:PART][=ADDRESS][,KEY=VALUE]..., see perwatt doctor [may be repeated; default: every one found here]"
    )]
    pub meter: Vec<String>,

    /// Leave the machine idle so long before and after, to know what it uses then; 0 for not at all [default: 10 in suite quick, else 60]
    #[arg(
        long,
        value_name = "S",
        help_heading = "Energy",
        allow_negative_numbers = true
    )]
    pub idle: Option<f64>,

    /// Error that cutting a meter's series may cost, in percent: windows become as long as it needs, unless --seconds says otherwise [default: 0.5, and a note where a window is too short]
    #[arg(
        long,
        value_name = "PERCENT",
        help_heading = "Energy",
        allow_negative_numbers = true
    )]
    pub energy_error: Option<f64>,

    /// Your name for this measurement [default: the suite's name]
    #[arg(long, value_name = "TEXT", help_heading = "Archive")]
    pub label: Option<String>,

    /// Free text kept in the record
    #[arg(long, value_name = "TEXT", help_heading = "Archive")]
    pub note: Option<String>,

    /// Directory of result files, created if missing [default: $PERWATT_OUT or results]
    #[arg(long, value_name = "DIR", value_parser = directory_parser(), help_heading = "Archive")]
    pub out: Option<PathBuf>,

    /// Finish the session in this record instead of starting one
    #[arg(long, value_name = "FILE", help_heading = "Archive", conflicts_with_all = [
        "suite", "workload", "device", "backend", "rounds", "seconds", "threads", "pin", "seed",
        "timeout", "idle", "energy_error", "label", "note", "out",
    ])]
    pub resume: Option<PathBuf>,

    /// Show what would be measured and how long it would take; measure nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Set by `selfcheck`: the session compares the machine with itself.
    #[arg(skip)]
    pub selfcheck: bool,

    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn challenge(text: &str) -> Result<String, String> {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match hex && CHALLENGE_DIGITS.contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "a challenge is {} to {} hex digits, such as the hash of a block or openssl rand -hex 16",
            CHALLENGE_DIGITS.start(),
            CHALLENGE_DIGITS.end()
        )),
    }
}

fn parse_suite(text: &str) -> Result<Suite, String> {
    let meant = suggest::near(text, &["quick", "standard", "full"]).next();
    let meant = meant.map_or_else(String::new, |name| format!("; a similar one is {name}"));
    text.parse().map_err(|error: String| error + &meant)
}

impl RunArgs {
    /// The suite asked for, by flag or environment.
    pub fn suite(&self) -> anyhow::Result<Suite> {
        match (self.suite, std::env::var("PERWATT_SUITE")) {
            (Some(suite), _) => Ok(suite),
            (None, Ok(text)) if !text.is_empty() => text
                .parse()
                .map_err(|error| anyhow::anyhow!("PERWATT_SUITE: {error}")),
            (None, _) => Ok(Suite::default()),
        }
    }

    /// The directory asked for, by flag or environment.
    pub fn out(&self) -> anyhow::Result<PathBuf> {
        out_dir(self.out.as_ref())
    }
}

/// The directory of result files: as named, by the environment, or the usual one.
pub fn out_dir(named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    let by_environment = std::env::var_os("PERWATT_OUT").map(PathBuf::from);
    let dir = named
        .cloned()
        .or(by_environment)
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or_else(|| "results".into());
    directory(dir).map_err(|error| anyhow::anyhow!("PERWATT_OUT: {error}"))
}

/// Refuses what stands for standard output: results go to files of their own.
fn directory(path: PathBuf) -> Result<PathBuf, String> {
    match path.as_os_str() == "-" {
        true => Err("results are files in a directory and cannot go to standard output; name a directory, and print a file with perwatt show".into()),
        false => Ok(path),
    }
}

/// The parser of options that name a directory of result files.
fn directory_parser() -> impl TypedValueParser<Value = PathBuf> {
    clap::builder::PathBufValueParser::new().try_map(directory)
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
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// A result file
    pub file: PathBuf,

    /// How to print it
    #[arg(long, value_parser = without_csv(), default_value = "text")]
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
    #[arg(long, value_parser = without_csv(), default_value = "text")]
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
