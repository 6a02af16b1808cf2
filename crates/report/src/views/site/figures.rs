//! Figures of a site in rows, with a column for each use or each state of the network, and
//! the formula of each.

use perwatt_site::SiteReport;
use perwatt_site::figure::{Figure, Figures, Named, Row};

use crate::doc::{Block, Cell, Column, Fact, Grid, Mark, Tone, Value};

/// A table with a column for each of these names.
pub fn grid<'a>(first: &str, names: impl IntoIterator<Item = &'a str>) -> Grid {
    let names = names.into_iter().map(Column::right);
    Grid::new([Column::left(first)].into_iter().chain(names))
}

/// Adds a row of figures that share a label and a unit. A cell is empty where a column has
/// no such figure.
pub fn add(grid: &mut Grid, row: &Row) {
    let Named { id, figure } = row.first;
    let tone = match id {
        "npv_usd" | "annual_over_sell_usd" | "payback_months" => Tone::Strong,
        _ => Tone::Plain,
    };
    let cells = row.cells.iter();
    let cells = cells.map(|of| of.map_or_else(Cell::empty, |of| cell(of, tone)));
    let cells = [Cell::toned(name(figure), tone)].into_iter().chain(cells);
    match figure.detail {
        true => grid.sub_row(cells),
        false => grid.row(cells),
    }
}

/// The label of a figure with its unit; of money only what it is for.
fn name(figure: &Figure) -> String {
    let label = figure.label;
    match (figure.unit, figure.unit.strip_prefix("$/")) {
        ("" | "$", _) => label.to_owned(),
        (_, Some(per)) if per.contains('/') => format!("{label}, per {per}"),
        (_, Some(per)) => format!("{label}/{per}"),
        (unit, None) => format!("{label}, {unit}"),
    }
}

/// A figure without its unit, money as such; a dash with the reason if there is none.
fn cell(figure: &Figure, tone: Tone) -> Cell {
    let cell = match figure.value {
        Some(value) => {
            let value = match figure.unit.starts_with('$') {
                true => Value::Dollars(value),
                false => Value::Amount(value),
            };
            Cell::toned(value, tone).mark(Mark::Evidence(figure.evidence))
        }
        None => "-".into(),
    };
    cell.notes(figure.note.clone())
}

/// The formula of each figure, and the parameters that it rests on.
pub fn explained(report: &SiteReport) -> Block {
    let mut blocks = Vec::new();
    let mut add = |title: String, groups: &[&dyn Figures]| {
        let figures = groups.iter().flat_map(|of| of.list());
        let facts = figures.map(|named| fact(named.figure));
        blocks.extend([Block::section(title), Block::Facts(facts.collect())]);
    };
    for of in &report.uses {
        add(of.title.into(), &[&of.figures]);
    }
    for of in &report.curtailment.uses {
        add(format!("curtailment: {}", of.title), &[&of.figures]);
    }
    for of in &report.network {
        let title = format!("the network without {}", of.title);
        add(title, &[&of.leaving, &of.retired_only]);
    }
    Block::Details {
        title: "formulas of the figures".into(),
        blocks,
    }
}

fn fact(figure: &Figure) -> Fact {
    let rests = match figure.from.as_slice() {
        [] => String::new(),
        from => format!("; rests on {}", from.join(", ")),
    };
    Fact {
        name: name(figure),
        qualifier: figure.evidence.word(),
        text: format!("{}{rests}", figure.formula),
    }
}
