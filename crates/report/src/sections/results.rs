//! Rates: a table, and a plot for each unit of work.

use std::collections::BTreeMap;

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, Unit};

use super::rows;
use crate::doc::{Block, Dot, Plot, Tick, Value};
use crate::units::Scale;
use crate::views::session;

/// The table of the rates.
pub fn table(record: &Record) -> Vec<Block> {
    let mut out = vec![Block::section("Rates"), Block::Grid(session::rates(record))];
    out.extend(session::of_costs(record).into_iter().map(Block::Sentence));
    out
}

/// Plots, one for each unit of work.
pub fn plots(record: &Record) -> Vec<Block> {
    let mut by_unit: BTreeMap<Unit, Vec<(&Entry, &Interval)>> = BTreeMap::new();
    for (entry, row) in rows(record) {
        if let Some(figure) = &row.rate_per_s {
            by_unit.entry(entry.unit).or_default().push((entry, figure));
        }
    }
    let plots = by_unit.into_iter();
    plots.map(|(unit, figures)| plot(unit, &figures)).collect()
}

fn plot(unit: Unit, figures: &[(&Entry, &Interval)]) -> Block {
    let most = figures.iter().map(|(_, f)| f.max).fold(0.0, f64::max);
    let scale = Scale::of(most);
    let dots = figures.iter().map(|(entry, figure)| Dot {
        name: entry.id.clone(),
        text: Value::rate(figure.median, unit).to_string(),
        value: figure.median,
        interval: figure.low.zip(figure.high).map(|(low, high)| [low, high]),
        range: Some([figure.min, figure.max]),
        hollow: false,
    });
    Block::Plot(Plot {
        title: format!("Rates in {}", scale.unit(&format!("{unit}/s"))),
        caption: "Median of the runs, its 95 % interval, and all runs behind them in grey.".into(),
        dots: dots.collect(),
        from: [0.0, 1.02 * most],
        log: false,
        tick: Tick::Scaled(scale),
        band: None,
        line: None,
    })
}
