//! The report of a site, as text of 80 columns or as Markdown.

mod figures;
mod inputs;
mod network;
mod risk;
mod uses;

use perwatt_site::SiteReport;

pub use inputs::defaults_json;

use super::gap::block::{self, Block};

/// The report as text, ending in a newline.
pub fn text(report: &SiteReport, explain: bool) -> String {
    block::text(blocks(report, explain))
}

/// The report as Markdown, ending in a newline.
pub fn markdown(report: &SiteReport, explain: bool) -> String {
    block::markdown(blocks(report, explain))
}

/// All parameters with their defaults, as text.
pub fn defaults_text() -> String {
    block::text(inputs::defaults())
}

/// All parameters with their defaults, as Markdown.
pub fn defaults_markdown() -> String {
    block::markdown(inputs::defaults())
}

fn blocks(report: &SiteReport, explain: bool) -> Vec<Block> {
    let mut all = uses::blocks(report);
    all.extend(risk::blocks(report));
    all.extend(network::curtailment(report));
    all.extend(network::impact(report));
    all.extend(inputs::blocks(report));
    if explain {
        all.extend(uses::explained(report));
    }
    all
}
