//! The uses of a site side by side, the risk of the answer, and its inputs.

mod figures;
mod inputs;
mod money;
mod network;
mod risk;
mod surface;
mod uses;

use perwatt_site::SiteReport;

pub use inputs::defaults;

use crate::doc::Block;
use crate::phrases::site as phrases;

/// The report of a site; with `full`, also how each figure is computed, and the tables of
/// what matters less.
pub fn blocks(report: &SiteReport, full: bool) -> Vec<Block> {
    let mut out = uses::blocks(report);
    out.extend(risk::tornado(report, full));
    out.extend(report.monte_carlo.iter().flat_map(risk::draws));
    out.extend(uses::courses(report));
    out.extend(uses::deals(report));
    out.extend(surface::blocks(&report.surface, full));
    out.extend(network::stops(&report.curtailment));
    out.extend(network::impacts(&report.network));
    out.extend(inputs::blocks(report, full));
    out.extend(full.then(|| figures::explained(report)));
    out.push(Block::part("assumptions", "assumptions"));
    out.push(Block::List(phrases::assumptions(report)));
    out
}
