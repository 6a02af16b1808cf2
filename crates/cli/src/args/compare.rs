//! Arguments of the verbs that set records side by side.

use clap::{Args, ValueEnum};
use perwatt_compare::{By, Options, Sort};

use super::format::{PlotArgs, TABLE, ViewFormat, one_of};
use super::run::RunArgs;
use super::tagged::{ByParser, TaggedArgs};

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  perwatt compare old.json new.json              new against old
  perwatt compare epyc=a.json ryzen=b.json       with labels
  perwatt compare results                        all nodes of an archive
  perwatt compare results --by model             nodes of one model together
  perwatt compare results --by device            CPU against GPU
  perwatt compare results --by tag:bios          each value of a tag of run --tag
  perwatt compare a.json b.json --fail-on worse  exit code 1 if a row is WORSE

Rows are paired by workload, device and backend, never by position. Verdicts: BETTER \
and WORSE (beyond the margin), SAME (within it), UNCLEAR (not decided), N/A (not \
comparable). HERE after a verdict: of these sessions only, because too few sessions show \
how those of the machine scatter; three sessions a side are enough.")]
pub struct CompareArgs {
    /// Result files, directories of them, or LABEL=PATH; a directory without a label gives a column to each node in it
    #[arg(required = true, value_name = "PATH")]
    pub inputs: Vec<String>,

    /// The column that others are compared with [default: the first]
    #[arg(long, value_name = "LABEL")]
    pub baseline: Option<String>,

    /// The meaning of a column
    #[arg(long, value_parser = ByParser, default_value = "input")]
    pub by: By,

    #[command(flatten)]
    pub tags: TaggedArgs,

    #[command(flatten)]
    pub test: TestArgs,

    /// Order of rows
    #[arg(long, value_enum, default_value_t)]
    pub sort: SortBy,

    /// Output format
    #[arg(long, value_parser = one_of(TABLE), default_value = "text")]
    pub format: ViewFormat,

    #[command(flatten)]
    pub plot: PlotArgs,

    /// Print what was equal in each row, and the rules of the verdicts
    #[arg(long)]
    pub explain: bool,

    /// Compare although this field of the key differs, with a note in the output; may be repeated
    #[arg(long, value_name = "FIELD")]
    pub allow_differ: Vec<String>,
}

/// Options of the statistical test, for comparisons and histories.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Only rows whose WORKLOAD/DEVICE/BACKEND matches this regular expression, or PROPERTY=REGEX with workload, device, backend, metric, model or a key field; may be repeated
    #[arg(long, value_name = "REGEX")]
    pub filter: Vec<String>,

    /// Smallest difference that matters, in percent; never less than the measured noise
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = percent, allow_negative_numbers = true)]
    pub margin: f64,

    /// Probability of a wrong verdict: in a comparison over all rows, in a history for each row
    #[arg(
        long,
        value_name = "P",
        default_value_t = 0.05,
        allow_negative_numbers = true
    )]
    pub alpha: f64,

    /// Exit with code 1 if a row has this verdict (in a history: a row of the newest session); may be repeated
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Ignore files that cannot be read or verified in the exit code
    #[arg(long)]
    pub keep_going: bool,

    /// Verify every record first, as perwatt check does [default: only the quick checks]
    #[arg(long)]
    pub check: bool,
}

impl TestArgs {
    /// The options that these are.
    pub fn options(&self) -> Result<Options, perwatt_compare::CompareError> {
        let filters = self
            .filter
            .iter()
            .map(|f| perwatt_compare::Filter::parse(f));
        Ok(Options {
            margin: self.margin,
            alpha: self.alpha,
            filters: filters.collect::<Result<_, _>>()?,
            ..Options::default()
        })
    }
}

/// Arguments of `selfcheck`.
#[derive(Debug, Args)]
#[command(after_help = "\
The machine is measured as by run, and the first half of the rounds is compared with \
the second. The difference is kept in the archive; a comparison that finds the file \
beside its records calls no smaller difference BETTER or WORSE.")]
pub struct SelfcheckArgs {
    /// The options of `run`.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Order of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SortBy {
    /// As in the baseline's records
    #[default]
    Row,
    /// Largest improvement first
    Ratio,
    /// WORSE first, SAME last
    Verdict,
}

/// Verdicts that `--fail-on` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A row is WORSE, or WORSENS over the sessions of a history; WORSE HERE is not
    Worse,
    /// A row is UNCLEAR, or its verdict is HERE: of these sessions only
    Unclear,
    /// A row is N/A
    Na,
}

impl CompareArgs {
    /// The options of the comparison.
    pub fn options(&self) -> Result<Options, perwatt_compare::CompareError> {
        Ok(Options {
            by: self.by.clone(),
            baseline: self.baseline.clone(),
            allow_differ: self.allow_differ.clone(),
            sort: match self.sort {
                SortBy::Row => Sort::Row,
                SortBy::Ratio => Sort::Ratio,
                SortBy::Verdict => Sort::Verdict,
            },
            ..self.test.options()?
        })
    }
}

/// `2` or `2%`, as a share.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim();
    match number.parse::<f64>() {
        Ok(value) if (0.0..100.0).contains(&value) => Ok(value / 100.0),
        _ => Err(format!(
            "{text} is not a percentage from 0 to below 100; write a number such as 2"
        )),
    }
}
