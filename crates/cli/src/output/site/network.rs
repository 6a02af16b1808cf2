//! Stopping prices of the uses, and the effect on the network.

use perwatt_site::SiteReport;
use perwatt_site::figure::{Figure, side_by_side};

use perwatt_report::words::site as words;

use super::figures::{Notes, cell, name};
use crate::output::gap::block::{Block, columns};
use crate::output::table::Align::{Left, Right};

/// The prices of power at which each use should stop.
pub fn curtailment(report: &SiteReport) -> Vec<Block> {
    let found = &report.curtailment;
    let mut all = vec![Block::Title("when each use should stop".into())];
    all.push(Block::Text(words::covered(found)));
    if found.uses.is_empty() {
        return all;
    }
    let mut names = vec![("", Left)];
    names.extend(found.uses.iter().map(|of| (of.kind.short(), Right)));
    let mut notes = Notes::default();
    let mut rows = Vec::new();
    for row in side_by_side(found.uses.iter().map(|of| &of.figures)) {
        let cells = row.cells.iter();
        let cells = cells.map(|cell| cell.map_or_else(String::new, |of| notes.cell(of)));
        rows.push([name(row.first.figure)].into_iter().chain(cells).collect());
    }
    all.push(Block::Grid {
        columns: columns(&names),
        rows,
    });
    all.extend(notes.blocks());
    all
}

/// The effect on the network of the hash rate that leaves.
pub fn impact(report: &SiteReport) -> Vec<Block> {
    let mut all = Vec::new();
    for impact in &report.network {
        all.push(Block::Title(format!(
            "the network without {}",
            impact.title
        )));
        let said = |figure: &Figure| format!("{} {}", cell(figure), figure.unit);
        all.push(Block::Text(format!(
            "{} leaves; {} is retired for good, {} is sold and mines elsewhere",
            said(&impact.leaving.leaving),
            said(&impact.leaving.retired_eh_s),
            said(&impact.leaving.resited_eh_s),
        )));
        let rows = impact.states().map(|states| {
            let cells = states.iter().map(|state| cell(state.figure));
            [name(states[0].figure)].into_iter().chain(cells).collect()
        });
        all.push(Block::Grid {
            columns: columns(&[
                ("", Left),
                ("before", Right),
                ("all off", Right),
                ("retired only", Right),
            ]),
            rows: rows.collect(),
        });
    }
    all.push(Block::Text(words::STATES.into()));
    all
}
