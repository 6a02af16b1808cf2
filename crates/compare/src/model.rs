//! Data model of a finished comparison, for tables, files and reports.

use std::path::PathBuf;

use perwatt_record::cost::{Cost, Stated};
use serde::Serialize;

use crate::column::By;
use crate::inference::Basis;
use crate::key::{Difference, Held, Key};
use crate::load::{Checked, Skipped};
use crate::metric::{FigureUnit, Metric};
use crate::sample::Level;
use crate::verdict::{Remedy, Verdict};

/// Minor version of `perwatt-comparison`: 1 added the row nearest to one without a counterpart, 2 what a verdict
/// rests on, 3 specimens and nodes, 4 the key field `cards_at_once`, 5 prices, rents and costs, and columns by tags.
const MINOR: u32 = 5;

/// Name and version of a schema.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaId {
    /// `perwatt-comparison`, or `perwatt-history` for a history.
    pub name: &'static str,
    /// Major version; changes when a reader of the old version would misread the document.
    pub major: u32,
    /// Minor version; changes when a field is added.
    pub minor: u32,
}

impl Default for SchemaId {
    fn default() -> Self {
        Self {
            name: "perwatt-comparison",
            major: 1,
            minor: MINOR,
        }
    }
}

/// A comparison of columns with a baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The schema.
    pub schema: SchemaId,
    /// The property that makes a column.
    pub by: By,
    /// Index of the baseline's column.
    pub baseline: usize,
    /// The extent of the verification of the records.
    pub checked: Checked,
    /// Smallest difference that matters, relative.
    pub margin: f64,
    /// The number of comparisons and the correction for it.
    pub family: Family,
    /// The columns.
    pub columns: Vec<Column>,
    /// One table for each metric, unit and energy boundary.
    pub tables: Vec<Table>,
    /// Rows that have no counterpart in the baseline's column.
    pub unmatched: Vec<Unmatched>,
    /// Context fields that differ between columns.
    pub differs: Vec<Differs>,
    /// Key fields that were allowed to differ and do: the comparison is not like
    /// for like.
    pub not_like_for_like: Vec<String>,
    /// Files that were left out, with the reasons.
    pub skipped: Vec<Skipped>,
    /// Notes on the whole comparison.
    pub notes: Vec<String>,
}

/// Correction for the number of comparisons in one report.
#[derive(Debug, Clone, Serialize)]
pub struct Family {
    /// The number of pairs that were tested.
    pub comparisons: usize,
    /// Limit of the error rate: the chance of any wrong verdict, or, with
    /// [`Procedure::FalseDiscovery`], the expected share of wrong verdicts.
    pub alpha: f64,
    /// The procedure that keeps the limit.
    pub procedure: Procedure,
    /// Confidence of each interval.
    pub confidence: f64,
}

/// Procedures of correction for multiple comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Procedure {
    /// The chance of any wrong verdict is at most alpha: intervals at Bonferroni's level,
    /// p-values by Holm.
    FamilyWise,
    /// Of the verdicts BETTER and WORSE at most the share alpha is expected to be
    /// wrong: Benjamini and Hochberg, intervals at their level for selected
    /// parameters (Benjamini and Yekutieli 2005).
    FalseDiscovery,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// The label, unique among the columns.
    pub label: String,
    /// The machines in it, in words.
    pub machines: Vec<String>,
    /// The keys of these machines.
    pub machine_keys: Vec<String>,
    /// The very machines: hashes of their machine ids, or their keys where records have
    /// none, with the node's name where several nodes share that.
    pub specimens: Vec<String>,
    /// The names of their nodes.
    pub nodes: Vec<String>,
    /// The price and the rent of its machines, where they have them in common.
    #[serde(flatten)]
    pub stated: Stated,
    /// The models of the devices that ran the workloads.
    pub devices: Vec<String>,
    /// The number of sessions in it.
    pub sessions: usize,
    /// Start of the first session, UTC.
    pub first_utc: String,
    /// Start of the last session, UTC.
    pub last_utc: String,
    /// The files of its sessions.
    pub files: Vec<PathBuf>,
}

/// Rows that share a unit.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// The metric.
    pub metric: Metric,
    /// Unit of every figure: `H/s`, `J/FLOP`.
    pub unit: FigureUnit,
    /// True if a higher figure is better.
    pub higher_is_better: bool,
    /// The energy that the figures include; absent for other metrics.
    pub boundary: Option<Held>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The geometric mean of the ratios, one for each column; absent for the baseline, and
    /// where no row is comparable in every column.
    pub geomeans: Vec<Option<f64>>,
    /// The number of rows in the geometric means.
    pub geomean_rows: usize,
    /// Rows that are left out of the means, because they are not comparable in every
    /// column.
    pub geomean_without: Vec<String>,
}

/// A workload on a device.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The workload and its shape.
    pub name: String,
    /// The device; absent where columns are devices.
    pub device: Option<String>,
    /// The key that all its figures share.
    pub key: Key,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A figure and its comparison with the baseline's.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// The figure; absent where there is none.
    pub figure: Option<Figure>,
    /// Outcome of the comparison.
    pub outcome: Outcome,
    /// Best and worst rank that it may have among the columns of its row, 1 for the best;
    /// absent with fewer than three columns, and with too many to rank.
    pub rank: Option<[usize; 2]>,
    /// Context fields of the entry that differ from the baseline's.
    pub differs: Vec<Difference>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// A figure over its runs.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Every value, in the unit of the table.
    pub values: Vec<f64>,
    /// The unit of one value: a run or a session.
    pub level: Level,
    /// The number of sessions behind it.
    pub sessions: usize,
    /// Median.
    pub median: f64,
    /// The 95 % interval of the median over the values: over these runs for one session;
    /// absent with fewer than 6 runs.
    pub interval: Option<[f64; 2]>,
    /// Smallest and largest value.
    pub range: [f64; 2],
    /// The backend.
    pub backend: String,
    /// The number of backends of which this was the best.
    pub backends: usize,
    /// Ids of the meters behind it.
    pub meters: Vec<String>,
    /// True if any of them estimates rather than measures.
    pub estimate: bool,
    /// Dollars by the stated price and rent; absent without them, and for joules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// Outcome of the comparison of a cell with the baseline.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// It is the baseline.
    Base,
    /// It was compared.
    Compared(Box<Compared>),
    /// It cannot be compared.
    NotComparable {
        /// The reason, in words.
        reason: String,
        /// The key fields that forbid it.
        fields: Vec<Difference>,
    },
    /// The column has no figure for the row.
    Absent,
}

/// A comparison with the baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// The verdict.
    pub verdict: Verdict,
    /// The replicates of the ratio and its interval.
    pub basis: Basis,
    /// Sessions of the baseline and of this figure.
    pub sessions: [usize; 2],
    /// Ratio of this figure to the baseline's: of the geometric means of sessions, or the
    /// Hodges-Lehmann estimate over runs.
    pub ratio: f64,
    /// The interval of the ratio, widened for the meters, at the family's confidence;
    /// absent where the runs are too few for it.
    pub interval: Option<[f64; 2]>,
    /// The chance of so large a difference between equal populations: Welch's test of
    /// sessions, or the Mann-Whitney test of runs.
    pub p_value: f64,
    /// The p-value adjusted for all comparisons of the report.
    pub p_adjusted: f64,
    /// The smallest difference that matters, relative.
    pub margin: f64,
    /// The difference of a side from itself, relative, where it is larger than the margin:
    /// BETTER and WORSE lie beyond it.
    pub noise: Option<f64>,
    /// The origin of that noise.
    pub noise_reason: Option<String>,
    /// Widening of each end of the interval for different meters, relative.
    pub meters_rel: f64,
    /// The remedy for a verdict that is unclear or holds for these sessions only.
    pub remedy: Option<Remedy>,
}

/// A row without a counterpart in the baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Unmatched {
    /// The metric.
    pub metric: Metric,
    /// The workload and its shape.
    pub name: String,
    /// The device.
    pub device: Option<String>,
    /// Labels of the columns that have it.
    pub columns: Vec<String>,
    /// The nearest row of another column; absent where no other column measured the
    /// workload.
    pub nearest: Option<Nearest>,
}

/// The row that comes nearest to one without a counterpart.
#[derive(Debug, Clone, Serialize)]
pub struct Nearest {
    /// Label of its column.
    pub column: String,
    /// The workload and its shape.
    pub name: String,
    /// The device.
    pub device: Option<String>,
    /// The fields that differ: `base` is its value, `other` that of the row without a
    /// counterpart.
    pub fields: Vec<Difference>,
}

/// A field of the context with more than one value.
#[derive(Debug, Clone, Serialize)]
pub struct Differs {
    /// Name of the field.
    pub field: String,
    /// For each column every value that occurs there, in order; empty where the field was
    /// not read.
    pub values: Vec<Vec<String>>,
}

impl Comparison {
    /// Every cell that was compared.
    pub fn compared(&self) -> impl Iterator<Item = &Compared> {
        self.cells().filter_map(|cell| match &cell.outcome {
            Outcome::Compared(compared) => Some(&**compared),
            _ => None,
        })
    }

    /// Every cell.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        let rows = self.tables.iter().flat_map(|table| &table.rows);
        rows.flat_map(|row| &row.cells)
    }

    /// The number of cells with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.compared().filter(|c| c.verdict == verdict).count()
    }

    /// The number of cells that cannot be compared for a known reason.
    pub fn count_na(&self) -> usize {
        self.cells()
            .filter(|cell| matches!(cell.outcome, Outcome::NotComparable { .. }))
            .count()
    }
}
