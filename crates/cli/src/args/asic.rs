//! Arguments of `asic`.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use perwatt_record::tags::Tag;
use perwatt_stratum::difficulty::Difficulty;

use super::directory::directory_parser;
use super::environment::{ConfigArgs, OUT, variable};
use super::format::{RESULT, ViewFormat, one_of};

const POOL: &str = "Pool";
const WINDOWS: &str = "Windows";
const ENERGY: &str = "Energy";
const ARCHIVE: &str = "Archive";

/// Arguments of `asic`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  perwatt asic --listen 192.168.1.10:3333 --rehearse
      what the miner speaks, which difficulty it bears, how long ±1 % takes
  perwatt asic --listen 192.168.1.10:3333 --meter shelly=192.168.1.20
      six windows of 10 minutes after 10 minutes of warm-up
  perwatt asic --listen 192.168.1.10:3333 --miners 2 \\
      --meter shelly=192.168.1.20,covers=asic:one --meter shelly=192.168.1.21,covers=asic:two

Set the miner's first pool to stratum+tcp://192.168.1.10:3333, its user to a short name \
and leave the other pools empty. The work is of no coin: nothing is earned meanwhile. \
Nothing is written to the miner.")]
pub struct AsicArgs {
    /// Address and port of this machine that miners are pointed at: 192.168.1.10:3333
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = POOL)]
    pub listen: SocketAddr,

    /// Listen on an address that the Internet may reach; a pool has no passwords
    #[arg(long, help_heading = POOL)]
    pub allow_public: bool,

    /// Begin when this many miners work; each is told from the others by its user name
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64), help_heading = POOL)]
    pub miners: u32,

    /// Shares per second that the difficulty aims at, up to 15: more shares measure sooner, where the firmware bears them
    #[arg(long, value_name = "N", default_value = "2", value_parser = shares_per_s, help_heading = POOL)]
    pub shares_per_s: f64,

    /// Share difficulty, the same for all miners, instead of one that is found out
    #[arg(long, value_name = "D", conflicts_with = "shares_per_s", help_heading = POOL)]
    pub difficulty: Option<Difficulty>,

    /// Model of the miners, as stated by you: "Antminer S21 XP"
    #[arg(long, value_name = "TEXT", help_heading = POOL)]
    pub model: Option<String>,

    /// File to keep the miners' lines in, without passwords; for reports about firmware
    #[arg(long, value_name = "FILE", help_heading = POOL)]
    pub transcript: Option<PathBuf>,

    /// Talk with the miner for two minutes, or --minutes if those are fewer, and report what it speaks, which difficulty it bears, and how long a measurement takes; archive nothing
    #[arg(long, help_heading = WINDOWS, conflicts_with = "resume")]
    pub rehearse: bool,

    /// Minutes before the first window, so that chips and fans are warm
    #[arg(long, value_name = "MIN", default_value = "10", value_parser = minutes_or_none, help_heading = WINDOWS)]
    pub warmup: f64,

    /// Length of each window in minutes
    #[arg(long, value_name = "MIN", default_value = "10", value_parser = minutes, help_heading = WINDOWS)]
    pub minutes: f64,

    /// Number of windows; 6 or more show whether the rate changes
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = WINDOWS)]
    pub windows: u32,

    /// Power of the miner in watts, as stated by you; recorded with provenance "user"
    // Settings of files are of this machine, so these have ids of their own.
    #[arg(id = "asic_watts", long = "watts", value_name = "W", help_heading = ENERGY, allow_negative_numbers = true)]
    pub watts: Option<f64>,

    #[arg(
        id = "asic_meter",
        long = "meter",
        value_name = "SPEC",
        help_heading = ENERGY,
        help = "Read this meter of the miner: KIND[:PART][=ADDRESS][,KEY=VALUE]..., see perwatt doctor; covers=asic:NAME tells whose it is, without it all miners' [may be repeated]"
    )]
    pub meter: Vec<String>,

    /// Mix this into all work, as proof that the shares are younger, see run --help
    #[arg(long, value_name = "HEX", value_parser = super::run::challenge, help_heading = ARCHIVE)]
    pub challenge: Option<String>,

    /// Label of the session, by which archives are filtered and grouped; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = ARCHIVE)]
    pub tag: Vec<Tag>,

    /// Name of the session [default: asic]
    #[arg(long, value_name = "TEXT", help_heading = ARCHIVE)]
    pub label: Option<String>,

    /// Free text for the record
    #[arg(long, value_name = "TEXT", help_heading = ARCHIVE)]
    pub note: Option<String>,

    /// Directory of result files, created if missing [default: $PERWATT_OUT or results]
    #[arg(long, env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "DIR", value_parser = directory_parser(), help_heading = ARCHIVE)]
    pub out: PathBuf,

    /// Measure the windows that this record lacks instead of starting a session
    #[arg(long, value_name = "FILE", help_heading = ARCHIVE, conflicts_with_all = [
        "windows", "minutes", "model", "challenge", "label", "note", "out", "tag",
    ])]
    pub resume: Option<PathBuf>,

    #[command(flatten)]
    pub config: ConfigArgs,

    /// Output format
    #[arg(long, value_parser = one_of(RESULT), default_value = "text")]
    pub format: ViewFormat,
}

fn shares_per_s(text: &str) -> Result<f64, String> {
    number_in(text, "a rate of shares", 0.01..=15.0)
}

fn minutes(text: &str) -> Result<f64, String> {
    number_in(text, "a length in minutes", 0.05..=1440.0)
}

fn minutes_or_none(text: &str) -> Result<f64, String> {
    number_in(text, "a length in minutes", 0.0..=1440.0)
}

fn number_in(text: &str, what: &str, range: RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            format!(
                "{text} is not {what} from {} to {}",
                range.start(),
                range.end()
            )
        })
}
