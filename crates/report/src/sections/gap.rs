//! The page of a gap.

use maud::{Markup, html};
use perwatt_gap::energy::EnergyGap;

use crate::doc::{Block, Fact};
use crate::notes::Notes;
use crate::page::titled;
use crate::phrases::gap as phrases;
use crate::render::html::{page_with, render};
use crate::views::gap as view;

/// The page of a gap, with a lead and notes.
pub fn page(gap: &EnergyGap) -> String {
    let machines = gap.machines.iter().map(|of| of.name.clone());
    let lead = format!(
        "The gap: how many times more {} or an accelerator gets out of a joule and out of a device. \
         Each figure says what it rests on: measured, estimate, nameplate, sourced or assumed.",
        phrases::name(gap)
    );
    page_with(
        &titled(&machines.collect(), phrases::span(gap)),
        &lead,
        &parts(gap),
    )
}

/// The gap as a part of another page.
pub fn article(gap: &EnergyGap, notes: &mut Notes) -> Markup {
    html! {
        article id="gap" {
            h2 { "The gap to " (phrases::name(gap)) }
            (render(&parts(gap), notes))
        }
    }
}

/// The blocks of the gap, and the meaning of the words for its bases.
fn parts(gap: &EnergyGap) -> Vec<Block> {
    let bases = [
        (
            "measured",
            "by perwatt in an archived record, or by a named party",
        ),
        (
            "estimate",
            "joules that a device computes of its own state: no meter measured them",
        ),
        ("nameplate", "what the maker says of the device"),
        (
            "sourced",
            "somebody else's figure, with the source and its date",
        ),
        ("assumed", "given, or taken for granted"),
    ];
    let bases = bases.map(|(name, text)| Fact::new(name, text));
    let mut blocks = view::blocks(gap);
    blocks.push(Block::Facts(bases.into()));
    blocks
}
