//! The uses of a site, side by side.

use perwatt_site::SiteReport;
use perwatt_site::line::{Line, side_by_side};
use perwatt_site::outcome::Outcome;

use super::figures::{LETTERS, Notes, dollars, name, number};
use crate::output::gap::block::{Block, columns};
use crate::output::table::Align::{Left, Right};

/// The head and the table.
pub fn blocks(report: &SiteReport) -> Vec<Block> {
    let settings = &report.settings;
    let mut all = vec![Block::Title(settings.name.clone())];
    all.extend(settings.about.clone().map(Block::Text));
    all.push(Block::Text(format!(
        "hashprice ${} per PH/s and day in the first month",
        number(report.hashprice_usd_per_ph_day)
    )));
    let mut names = vec![("", Left)];
    names.extend(report.uses.iter().map(|of| (of.kind.short(), Right)));
    let mut rows = Vec::new();
    let mut notes = Notes::default();
    let lines: Vec<&[Line]> = report.uses.iter().map(|of| of.lines.as_slice()).collect();
    for row in side_by_side(&lines) {
        let cells = row
            .cells
            .iter()
            .map(|cell| cell.map_or_else(String::new, |line| notes.cell(line)));
        rows.push([name(row.first)].into_iter().chain(cells).collect());
    }
    all.push(Block::Grid {
        columns: columns(&names),
        rows,
    });
    all.extend(notes.blocks());
    all.push(Block::Text(LETTERS.into()));
    all.push(Block::Text(verdict(report)));
    all
}

/// What is worth most, in words.
fn verdict(report: &SiteReport) -> String {
    let npv = |outcome: &&Outcome| outcome.value("npv_usd").unwrap_or(f64::NEG_INFINITY);
    let best = report.uses.iter().max_by(|a, b| npv(a).total_cmp(&npv(b)));
    let Some(best) = best else {
        return "no use to compare".into();
    };
    let usd = dollars(npv(&best));
    let point = format!(
        "at the values above {} is worth most: {usd} of net present value (NPV)",
        best.title
    );
    let drawn = report.monte_carlo.as_ref().and_then(|drawn| {
        let of = drawn.uses.iter().find(|of| of.kind == best.kind)?;
        Some(format!(
            "; it is best in {} of the draws",
            perwatt_report::words::site::percent(of.best)
        ))
    });
    point + &drawn.unwrap_or_default()
}

/// How each figure comes about.
pub fn explained(report: &SiteReport) -> Vec<Block> {
    let mut all = vec![Block::Title("how each figure comes about".into())];
    for outcome in &report.uses {
        all.push(Block::Title(outcome.title.into()));
        all.extend(outcome.lines.iter().map(explain));
    }
    for outcome in &report.curtailment.uses {
        all.push(Block::Title(format!("curtailment: {}", outcome.title)));
        all.extend(outcome.lines.iter().map(explain));
    }
    for impact in &report.network {
        all.push(Block::Title(format!(
            "the network without {}",
            impact.title
        )));
        all.extend(impact.leaving.iter().map(explain));
        let states = impact.states.iter().map(|states| &states.retired_only);
        all.extend(states.map(explain));
    }
    all
}

fn explain(line: &Line) -> Block {
    let rests = match line.from.as_slice() {
        [] => String::new(),
        from => format!("; rests on {}", from.join(", ")),
    };
    Block::Text(format!(
        "{}: {} [{}]{rests}",
        line.label.trim(),
        line.formula,
        line.mark.word()
    ))
}
