//! Stopping prices of the uses, and the network without the hash rate that leaves.

use perwatt_site::curtailment::Curtailment;
use perwatt_site::figure::{Figures, Named, Row, side_by_side};
use perwatt_site::network_impact::NetworkImpact;

use super::figures;
use crate::doc::Block;
use crate::phrases::site as phrases;

/// The prices of power at which each use should stop.
pub fn stops(found: &Curtailment) -> Vec<Block> {
    let mut out = vec![
        Block::part("stops", "when each use should stop"),
        Block::Sentence(phrases::covered(found)),
    ];
    if !found.uses.is_empty() {
        let mut grid = figures::grid("", found.uses.iter().map(|of| of.kind.short()));
        for row in &side_by_side(found.uses.iter().map(|of| &of.figures)) {
            figures::add(&mut grid, row);
        }
        out.push(Block::Grid(grid));
    }
    out
}

/// The effect on the network of the hash rate that leaves.
pub fn impacts(all: &[NetworkImpact]) -> Vec<Block> {
    let mut out = vec![
        Block::part("network", "hash rate that leaves the network"),
        Block::sentence(phrases::STATES),
    ];
    for impact in all {
        let mut leaving = figures::grid("what leaves", [""]);
        for named in impact.leaving.list() {
            figures::add(&mut leaving, &row(&[named]));
        }
        let mut states = figures::grid("what is left", ["before", "all off", "retired only"]);
        for of in impact.states() {
            figures::add(&mut states, &row(&of));
        }
        out.extend([
            Block::section(format!("the network without {}", impact.title)),
            Block::Grid(leaving),
            Block::Space,
            Block::Grid(states),
        ]);
    }
    out
}

/// A row of figures that have the same name.
fn row<'a>(all: &[Named<'a>]) -> Row<'a> {
    Row {
        first: all[0],
        cells: all.iter().map(|named| Some(named.figure)).collect(),
    }
}
