//! The uses of a site, side by side.

use perwatt_site::SiteReport;
use perwatt_site::figure::{Figure, Figures, side_by_side};

use super::figures::{LETTERS, Notes, dollars, name, number};
use crate::output::gap::block::{Block, columns};
use crate::output::table::Align::{Left, Right};

/// The head of the report and the table of the uses.
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
    for row in side_by_side(report.uses.iter().map(|of| &of.figures)) {
        let cells = row.cells.iter();
        let cells = cells.map(|cell| cell.map_or_else(String::new, |of| notes.cell(of)));
        rows.push([name(row.first.figure)].into_iter().chain(cells).collect());
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

/// The use with the largest net present value, in words.
fn verdict(report: &SiteReport) -> String {
    let uses = report.uses.iter();
    let Some(best) = uses.max_by(|a, b| a.npv_usd().total_cmp(&b.npv_usd())) else {
        return "no use to compare".into();
    };
    let usd = dollars(best.npv_usd());
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

/// The formula and the parameters of each figure.
pub fn explained(report: &SiteReport) -> Vec<Block> {
    let mut all = vec![Block::Title("how each figure comes about".into())];
    let each = |of: &dyn Figures| -> Vec<Block> {
        let all = of.list().into_iter();
        all.map(|named| explain(named.figure)).collect()
    };
    for outcome in &report.uses {
        all.push(Block::Title(outcome.title.into()));
        all.extend(each(&outcome.figures));
    }
    for outcome in &report.curtailment.uses {
        all.push(Block::Title(format!("curtailment: {}", outcome.title)));
        all.extend(each(&outcome.figures));
    }
    for impact in &report.network {
        all.push(Block::Title(format!(
            "the network without {}",
            impact.title
        )));
        all.extend(each(&impact.leaving));
        all.extend(each(&impact.retired_only));
    }
    all
}

fn explain(figure: &Figure) -> Block {
    let rests = match figure.from.as_slice() {
        [] => String::new(),
        from => format!("; rests on {}", from.join(", ")),
    };
    Block::Text(format!(
        "{}: {} [{}]{rests}",
        figure.label,
        figure.formula,
        figure.evidence.word()
    ))
}
