//! Grid of rows and columns. Figures are matched by key, never by position.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::column::{By, Layout};
use crate::key::{Difference, Field, Key};
use crate::metric::Metric;
use crate::session::Session;

/// A row of the comparison.
#[derive(Debug, Clone)]
pub struct Line {
    /// The metric.
    pub metric: Metric,
    /// The workload in words.
    pub name: Arc<str>,
    /// The device; absent where columns are devices.
    pub device: Option<Arc<str>>,
    /// The key that all its figures share.
    pub key: Key,
    /// The figures of each column, each `(session, row)`.
    pub cells: Vec<Vec<(usize, usize)>>,
}

/// The rows, and the counterparts of those that a column lacks.
#[derive(Debug, Default)]
pub struct Grid {
    /// The rows, in order of first appearance, the baseline's first.
    pub lines: Vec<Line>,
    /// Counterparts by `(line, column)`, where the line has no figures in the column: the
    /// line that has figures there instead, and the fields in which the two differ.
    pub instead: BTreeMap<(usize, usize), (usize, Vec<Difference>)>,
}

/// Puts every figure into its row. `allowed` are the fields that may differ.
pub fn arrange(
    sessions: &[Session],
    layout: &Layout,
    by: &By,
    base: usize,
    allowed: &[Field],
) -> Grid {
    let mut places = layout.places.clone();
    // Stable, so that the rest keeps the order of the records.
    places.sort_by_key(|[column, ..]| *column != base);
    let mut index: HashMap<(Option<Arc<str>>, Key), usize> = HashMap::new();
    let mut stripped: HashMap<*const Key, Key> = HashMap::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut seen = HashSet::new();
    for [column, s, r] in places {
        let row = &sessions[s].rows[r];
        let key = stripped
            .entry(Arc::as_ptr(&row.key))
            .or_insert_with(|| row.key.without(allowed))
            .clone();
        let device = (*by != By::Device).then(|| Arc::clone(&row.device));
        let line = *index
            .entry((device.clone(), key.clone()))
            .or_insert_with(|| {
                lines.push(Line {
                    metric: row.metric,
                    name: Arc::clone(&row.name),
                    device,
                    key,
                    cells: vec![Vec::new(); layout.columns.len()],
                });
                lines.len() - 1
            });
        // The same runs in two inputs of one column count once.
        let runs = (Arc::clone(&row.origin), Arc::clone(&row.backend));
        if seen.insert((line, column, runs, Arc::clone(&row.device))) {
            lines[line].cells[column].push((s, r));
        }
    }
    if *by == By::Device {
        let reaches = |&(s, r): &(usize, usize)| sessions[s].rows[r].beyond_shaders().is_none();
        for cell in lines.iter_mut().flat_map(|line| &mut line.cells) {
            if cell.iter().any(reaches) {
                cell.retain(reaches);
            }
        }
    }
    let mut grid = Grid {
        lines,
        instead: BTreeMap::new(),
    };
    for column in (0..layout.columns.len()).filter(|column| *column != base) {
        match_leftovers(&mut grid, base, column);
    }
    grid
}

/// The largest number of pairs of unmatched rows that are examined for one column. With
/// more, no pairs are formed, and each row is reported with the row nearest to it.
const MOST_PAIRS: usize = 250_000;

/// Pairs rows that only the baseline has with rows that only `column` has, those with the
/// fewest differences first, so that the fields that differ can be named.
fn match_leftovers(grid: &mut Grid, base: usize, column: usize) {
    let lines = &grid.lines;
    let only = |with: usize, without: usize| -> Vec<usize> {
        (0..lines.len())
            .filter(|&i| !lines[i].cells[with].is_empty() && lines[i].cells[without].is_empty())
            .collect()
    };
    let (left, right) = (only(base, column), only(column, base));
    if left.len().saturating_mul(right.len()) > MOST_PAIRS {
        return;
    }
    let mut pairs: Vec<(usize, usize, usize, Vec<Difference>)> = Vec::new();
    for &i in &left {
        for &j in &right {
            if lines[i].device != lines[j].device || lines[i].metric != lines[j].metric {
                continue;
            }
            let (a, b) = (&lines[i].key, &lines[j].key);
            let differences = a.differences(b);
            // A row of another workload is not a counterpart, unless everything else is
            // equal.
            if a.workload() == b.workload() || differences.len() == 1 {
                pairs.push((differences.len(), i, j, differences));
            }
        }
    }
    pairs.sort_by_key(|(count, i, j, _)| (*count, *i, *j));
    let mut used: Vec<usize> = Vec::new();
    for (_, i, j, differences) in pairs {
        if !grid.instead.contains_key(&(i, column)) && !used.contains(&j) {
            used.push(j);
            grid.instead.insert((i, column), (j, differences));
        }
    }
}
