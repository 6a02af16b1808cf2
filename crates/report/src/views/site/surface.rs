//! The break-even hashprice of rigs, over their efficiency and the price of power.

use perwatt_site::surface::Surface;

use crate::doc::{Block, Cell, Column, Grid, Mark, Value};
use crate::phrases::site as phrases;

/// Upper bounds of the shades of cells, as ratios to today's hashprice, the faintest last.
const SHADES: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];

/// The surface; with `full`, also where only power is paid.
pub fn blocks(surface: &Surface, full: bool) -> Vec<Block> {
    let mut out = vec![
        Block::part("surface", "hashprice at which rigs break even"),
        Block::sentence("in $/PH/day, for rigs of so many J/TH (across) at so many $/MWh (down)"),
        Block::Grid(table(surface, &surface.hashprice)),
        Block::Sentence(format!(
            "* runs at a profit at today's {}; with the scenario's PUE, pool fee and costs besides power; {}",
            Value::Dollars(surface.now),
            phrases::weakest(surface.evidence)
        )),
    ];
    out.extend(full.then(|| Block::Details {
        title: "the same where power alone is paid".into(),
        blocks: vec![Block::Grid(table(surface, &surface.power_alone))],
    }));
    out
}

fn table(surface: &Surface, rows: &[Vec<f64>]) -> Grid {
    let across = surface.efficiency_j_th.iter();
    let across = across.map(|j_th| Column::right(j_th.to_string()));
    let first = [Column::right("$/MWh")].into_iter();
    let mut grid = Grid::new(first.chain(across));
    for (price, row) in surface.price_usd_per_mwh.iter().zip(rows) {
        let first = [Cell::from(price.to_string())].into_iter();
        grid.row(first.chain(row.iter().map(|value| cell(*value, surface.now))));
    }
    grid
}

fn cell(value: f64, now: f64) -> Cell {
    if !value.is_finite() {
        return "-".into();
    }
    Cell {
        mark: (value <= now).then_some(Mark::Star),
        shade: SHADES.iter().position(|most| value <= most * now),
        ..Value::Fixed(value, 1).into()
    }
}
