//! Risk: the sensitivity of the answer, the Monte Carlo draws, and the break-even of rigs.

use perwatt_site::SiteReport;

use perwatt_report::units::fixed;
use perwatt_report::words::site::{answer, percent, weakest};

use super::figures::{number, short_dollars as dollars};
use crate::output::gap::block::{Block, columns};
use crate::output::table::Align::{Left, Right};

/// The largest number of parameters that are listed; the others are counted.
const MOST: usize = 12;

/// All blocks of the risk.
pub fn blocks(report: &SiteReport) -> Vec<Block> {
    let mut all = tornado(report);
    all.extend(draws(report));
    all.extend(surface(report));
    all
}

fn tornado(report: &SiteReport) -> Vec<Block> {
    let mut all = vec![Block::Title(format!(
        "what moves the answer most: {}",
        answer(report.answer)
    ))];
    if report.tornado.is_empty() {
        all.push(Block::Text("no parameter with a range moves it".into()));
        return all;
    }
    let rows = report.tornado.iter().take(MOST).map(|swing| {
        let [low, high] = &swing.ends;
        let [at_low, at_high] = swing.npv_over_keep_usd;
        vec![
            swing.key.to_owned(),
            format!("{low}..{high}"),
            dollars(at_low),
            dollars(at_high),
        ]
    });
    all.push(Block::Grid {
        columns: columns(&[
            ("parameter", Left),
            ("range", Left),
            ("at its low", Right),
            ("at its high", Right),
        ]),
        rows: rows.collect(),
    });
    all.push(Block::Text(format!(
        "each parameter alone at both ends of its range; {}",
        weakest(report.answer_evidence)
    )));
    let rest = report.tornado.len().saturating_sub(MOST);
    if rest > 0 {
        all.push(Block::Text(format!("{rest} more move it less")));
    }
    all
}

fn draws(report: &SiteReport) -> Vec<Block> {
    let Some(drawn) = &report.monte_carlo else {
        return Vec::new();
    };
    let rows = drawn.uses.iter().map(|of| {
        let [low, _, middle, _, high] = of.npv_usd;
        let months = |at: usize| match of.payback_months[at] {
            Some(months) => fixed(months, 0),
            None => "never".into(),
        };
        vec![
            of.kind.short().to_owned(),
            dollars(middle),
            format!("{}..{}", dollars(low), dollars(high)),
            format!("{}..{}", months(0), months(2)),
            percent(of.pays),
            of.beats_keeping.map_or_else(String::new, percent),
            percent(of.best),
        ]
    });
    vec![
        Block::Title("with everything that has a range drawn at once".into()),
        Block::Grid {
            columns: columns(&[
                ("use", Left),
                ("median NPV", Right),
                ("5..95 %", Right),
                ("payback", Right),
                ("NPV > 0", Right),
                ("> keep", Right),
                ("best", Right),
            ]),
            rows: rows.collect(),
        },
        Block::Text(format!(
            "{} draws, seed {}: {} parameters, each by itself from the triangle over its range, which \
             is an assumption; payback in months, 5 to 95 % of draws; all figures assumed",
            drawn.draws, drawn.seed, drawn.parameters
        )),
    ]
}

fn surface(report: &SiteReport) -> Vec<Block> {
    let surface = &report.surface;
    let across = surface.efficiency_j_th.iter();
    let names: Vec<String> = across.map(|j_th| format!("{j_th}")).collect();
    let mut columns = columns(&[("$/MWh", Right)]);
    columns.extend(names.into_iter().map(|name| (name, Right)));
    let rows = surface.price_usd_per_mwh.iter().zip(&surface.hashprice);
    let rows = rows.map(|(price, row)| {
        let cells = row.iter().map(|hashprice| {
            let pays = if *hashprice <= surface.now { "*" } else { "" };
            format!("{}{pays}", fixed(*hashprice, 1))
        });
        [format!("{price}")].into_iter().chain(cells).collect()
    });
    vec![
        Block::Title("hashprice at which rigs of so many J/TH break even, $/PH/day".into()),
        Block::Grid {
            columns,
            rows: rows.collect(),
        },
        Block::Text(format!(
            "* runs at a profit at today's {}; with the scenario's PUE, pool fee and costs besides power; {}",
            number(surface.now),
            weakest(surface.evidence)
        )),
    ]
}
