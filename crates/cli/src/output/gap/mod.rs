//! A gap for people, as text of 80 columns or as Markdown.

pub mod block;
mod sections;

use perwatt_gap::claims::Claim;
use perwatt_gap::energy::EnergyGap;
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
}

impl Document<'_> {
    fn blocks(&self) -> Vec<Block> {
        let mut out = self.gap.map_or_else(Vec::new, sections::blocks);
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
