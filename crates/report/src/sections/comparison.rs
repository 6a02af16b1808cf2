//! Columns against the baseline: verdicts in words, ratios with their intervals.

use maud::{Markup, html};
use perwatt_compare::Comparison;

use crate::doc::Block;
use crate::notes::Notes;
use crate::phrases;
use crate::render::html::render;
use crate::views::comparison;

/// The section of the comparison.
pub fn section(of: &Comparison, notes: &mut Notes) -> Markup {
    let mut blocks: Vec<Block> = phrases::left_out(&of.skipped).map(Block::Warning).collect();
    blocks.extend(comparison::blocks(of, false));
    let body = render(&blocks, notes);
    let reading = render(&[comparison::explanation()], notes);
    let skipped = of.skipped.iter();
    let skipped: Vec<String> = skipped.map(ToString::to_string).collect();
    html! {
        section id="comparison" {
            h2 { "Comparison" }
            @if of.compared().next().is_none() { p.stamp { "Nothing could be compared." } }
            (body)
            @if !skipped.is_empty() {
                h3 { "Files that take no part" }
                (render(&[Block::List(skipped)], notes))
            }
            (reading)
        }
    }
}
