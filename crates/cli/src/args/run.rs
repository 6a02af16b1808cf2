//! Arguments of `run`, and of the verbs that measure like it.

use std::path::PathBuf;

use clap::Args;
use perwatt_engine::plan::Suite;
use perwatt_engine::session::MAX_SEED;
use perwatt_record::check::CHALLENGE_DIGITS;
use perwatt_record::node::{self, NodeError};
use perwatt_record::tags::Tag;

use super::directory::directory_parser;
use super::environment::{ConfigArgs, OUT, SUITE, variable};
use super::format::{RESULT, ViewFormat, one_of};
use super::near::near;
use super::number::{purchase, rent};

const MEASURE: &str = "Measurement";
const ENERGY: &str = "Energy";

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  perwatt run                                   quick suite, some 3 minutes
  perwatt run --suite standard --watts 65       with a power read off a meter
  perwatt run --workload sha256d --backend all  all search kernels of the CPU
  perwatt run --resume results/FILE.json        finish an interrupted session")]
pub struct RunArgs {
    /// quick: some 3 minutes on 2 cores; standard: for comparisons; full: every backend and shape [default: $PERWATT_SUITE or quick]
    #[arg(long, env = variable(SUITE), hide_env = true, default_value = "quick", hide_default_value = true, value_parser = parse_suite, value_name = "SUITE")]
    pub suite: Suite,

    /// Measure only this workload: sha256d, matmul, matmul/f32:512x4096x4096, gemv, stream, stream/triad; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub workload: Vec<String>,

    /// Measure only on this device: cpu, gpu (all GPUs), gpu:0, a PCI address or a part of a GPU's name; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub device: Vec<String>,

    /// Measure only with this backend, or "all" [may be repeated; default: the best of each workload]
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub backend: Vec<String>,

    /// Runs of each entry, each in a fresh process [default: the suite's; 6 or more give an interval]
    #[arg(long, value_name = "N", help_heading = MEASURE)]
    pub rounds: Option<u32>,

    /// Length of each measured window [default: the suite's]
    #[arg(long, value_name = "S", help_heading = MEASURE, allow_negative_numbers = true)]
    pub seconds: Option<f64>,

    /// Threads of CPU runs [default: what the affinity mask and control group allow]
    #[arg(long, value_name = "N", help_heading = MEASURE)]
    pub threads: Option<u32>,

    /// Pin one thread to each CPU, physical cores first
    #[arg(long, help_heading = MEASURE)]
    pub pin: bool,

    /// Seed of the order of runs [default: random; always recorded]
    #[arg(long, value_name = "N", help_heading = MEASURE, value_parser = clap::value_parser!(u64).range(..=MAX_SEED))]
    pub seed: Option<u64>,

    /// Mix this into all headers, as proof that the hashes are younger: a random number from the person who will check the record, or the hash of the newest Bitcoin block
    #[arg(long, value_name = "HEX", value_parser = challenge, help_heading = MEASURE)]
    pub challenge: Option<String>,

    /// One of N sessions that gpu-acceptance starts at the same time, each for a card of its own
    #[arg(long, value_name = "N", hide = true, value_parser = clap::value_parser!(u32).range(2..))]
    pub cards_at_once: Option<u32>,

    /// End a worker after S seconds without output [default: 60]
    #[arg(long, value_name = "S", help_heading = MEASURE, allow_negative_numbers = true)]
    pub timeout: Option<f64>,

    /// Wait until the machine is quiet, S seconds at most [S: 600]; measure then in any case
    #[arg(long, value_name = "S", num_args = 0..=1, require_equals = true, default_missing_value = "600", value_parser = wait_seconds, help_heading = MEASURE)]
    pub wait_quiet: Option<f64>,

    /// Refuse to measure unless the machine is quiet: other programs use less than 3 % of its CPUs, and the hypervisor takes less than 1 %
    #[arg(long, help_heading = MEASURE)]
    pub require_quiet: bool,

    /// Power of the machine in watts, as stated by you; recorded with provenance "user"
    #[arg(long, value_name = "W", help_heading = ENERGY, allow_negative_numbers = true)]
    pub watts: Option<f64>,

    #[arg(
        long,
        value_name = "SPEC",
        help_heading = ENERGY,
        help = "Read this meter: KIND[:PART][=ADDRESS][,KEY=VALUE]..., see perwatt doctor [may be repeated; default: all that are found]"
    )]
    pub meter: Vec<String>,

    /// Length of the idle baselines before and after the runs; 0 for none [default: 10 in suite quick, else 60]
    #[arg(long, value_name = "S", help_heading = ENERGY, allow_negative_numbers = true)]
    pub idle: Option<f64>,

    /// Largest error in percent from a meter's update period, as one standard deviation (tables show twice that); windows are lengthened to keep it, up to 600 s, unless --seconds is given; a trial round comes first where only a load shows what a meter needs [default: 0.5, with a note where a window is too short]
    #[arg(long, value_name = "PERCENT", help_heading = ENERGY, allow_negative_numbers = true)]
    pub energy_error: Option<f64>,

    /// Name of the session [default: the suite's name]
    #[arg(long, value_name = "TEXT", help_heading = "Archive")]
    pub label: Option<String>,

    /// Name of this machine among others of its model [default: the scheduler's, from $SLURMD_NODENAME, $K8S_NODE_NAME or $NODE_NAME; "" for none]
    #[arg(long, value_name = "NAME", value_parser = node, help_heading = "Archive")]
    pub node: Option<String>,

    /// Label of the session, by which archives are filtered and grouped: a key of a-z, 0-9, _, . and -, and a text; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Archive")]
    pub tag: Vec<Tag>,

    /// Price of this machine in US dollars, as stated by you, for dollars per TH/s and TFLOP/s
    #[arg(long, value_name = "USD", value_parser = purchase, allow_negative_numbers = true, help_heading = "Archive")]
    pub price_usd: Option<f64>,

    /// Rent of this machine in US dollars per hour, as stated by you, for dollars per EH and EFLOP
    #[arg(long, value_name = "USD", value_parser = rent, allow_negative_numbers = true, help_heading = "Archive")]
    pub rent_usd_per_hour: Option<f64>,

    /// Free text for the record
    #[arg(long, value_name = "TEXT", help_heading = "Archive")]
    pub note: Option<String>,

    /// Directory of result files, created if missing [default: $PERWATT_OUT or results]
    #[arg(long, env = variable(OUT), hide_env = true, default_value = "results", hide_default_value = true, value_name = "DIR", value_parser = directory_parser(), help_heading = "Archive")]
    pub out: PathBuf,

    /// Finish the session in this record instead of starting one
    #[arg(long, value_name = "FILE", help_heading = "Archive", conflicts_with_all = [
        "suite", "workload", "device", "backend", "rounds", "seconds", "threads", "pin", "seed",
        "timeout", "idle", "energy_error", "label", "node", "tag", "price_usd", "rent_usd_per_hour", "note", "out",
    ])]
    pub resume: Option<PathBuf>,

    #[command(flatten)]
    pub config: ConfigArgs,

    /// What settings from files came to, for the record's command line
    #[arg(skip)]
    pub set_in_files: Vec<String>,

    /// Print the plan and its duration; measure nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Output format
    #[arg(long, value_parser = one_of(RESULT), default_value = "text")]
    pub format: ViewFormat,
}

/// Longest wait for a quiet machine, in seconds: a week.
const LONGEST_WAIT_S: f64 = 7.0 * 86_400.0;

fn wait_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST_WAIT_S).contains(&seconds) => Ok(seconds),
        _ => Err(format!(
            "{text:?} is not a number of seconds from 0 to {LONGEST_WAIT_S}; give one, such as --wait-quiet=300"
        )),
    }
}

pub fn challenge(text: &str) -> Result<String, String> {
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

/// A name that a record can hold, or nothing.
fn node(text: &str) -> Result<String, NodeError> {
    match text {
        "" => Ok(String::new()),
        name => node::check(name).map(|()| name.to_owned()),
    }
}

/// A suite.
pub fn parse_suite(text: &str) -> Result<Suite, String> {
    let meant = near(text, &["quick", "standard", "full"]).next();
    let meant = meant.map_or_else(String::new, |name| format!("; a similar one is {name}"));
    text.parse().map_err(|error: String| error + &meant)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        run: RunArgs,
    }

    fn wait(args: &[&str]) -> Result<Option<f64>, String> {
        let parsed = Only::try_parse_from([&["run"], args].concat());
        parsed
            .map(|only| only.run.wait_quiet)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_wait_has_a_length_or_ten_minutes() {
        for (args, wait_s) in [
            (&[][..], None),
            (&["--wait-quiet"], Some(600.0)),
            (&["--wait-quiet", "--require-quiet"], Some(600.0)),
            (&["--wait-quiet=0"], Some(0.0)),
            (&["--wait-quiet=2.5"], Some(2.5)),
            (&["--wait-quiet=604800"], Some(LONGEST_WAIT_S)),
        ] {
            assert_eq!(wait(args), Ok(wait_s), "{args:?}");
        }
        for text in ["-1", "604801", "nan", "inf", "soon", "5s", ""] {
            let said = wait(&[&format!("--wait-quiet={text}")]).unwrap_err();
            assert!(said.contains("from 0 to 604800"), "{said}");
        }
        // Without the sign the number would be an argument of its own.
        assert!(wait(&["--wait-quiet", "5"]).is_err());
    }
}
