//! Options of a comparison.

use serde::Serialize;

use crate::column::By;
use crate::filter::Filter;

/// The order of rows within their table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The order of the baseline's records.
    #[default]
    Row,
    /// Largest improvement first.
    Ratio,
    /// WORSE first, then rows that are not comparable, UNCLEAR, BETTER, SAME.
    Verdict,
}

/// Options of a comparison.
#[derive(Debug, Clone)]
pub struct Options {
    /// The property that makes a column.
    pub by: By,
    /// Label of the baseline's column; the first column, if not given.
    pub baseline: Option<String>,
    /// Smallest difference that matters, relative.
    pub margin: f64,
    /// Chance of a wrong verdict over the whole report.
    pub alpha: f64,
    /// Only rows that match all of these are compared.
    pub filters: Vec<Filter>,
    /// Key fields that may differ; the result names those that do.
    pub allow_differ: Vec<String>,
    /// Order of rows.
    pub sort: Sort,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            by: By::default(),
            baseline: None,
            margin: 0.02,
            alpha: 0.05,
            filters: Vec::new(),
            allow_differ: Vec::new(),
            sort: Sort::default(),
        }
    }
}
