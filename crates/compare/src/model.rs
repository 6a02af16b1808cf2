//! A finished comparison: what tables, files and reports are made of.

use std::path::PathBuf;

use serde::Serialize;

use crate::column::By;
use crate::judge::{Remedy, Verdict};
use crate::key::{Difference, Held, Key};
use crate::load::{Checked, Skipped};
use crate::metric::{FigureUnit, Metric};
use crate::pool::Level;

/// Which schema a comparison follows.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaId {
    /// Always `perwatt-comparison`.
    pub name: &'static str,
    /// Changes when a reader of the old version would misread it.
    pub major: u32,
    /// Changes when something is added.
    pub minor: u32,
}

impl Default for SchemaId {
    fn default() -> Self {
        Self {
            name: "perwatt-comparison",
            major: 1,
            minor: 1,
        }
    }
}

/// Columns against a baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The schema.
    pub schema: SchemaId,
    /// What columns stand for.
    pub by: By,
    /// Index of the baseline's column.
    pub baseline: usize,
    /// What was verified before.
    pub checked: Checked,
    /// Smallest difference that matters, relative.
    pub margin: f64,
    /// How many comparisons there are and what that asks of each.
    pub family: Family,
    /// The columns.
    pub columns: Vec<Column>,
    /// One for each metric, unit and energy boundary.
    pub tables: Vec<Table>,
    /// Rows that have no counterpart in the baseline's column.
    pub unmatched: Vec<Unmatched>,
    /// What else differs between columns.
    pub differs: Vec<Differs>,
    /// Key fields that were allowed to differ and do: the comparison is not like
    /// for like.
    pub not_like_for_like: Vec<String>,
    /// Files that take no part.
    pub skipped: Vec<Skipped>,
    /// What holds for the whole comparison.
    pub notes: Vec<String>,
}

/// All comparisons of one report, taken together.
#[derive(Debug, Clone, Serialize)]
pub struct Family {
    /// Pairs that were tested.
    pub comparisons: usize,
    /// Chance that any (or, of very many, the share that) would be wrong.
    pub alpha: f64,
    /// How that is kept.
    pub procedure: Procedure,
    /// Confidence of each interval.
    pub confidence: f64,
}

/// How many comparisons are kept honest together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Procedure {
    /// The chance of a single wrong verdict is at most alpha: intervals at
    /// Bonferroni's level, p-values by Holm.
    FamilyWise,
    /// Of the verdicts BETTER and WORSE at most the share alpha is expected to be
    /// wrong: Benjamini and Hochberg, intervals at their level for selected
    /// parameters (Benjamini and Yekutieli 2005).
    FalseDiscovery,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Its name, unique.
    pub label: String,
    /// The machines in it, in words.
    pub machines: Vec<String>,
    /// Their keys.
    pub machine_keys: Vec<String>,
    /// The models of the devices that worked.
    pub devices: Vec<String>,
    /// Sessions in it.
    pub sessions: usize,
    /// When the first began, UTC.
    pub first_utc: String,
    /// When the last began, UTC.
    pub last_utc: String,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Rows that share a unit.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// What is compared.
    pub metric: Metric,
    /// Unit of every figure: `H/s`, `J/FLOP`.
    pub unit: FigureUnit,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// What the energy covers; absent of rates.
    pub boundary: Option<Held>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The geometric mean of the ratios, one for each column; absent of the
    /// baseline, and where no row is comparable in every column.
    pub geomeans: Vec<Option<f64>>,
    /// Rows that the geometric means rest on.
    pub geomean_rows: usize,
    /// Rows that some column lacks, which are therefore left out of the means.
    pub geomean_without: Vec<String>,
}

/// A workload on a device.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The workload and its shape.
    pub name: String,
    /// The device; absent where columns are devices.
    pub device: Option<String>,
    /// What every figure in the row has in common.
    pub key: Key,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// A figure and what it says against the baseline's.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// The figure; absent where there is none.
    pub figure: Option<Figure>,
    /// What it says.
    pub outcome: Outcome,
    /// Best and worst place that it may have among the columns of its row, 1 the
    /// best; absent with fewer than three columns.
    pub rank: Option<[usize; 2]>,
    /// How the workload ran otherwise than in the baseline.
    pub differs: Vec<Difference>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A figure over its runs.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Every value, in the unit of the table.
    pub values: Vec<f64>,
    /// What one value is.
    pub level: Level,
    /// Sessions behind it.
    pub sessions: usize,
    /// Median.
    pub median: f64,
    /// The 95 % interval of the median, absent with fewer than 6 values.
    pub interval: Option<[f64; 2]>,
    /// Smallest and largest value.
    pub range: [f64; 2],
    /// How the workload ran.
    pub backend: String,
    /// Backends that this was the best of.
    pub backends: usize,
    /// The meters behind it.
    pub meters: Vec<String>,
    /// Whether any of them estimates rather than measures.
    pub estimate: bool,
}

/// What a cell says against the baseline.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// It is the baseline.
    Base,
    /// It was compared.
    Compared(Box<Compared>),
    /// It cannot be compared.
    NotComparable {
        /// Why, in words.
        reason: String,
        /// The key fields that forbid it.
        fields: Vec<Difference>,
    },
    /// The column has nothing like it.
    Absent,
}

/// A comparison with the baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// The verdict.
    pub verdict: Verdict,
    /// This figure over the baseline's (Hodges and Lehmann).
    pub ratio: f64,
    /// The interval of the ratio, meters included, at the family's confidence;
    /// absent where the runs are too few for it.
    pub interval: Option<[f64; 2]>,
    /// Chance of so large a difference between equals (Mann and Whitney).
    pub p_value: f64,
    /// The same among all comparisons of the report.
    pub p_adjusted: f64,
    /// The margin that was applied, relative.
    pub margin: f64,
    /// Why it is wider than was asked for, if it is.
    pub margin_reason: Option<String>,
    /// What different meters add to each end of the interval, relative.
    pub meters_rel: f64,
    /// What would settle it, if it is unclear.
    pub remedy: Option<Remedy>,
}

/// A row without a counterpart in the baseline.
#[derive(Debug, Clone, Serialize)]
pub struct Unmatched {
    /// What is measured.
    pub metric: Metric,
    /// The workload and its shape.
    pub name: String,
    /// The device.
    pub device: Option<String>,
    /// Labels of the columns that have it.
    pub columns: Vec<String>,
    /// What another column has nearest to it; absent where none measured the workload.
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
    /// Where they differ: `base` is its value, `other` that of the row without a
    /// counterpart.
    pub fields: Vec<Difference>,
}

/// A field of the context with more than one value.
#[derive(Debug, Clone, Serialize)]
pub struct Differs {
    /// Its name.
    pub field: String,
    /// One for each column: every value there, in order; empty where it was not
    /// read.
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

    /// How many cells have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.compared().filter(|c| c.verdict == verdict).count()
    }

    /// How many cells cannot be compared, and why not is known.
    pub fn count_na(&self) -> usize {
        self.cells()
            .filter(|cell| matches!(cell.outcome, Outcome::NotComparable { .. }))
            .count()
    }
}
