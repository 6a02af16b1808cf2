//! The uses of a site side by side, in figures and in pictures of their money.

use perwatt_site::figure::{Row, side_by_side};
use perwatt_site::outcome::Outcome;
use perwatt_site::stated::Course;
use perwatt_site::summary::Summary;
use perwatt_site::{SiteReport, Use};
use perwatt_table::Evidence;

use super::{figures, money};
use crate::doc::{Block, Cell, Column, Grid, Mark, Tone, Value};
use crate::phrases::site as phrases;

/// The blocks of the uses, with the name of the site as their heading and the verdict first.
pub fn blocks(report: &SiteReport) -> Vec<Block> {
    let settings = &report.settings;
    let mut out = vec![Block::part("uses", settings.name.as_str())];
    out.extend(settings.about.clone().map(Block::Sentence));
    out.push(Block::Verdict(
        phrases::tone(report.summary.verdict),
        phrases::verdict(&report.summary),
    ));
    out.push(Block::Grid(summary(&report.summary)));
    out.push(Block::sentence(phrases::COMPARED));
    let cautions = phrases::cautions(report).into_iter();
    out.extend(cautions.map(Block::Sentence));
    out.push(Block::section("the uses in figures"));
    out.push(Block::Sentence(format!(
        "hashprice {}{} per PH/s and day at the start",
        Value::Dollars(report.hashprice_usd_per_ph_day),
        phrases::mark(report.hashprice_evidence)
    )));
    out.push(Block::Facts(phrases::choices(settings)));
    out.push(Block::Grid(table(report)));
    let names = running(report);
    let names = names.map(|of| format!("{}: {}", of.kind.short(), of.title));
    out.push(Block::Sentence(names.collect::<Vec<_>>().join("; ")));
    out.push(Block::List(phrases::letters()));
    out.extend(money::waterfalls(running(report)));
    out.extend(money::payback(running(report).collect()));
    out
}

/// The uses with figures of running: all but a sale, whose only figure is in the summary.
fn running(report: &SiteReport) -> impl Iterator<Item = &Outcome> {
    report.uses.iter().filter(|of| of.kind != Use::SellNow)
}

/// Each use in a row: its value, how often it is best, and where that turns.
fn summary(of: &Summary) -> Grid {
    let mut grid = Grid::new([
        Column::left("use"),
        Column::right("NPV"),
        Column::right("over selling/year"),
        Column::right("best"),
        Column::left("turns at"),
    ]);
    for use_ in &of.uses {
        let tone = match use_.kind == of.best {
            true => Tone::Strong,
            false => Tone::Plain,
        };
        let sold = use_.kind == Use::SellNow;
        grid.row([
            Cell::toned(use_.kind.short(), tone),
            Cell::toned(Value::Dollars(use_.npv_usd), tone).mark(Mark::Evidence(use_.npv_evidence)),
            match sold {
                true => Cell::empty(),
                false => Cell::from(Value::Dollars(use_.annual_over_sell_usd))
                    .mark(Mark::Evidence(use_.annual_over_sell_evidence)),
            },
            use_.best_share.map(phrases::chance).into(),
            use_.turn.as_ref().map(phrases::turn).into(),
        ]);
    }
    grid
}

/// The uses in stated courses of price and hash rate.
pub fn courses(report: &SiteReport) -> Vec<Block> {
    let names = report.courses.iter().map(|of| of.name);
    let mut grid = figures::grid("use", names);
    for (i, of) in report.uses.iter().enumerate() {
        let npv = |course: &Course| Cell::from(Value::Dollars(course.uses[i].npv_usd));
        let cells = report.courses.iter().map(npv);
        grid.row([Cell::from(of.kind.short())].into_iter().chain(cells));
        if of.kind != Use::SellNow {
            let annual = |course: &Course| Value::Dollars(course.uses[i].annual_over_sell_usd);
            let cells = report.courses.iter().map(|course| annual(course).into());
            grid.sub_row([Cell::from("a year")].into_iter().chain(cells));
        }
    }
    vec![
        Block::part("courses", "NPV in stated courses of price and hash rate"),
        Block::Grid(grid),
        Block::Sentence(phrases::courses(&report.courses)),
    ]
}

/// Hosting at this site by each deal.
pub fn deals(report: &SiteReport) -> Vec<Block> {
    if report.deals.is_empty() {
        return Vec::new();
    }
    let mut grid = Grid::new([
        Column::left("deal"),
        Column::right("rent/kW-month"),
        Column::right("capital/MW"),
        Column::right("margin"),
        Column::right("years"),
        Column::right("NPV"),
    ]);
    // A deal's value rests on all that hosting rests on but its own terms.
    let lets = report
        .uses
        .iter()
        .filter(|of| matches!(of.kind, Use::Hosting | Use::Mixed));
    let weakest = lets.map(|of| of.evidence()[0]).max();
    let weakest = weakest.unwrap_or(Evidence::Assumed);
    for deal in &report.deals {
        let term = |key: &str| deal.terms.iter().find(|term| term.key == key);
        // What it does not publish is the scenario's, if the scenario takes this deal.
        let stated = |key: &str| {
            let mut inputs = report.inputs.iter().filter(|_| deal.hosting.is_some());
            inputs.find(|input| input.key == key)
        };
        let value = |key: &str, of: fn(f64) -> Value| match (term(key), stated(key)) {
            (Some(term), _) => Cell::from(of(term.value)).mark(Mark::Evidence(Evidence::Sourced)),
            (None, Some(input)) => {
                Cell::from(of(input.number)).mark(Mark::Evidence(input.source.evidence))
            }
            (None, None) => "-".into(),
        };
        grid.row([
            Cell::from(deal.id),
            value("hosting.rent_usd_per_kw_month", Value::Dollars),
            value("hosting.capex_usd_per_mw", Value::Dollars),
            value("hosting.noi_margin", Value::Amount),
            value("hosting.term_years", Value::Amount),
            deal.hosting
                .map_or("-".into(), |of| {
                    Cell::from(Value::Dollars(of.npv_usd)).mark(Mark::Evidence(weakest))
                })
                .notes(phrases::unpublished(deal)),
        ]);
    }
    let known = report.deals.iter().filter(|deal| deal.missing.is_empty());
    let known = known.filter_map(|deal| deal.hosting);
    let npv: Vec<f64> = known.map(|of| of.npv_usd).collect();
    let ends = [
        npv.iter().copied().fold(f64::INFINITY, f64::min),
        npv.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    ];
    vec![
        Block::part("deals", "hosting at this site by each deal"),
        Block::Grid(grid),
        Block::Sentence(format!(
            "{} over the deals whose rent, cost and margin are all published; one deal at a time, as \
             hosting.deal takes it: figures of two deals are never mixed{}. {}",
            Value::ends(ends, Value::Dollars),
            phrases::cut_off(report),
            phrases::sources(&report.deals)
        )),
    ]
}

fn table(report: &SiteReport) -> Grid {
    let uses = || running(report).map(|of| &of.figures);
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
    let mut grid = figures::grid("", running(report).map(|of| of.kind.short()));
    for (name, rows) in groups.iter().filter(|(_, rows)| !rows.is_empty()) {
        grid.group(*name);
        rows.iter().for_each(|row| figures::add(&mut grid, row));
    }
    grid
}
