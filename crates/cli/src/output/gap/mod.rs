//! A gap for people, as text of 80 columns or as Markdown.

pub mod block;
mod sections;

use perwatt_gap::energy::EnergyGap;

/// The whole as text, ending in a newline.
pub fn text(gap: &EnergyGap) -> String {
    block::text(&sections::blocks(gap))
}

/// The whole as Markdown, ending in a newline.
pub fn markdown(gap: &EnergyGap) -> String {
    block::markdown(&sections::blocks(gap))
}
