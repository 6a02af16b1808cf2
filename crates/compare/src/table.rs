//! Judging of the grid into tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::cell_builder::CellBuilder;
use crate::column::Layout;
use crate::grid::{Grid, Line};
use crate::inference::{Basis, Inference};
use crate::key::{Field, Key};
use crate::load::Loaded;
use crate::model::{Cell, Family, Outcome, Row, Table, Unmatched};
use crate::multiplicity::family;
use crate::noise::Floors;
use crate::options::{Options, Sort};
use crate::pending_cell::{PendingCell, draft, split};
use crate::scatter::Scatter;
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
    let scatter = Scatter::of(loaded);
    let tests = tests(loaded, &scatter, &drafts, base);
    let p_values = tests
        .iter()
        .map(|test| [test.ratio.smallest_p, test.ratio.p_value]);
    let (family, adjusted) = family(&p_values.collect::<Vec<_>>(), options.alpha);

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
    let mut of_rows = tests.chunk_by(|a, b| a.row == b.row).peekable();
    for (i, (&line, drafts)) in kept.iter().zip(&drafts).enumerate() {
        let of_row = of_rows.next_if(|tests| tests[0].row == i);
        let common = common_basis(of_row.unwrap_or_default());
        let line = &grid.lines[line];
        let mut cells: Vec<Cell> = Vec::new();
        for column in 0..drafts.len() {
            let test = next
                .next_if(|(test, _)| (test.row, test.column) == (i, column))
                .map(|(test, adjusted)| (&test.ratio, adjusted));
            let basis = match column == base {
                true => common,
                false => test.map(|(ratio, _)| ratio.basis),
            };
            cells.push(judge_of.cell(line, drafts, column, base, test, basis));
        }
        judge_of.rank(line, drafts, &scatter, &mut cells);
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
    ratio: Inference,
}

/// The basis of all these tests, if they have one in common.
fn common_basis(tests: &[Test]) -> Option<Basis> {
    let first = tests.first()?.ratio.basis;
    let same = |test: &Test| test.ratio.basis == first;
    tests.iter().all(same).then_some(first)
}

/// Every pair that is tested, row by row.
fn tests(
    loaded: &Loaded,
    scatter: &Scatter<'_>,
    drafts: &[Vec<PendingCell>],
    base: usize,
) -> Vec<Test> {
    let mut tests = Vec::new();
    for (row, cells) in drafts.iter().enumerate() {
        let PendingCell::Sample(of_base) = &cells[base] else {
            continue;
        };
        for (column, draft) in cells.iter().enumerate() {
            if let PendingCell::Sample(sample) = draft
                && column != base
                && let Some(ratio) = Inference::of(loaded, scatter, of_base, sample)
            {
                tests.push(Test { row, column, ratio });
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
                Verdict::WorseHere => 1,
                Verdict::Unclear => 3,
                Verdict::BetterHere => 4,
                Verdict::Better => 5,
                Verdict::SameHere => 6,
                Verdict::Same => 7,
            },
            Outcome::NotComparable { .. } => 2,
            Outcome::Base | Outcome::Absent => 8,
        };
        row.cells.iter().map(of).min().unwrap_or(8)
    };
    match sort {
        Sort::Row => {}
        Sort::Ratio => table.rows.sort_by(|a, b| best(a).total_cmp(&best(b))),
        Sort::Verdict => table.rows.sort_by_key(gravity),
    }
}
