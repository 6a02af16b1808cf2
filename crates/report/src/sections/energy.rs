//! Joules of each row, one table for each meter, and each meter's boundary, provenance and
//! accuracy.

use perwatt_power::MeterInfo;
use perwatt_record::Record;
use perwatt_record::schema::{Entry, SummaryEnergy, Unit, word};
use perwatt_record::work::EnergyUnit;

use super::rows;
use crate::doc::{Block, Dot, Fact, Plot, Tick, Value};
use crate::units::{Scale, percent, significant};
use crate::views::session;

/// The tables of all meters.
pub fn tables(record: &Record) -> Vec<Block> {
    let mut out = vec![Block::section("Energy")];
    if record.meters.is_empty() {
        out.push(Block::sentence("Not measured: no meter was read."));
    }
    for (index, meter) in (0..).zip(&record.meters) {
        match figures(record, index).next() {
            Some(_) => out.extend(session::by_meter(record, index, meter)),
            None => out.push(Block::Sentence(format!(
                "Not measured by {}: no row has a figure by this meter.",
                meter.id
            ))),
        }
    }
    out
}

/// The figures by a meter, each with its entry.
fn figures(record: &Record, meter: u32) -> impl Iterator<Item = (&Entry, &SummaryEnergy)> {
    rows(record).filter_map(move |(entry, row)| {
        Some((entry, row.energy.iter().find(|e| e.meter == meter)?))
    })
}

/// The plots of all meters.
pub fn plots(record: &Record) -> Vec<Block> {
    let meters = (0..).zip(&record.meters);
    let plots = meters.flat_map(|(index, meter)| {
        let figures: Vec<_> = figures(record, index).collect();
        by_unit(&figures, &meter.id)
    });
    plots.collect()
}

/// Each meter in words, and the meters that could not be read.
pub fn details(record: &Record) -> Vec<Block> {
    let meters = (0..).zip(&record.meters);
    let mut out: Vec<Block> = meters
        .map(|(i, meter)| of_meter(record, i, meter))
        .collect();
    let unread = record.meters_unavailable.iter().map(|why| {
        let fix = why.fix.as_ref();
        let fix = fix.map_or(String::new(), |fix| format!("; to change that: {fix}"));
        format!("{}: {}{fix}", why.id, why.detail)
    });
    let unread: Vec<String> = unread.collect();
    if !unread.is_empty() {
        out.push(Block::Details {
            title: "Meters that could not be read".into(),
            blocks: vec![Block::List(unread)],
        });
    }
    out
}

fn of_meter(record: &Record, index: u32, meter: &MeterInfo) -> Block {
    let joined = record.joined.iter().find(|joined| joined.meter == index);
    let joined = joined.map_or(String::new(), |joined| {
        format!(", added after the session from {}", joined.source)
    });
    let estimate = match meter.provenance.is_estimate() {
        true => ": an estimate, no measurement",
        false => "",
    };
    let gain = meter.gain_uncertainty_rel;
    let gain = gain.map_or("not specified".into(), |gain| {
        format!("{} (k = 2)", percent(gain, 1))
    });
    let mut facts = vec![
        Fact::new("What it is", &meter.description),
        Fact::new("Boundary", format!("{}, gross", meter.boundary)),
        Fact::new(
            "Provenance",
            format!("{}{estimate}{joined}", word(&meter.provenance)),
        ),
    ];
    let domains = [
        ("Sum of", &meter.domains),
        ("Without", &meter.excluded_domains),
    ];
    for (name, domains) in domains.iter().filter(|(_, domains)| !domains.is_empty()) {
        facts.push(Fact::new(*name, domains.join("; ")));
    }
    facts.push(Fact::new("Scale error", gain));
    if let Some(period) = meter.update_period_s {
        let period = format!("{} s", significant(period));
        facts.push(Fact::new("Updates every", period));
    }
    facts.extend(meter.notes.iter().map(|note| Fact::new("Note", note)));
    Block::Details {
        title: format!("Meter {}", meter.id),
        blocks: vec![Block::Facts(facts)],
    }
}

/// Plots, one for each unit of work.
fn by_unit(figures: &[(&Entry, &SummaryEnergy)], meter: &str) -> Vec<Block> {
    let mut units: Vec<Unit> = figures.iter().map(|(entry, _)| entry.unit).collect();
    units.sort_unstable();
    units.dedup();
    let of_unit = |unit: Unit| {
        let figures = figures.iter().filter(|(entry, _)| entry.unit == unit);
        let dots = figures.filter_map(|(entry, figure)| dot(entry, figure));
        plot(unit, meter, dots.collect())
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

fn plot(unit: Unit, meter: &str, dots: Vec<Dot>) -> Block {
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
