//! The uses of a site side by side, in figures and in pictures of their money.

use perwatt_site::SiteReport;
use perwatt_site::figure::{Row, side_by_side};

use super::{figures, money};
use crate::doc::{Block, Grid, Value};
use crate::phrases::site as phrases;

/// The blocks of the uses, with the name of the site as their heading.
pub fn blocks(report: &SiteReport) -> Vec<Block> {
    let settings = &report.settings;
    let mut out = vec![Block::part("uses", settings.name.as_str())];
    out.extend(settings.about.clone().map(Block::Sentence));
    out.push(Block::Sentence(format!(
        "hashprice {} per PH/s and day in the first month",
        Value::Dollars(report.hashprice_usd_per_ph_day)
    )));
    out.push(Block::Facts(phrases::choices(settings)));
    out.push(Block::Grid(table(report)));
    let names = report.uses.iter();
    let names = names.map(|of| format!("{}: {}", of.kind.short(), of.title));
    out.push(Block::Sentence(names.collect::<Vec<_>>().join("; ")));
    out.push(Block::List(phrases::letters()));
    out.push(Block::Sentence(verdict(report)));
    out.extend(money::waterfalls(&report.uses));
    out.extend(money::payback(&report.uses));
    out
}

fn table(report: &SiteReport) -> Grid {
    let uses = || report.uses.iter().map(|of| &of.figures);
    let groups: [(&str, Vec<Row>); 4] = [
        ("size", side_by_side(uses().map(|of| &of.size))),
        (
            "first twelve months that run",
            side_by_side(uses().map(|of| &of.first_year)),
        ),
        (
            "over the horizon",
            side_by_side(uses().map(|of| &of.horizon)),
        ),
        ("break-even", side_by_side(uses().map(|of| &of.break_even))),
    ];
    let mut grid = figures::grid("", report.uses.iter().map(|of| of.kind.short()));
    for (name, rows) in groups.iter().filter(|(_, rows)| !rows.is_empty()) {
        grid.group(*name);
        rows.iter().for_each(|row| figures::add(&mut grid, row));
    }
    grid
}

/// The use with the largest net present value, in words.
fn verdict(report: &SiteReport) -> String {
    let uses = report.uses.iter();
    let Some(best) = uses.max_by(|a, b| a.npv_usd().total_cmp(&b.npv_usd())) else {
        return "no use to compare".into();
    };
    let drawn = report.monte_carlo.as_ref().and_then(|drawn| {
        let of = drawn.uses.iter().find(|of| of.kind == best.kind)?;
        let share = Value::Chance(of.best);
        Some(format!("; it is best in {share} of the draws"))
    });
    format!(
        "at the values above {} is worth most: {} of net present value (NPV){}",
        best.title,
        Value::Dollars(best.npv_usd()),
        drawn.unwrap_or_default()
    )
}
