//! Popular claims: each quoted, the arithmetic that tests it step by step, and what came
//! of it.

use perwatt_gap::claims::{Claim, Step};

use crate::doc::Block;

/// The meaning of the brackets.
const KEY: &str = "In brackets: what a figure rests on, and who says so. A computed figure is \
                   as weak as the weakest that it is computed from.";

/// All of them, with a heading; nothing of none.
pub fn blocks(claims: &[Claim]) -> Vec<Block> {
    if claims.is_empty() {
        return Vec::new();
    }
    let head = [
        Block::part("claims", "popular claims, tested"),
        Block::sentence(KEY),
    ];
    head.into_iter()
        .chain(claims.iter().flat_map(claim))
        .collect()
}

fn claim(of: &Claim) -> [Block; 4] {
    let date = of.date.as_deref().unwrap_or("undated");
    let steps = (0..of.steps.len()).map(|index| step(&of.steps, index));
    [
        Block::section(format!("\"{}\"", of.claim)),
        Block::Sentence(format!("said by {} ({date})", of.said_by)),
        Block::Steps(steps.collect()),
        Block::Sentence(format!(
            "verdict: {}. {}",
            of.verdict.words(),
            of.conclusion
        )),
    ]
}

/// A step with its basis; a source that was named already is not named again.
fn step(all: &[Step], index: usize) -> String {
    let of = &all[index];
    let mark = of.mark.word();
    let named = all.iter().position(|step| step.source == of.source);
    let basis = match named {
        _ if of.is_computed() => mark.to_owned(),
        Some(first) if first < index => format!("{mark}: as in {}", first + 1),
        _ => format!("{mark}: {}", of.source),
    };
    format!("{}: {} [{basis}]", of.text, of.formula)
}
