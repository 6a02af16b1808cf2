//! A gap for people, as text of 80 columns or as Markdown.

pub mod block;
mod sections;

use perwatt_compare::load::Skipped;
use perwatt_gap::claims::Claim;
use perwatt_gap::energy::EnergyGap;
use perwatt_report::words::left_out;
use serde::Serialize;

use super::claims;
use block::Block;

/// What `perwatt gap` prints: a gap, popular claims, or one after the other.
#[derive(Serialize)]
pub struct Document<'a> {
    /// The gap, if there are records.
    #[serde(flatten)]
    pub gap: Option<&'a EnergyGap>,
    /// The claims, if they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<&'a [Claim]>,
    /// Files that take no part, if there are records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<&'a [Skipped]>,
}

impl Document<'_> {
    fn blocks(&self) -> Vec<Block> {
        let left_out = left_out(self.skipped.unwrap_or_default());
        let mut out: Vec<Block> = left_out.map(Block::Text).collect();
        out.extend(self.gap.map_or_else(Vec::new, sections::blocks));
        out.extend(self.claims.map_or_else(Vec::new, claims::blocks));
        out
    }

    /// The whole as text, ending in a newline.
    pub fn text(&self) -> String {
        block::text(&self.blocks())
    }

    /// The whole as Markdown, ending in a newline.
    pub fn markdown(&self) -> String {
        block::markdown(&self.blocks())
    }
}
