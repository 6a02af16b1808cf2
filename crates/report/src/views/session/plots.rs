//! Plots of a record's rates and joules.

use std::collections::BTreeMap;

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, SummaryEnergy, Unit};
use perwatt_record::work::EnergyUnit;

use super::rows::{figures, with_entries};
use crate::doc::{Block, Dot, Plot, Tick, Value};
use crate::units::Scale;

/// The plots of the rates, then those of the joules.
pub fn blocks(record: &Record) -> Vec<Block> {
    let mut out = rates(record);
    out.extend(energies(record));
    out
}

/// Plots of the rates, one for each unit of work.
fn rates(record: &Record) -> Vec<Block> {
    let mut by_unit: BTreeMap<Unit, Vec<(&Entry, &Interval)>> = BTreeMap::new();
    for (entry, row) in with_entries(record) {
        if let Some(figure) = &row.rate_per_s {
            by_unit.entry(entry.unit).or_default().push((entry, figure));
        }
    }
    let plots = by_unit.into_iter();
    plots.map(|(unit, figures)| rate(unit, &figures)).collect()
}

fn rate(unit: Unit, figures: &[(&Entry, &Interval)]) -> Block {
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

/// Plots of the joules by each meter.
fn energies(record: &Record) -> Vec<Block> {
    let meters = (0..).zip(&record.meters);
    let plots = meters.flat_map(|(index, meter)| {
        let figures: Vec<_> = figures(record, index).collect();
        by_unit(&figures, &meter.id)
    });
    plots.collect()
}

/// Plots, one for each unit of work.
fn by_unit(figures: &[(&Entry, &SummaryEnergy)], meter: &str) -> Vec<Block> {
    let mut units: Vec<Unit> = figures.iter().map(|(entry, _)| entry.unit).collect();
    units.sort_unstable();
    units.dedup();
    let of_unit = |unit: Unit| {
        let figures = figures.iter().filter(|(entry, _)| entry.unit == unit);
        let dots = figures.filter_map(|(entry, figure)| dot(entry, figure));
        energy(unit, meter, dots.collect())
    };
    units.into_iter().map(of_unit).collect()
}

fn dot(entry: &Entry, figure: &SummaryEnergy) -> Option<Dot> {
    let energy = figure.energy_per_unit_j.as_ref()?;
    let value = EnergyUnit::tera(energy.median);
    let ends = energy.low.zip(energy.high);
    Some(Dot {
        name: entry.id.clone(),
        text: Value::figure(value, EnergyUnit(entry.unit).per_tera()).to_string(),
        value,
        interval: ends.map(|(low, high)| [low, high].map(EnergyUnit::tera)),
        range: Some([energy.min, energy.max].map(EnergyUnit::tera)),
        hollow: false,
    })
}

fn energy(unit: Unit, meter: &str, dots: Vec<Dot>) -> Block {
    let most = dots.iter().filter_map(|dot| Some(dot.range?[1]));
    let most = most.fold(0.0, f64::max);
    let scale = Scale::of(most);
    Block::Plot(Plot {
        title: format!(
            "Energy in {} by {meter}",
            scale.unit(&EnergyUnit(unit).per_tera())
        ),
        caption: format!(
            "Joules for 10\u{b9}\u{b2} {unit}, gross: less is better. The meter's scale error is not in the whiskers."
        ),
        dots,
        from: [0.0, 1.02 * most],
        log: false,
        tick: Tick::Scaled(scale),
        band: None,
        line: None,
    })
}
