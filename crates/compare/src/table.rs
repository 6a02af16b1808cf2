//! Judging of the grid into tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use perwatt_stats as stats;
use rayon::prelude::*;

use crate::cell_builder::CellBuilder;
use crate::column::Layout;
use crate::grid::{Grid, Line};
use crate::key::{Field, Key};
use crate::load::Loaded;
use crate::model::{Cell, Family, Outcome, Row, Table, Unmatched};
use crate::multiplicity::family;
use crate::noise::Floors;
use crate::options::{Options, Sort};
use crate::pending_cell::{PendingCell, draft, split};
use crate::verdict::Verdict;

/// Result of [`build`].
pub struct Built {
    pub family: Family,
    pub tables: Vec<Table>,
    pub unmatched: Vec<Unmatched>,
    pub not_like_for_like: Vec<String>,
    pub notes: Vec<String>,
}

/// Judges every row of the grid.
pub fn build(
    loaded: &Loaded,
    layout: &Layout,
    grid: &Grid,
    floors: &Floors,
    base: usize,
    options: &Options,
    allowed: &[Field],
) -> Built {
    let (kept, unmatched) = split(layout, grid, base);
    perwatt_record::threads::prepare();
    let drafts: Vec<Vec<PendingCell>> = kept
        .par_iter()
        .map(|&line| {
            (0..layout.columns.len())
                .map(|column| draft(loaded, grid, line, column, base))
                .collect()
        })
        .collect();
    let tests = tests(&drafts, base);
    let sized: Vec<([usize; 2], f64)> = tests
        .iter()
        .map(|test| (test.sizes, test.p_value))
        .collect();
    let (family, adjusted) = family(&sized, options.alpha);

    let judge_of = CellBuilder {
        loaded,
        floors,
        // Without rows there are no columns.
        base_label: layout.columns.get(base).map_or("", |c| &c.label),
        labels: layout.columns.iter().map(|c| c.label.as_str()).collect(),
        options,
        family: &family,
    };
    let mut rows: Vec<(&Line, Row)> = Vec::new();
    let mut next = tests.iter().zip(adjusted).peekable();
    for (i, (&line, drafts)) in kept.iter().zip(&drafts).enumerate() {
        let line = &grid.lines[line];
        let mut cells: Vec<Cell> = Vec::new();
        for (column, draft) in drafts.iter().enumerate() {
            let test = next
                .next_if(|(test, _)| (test.row, test.column) == (i, column))
                .map(|(test, adjusted)| (test.p_value, adjusted));
            cells.push(judge_of.cell(line, drafts, column, base, draft, test));
        }
        judge_of.rank(line, drafts, &mut cells);
        rows.push((line, row(line, cells)));
    }
    let not_like_for_like = stamps(loaded, grid, &kept, allowed);
    let notes = judge_of.whole(&drafts);
    Built {
        tables: tables(rows, base, options.sort),
        family,
        unmatched,
        not_like_for_like,
        notes,
    }
}

struct Test {
    row: usize,
    column: usize,
    sizes: [usize; 2],
    p_value: f64,
}

/// Every pair that is tested, row by row.
fn tests(drafts: &[Vec<PendingCell>], base: usize) -> Vec<Test> {
    let mut tests = Vec::new();
    for (row, cells) in drafts.iter().enumerate() {
        let PendingCell::Sample(of_base) = &cells[base] else {
            continue;
        };
        for (column, draft) in cells.iter().enumerate() {
            if let PendingCell::Sample(sample) = draft
                && column != base
                && let Some(test) = stats::mann_whitney(&sample.values, &of_base.values)
            {
                tests.push(Test {
                    row,
                    column,
                    sizes: [of_base.values.len(), sample.values.len()],
                    p_value: test.p_value,
                });
            }
        }
    }
    tests
}

fn row(line: &Line, cells: Vec<Cell>) -> Row {
    Row {
        name: line.name.to_string(),
        device: line.device.as_deref().map(str::to_owned),
        key: line.key.clone(),
        cells,
    }
}

/// Fields that were allowed to differ and do, with the values.
fn stamps(loaded: &Loaded, grid: &Grid, kept: &[usize], allowed: &[Field]) -> Vec<String> {
    allowed
        .iter()
        .filter_map(|field| {
            let mut differing: Option<BTreeSet<String>> = None;
            for &line in kept {
                let keys = grid.lines[line].cells.iter().flatten();
                let values: BTreeSet<String> = keys
                    .map(|&(s, r)| &loaded.sessions[s].rows[r].key)
                    .map(|key: &Arc<Key>| key.text(field).unwrap_or_else(|| "absent".into()))
                    .collect();
                if values.len() > 1 {
                    differing.get_or_insert_default().extend(values);
                }
            }
            let values: Vec<String> = differing?.into_iter().collect();
            Some(format!("{field} differs ({})", values.join(" | ")))
        })
        .collect()
}

/// One table for each metric, unit and energy boundary, rates first.
fn tables(rows: Vec<(&Line, Row)>, base: usize, sort: Sort) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (line, row) in rows {
        let (unit, boundary) = (line.key.unit(), line.key.held());
        let place = tables.iter().position(|table| {
            (table.metric, table.unit, table.boundary) == (line.metric, unit, boundary)
        });
        let place = place.unwrap_or_else(|| {
            tables.push(Table {
                metric: line.metric,
                unit,
                higher_is_better: line.metric.higher_is_better(),
                boundary,
                rows: Vec::new(),
                geomeans: Vec::new(),
                geomean_rows: 0,
                geomean_without: Vec::new(),
            });
            tables.len() - 1
        });
        tables[place].rows.push(row);
    }
    tables.sort_by_key(|table| table.metric);
    for table in &mut tables {
        summarise(table, base);
        order(table, sort);
    }
    tables
}

/// Geometric means over the rows that every column has.
fn summarise(table: &mut Table, base: usize) {
    let ratio = |cell: &Cell| match &cell.outcome {
        Outcome::Compared(compared) => Some(compared.ratio.ln()),
        Outcome::Base => Some(0.0),
        _ => None,
    };
    let columns = table.rows.first().map_or(0, |row| row.cells.len());
    let mut sums = vec![0.0; columns];
    for row in &table.rows {
        let logs: Option<Vec<f64>> = row.cells.iter().map(ratio).collect();
        match logs {
            Some(logs) => {
                table.geomean_rows += 1;
                for (sum, ln) in sums.iter_mut().zip(logs) {
                    *sum += ln;
                }
            }
            None => table.geomean_without.push(match &row.device {
                Some(device) => format!("{} on {device}", row.name),
                None => row.name.clone(),
            }),
        }
    }
    let rows = table.geomean_rows;
    table.geomeans = sums
        .into_iter()
        .enumerate()
        .map(|(column, sum)| (column != base && rows > 0).then(|| (sum / rows as f64).exp()))
        .collect();
}

fn order(table: &mut Table, sort: Sort) {
    let sign = match table.higher_is_better {
        true => -1.0,
        false => 1.0,
    };
    let best = |row: &Row| {
        let ratios = row.cells.iter().filter_map(|cell| match &cell.outcome {
            Outcome::Compared(compared) => Some(sign * compared.ratio.ln()),
            _ => None,
        });
        ratios.fold(f64::INFINITY, f64::min)
    };
    let gravity = |row: &Row| {
        let of = |cell: &Cell| match &cell.outcome {
            Outcome::Compared(compared) => match compared.verdict {
                Verdict::Worse => 0,
                Verdict::Unclear => 2,
                Verdict::Better => 3,
                Verdict::Same => 4,
            },
            Outcome::NotComparable { .. } => 1,
            Outcome::Base | Outcome::Absent => 5,
        };
        row.cells.iter().map(of).min().unwrap_or(5)
    };
    match sort {
        Sort::Row => {}
        Sort::Ratio => table.rows.sort_by(|a, b| best(a).total_cmp(&best(b))),
        Sort::Verdict => table.rows.sort_by_key(gravity),
    }
}
