//! Joules of each row, one table for each meter: its boundary, its provenance and its
//! accuracy.

use maud::{Markup, html};
use perwatt_power::MeterInfo;
use perwatt_record::Record;
use perwatt_record::schema::{Entry, SummaryEnergy, Unit, word};
use perwatt_record::work::EnergyUnit;

use super::rows;
use crate::doc::{Block, Dot, Plot, Tick, Value};
use crate::notes::Notes;
use crate::render::html::render;
use crate::units::{Scale, percent, significant};
use crate::views::session;

/// The section of energy.
pub fn section(record: &Record, notes: &mut Notes) -> Markup {
    let tables: Vec<Markup> = record
        .meters
        .iter()
        .enumerate()
        .map(|(index, meter)| table(record, index as u32, meter, notes))
        .collect();
    html! {
        h3 { "Energy" }
        @if record.meters.is_empty() {
            p { "Not measured: no meter was read." }
        }
        @for table in tables { (table) }
        @if !record.meters_unavailable.is_empty() {
            h4 { "Meters that could not be read" }
            ul.small {
                @for why in &record.meters_unavailable {
                    li {
                        (why.id) ": " (why.detail)
                        @if let Some(fix) = &why.fix { "; to change that: " (fix) }
                    }
                }
            }
        }
    }
}

fn table(record: &Record, index: u32, meter: &MeterInfo, notes: &mut Notes) -> Markup {
    let figures: Vec<(&Entry, &SummaryEnergy)> = rows(record)
        .filter_map(|(entry, row)| Some((entry, row.energy.iter().find(|e| e.meter == index)?)))
        .collect();
    let blocks = match figures.is_empty() {
        true => vec![Block::sentence(
            "Not measured: no row has a figure by this meter.",
        )],
        false => {
            let mut blocks = session::by_meter(record, index, meter);
            blocks.extend(plots(&figures));
            blocks
        }
    };
    let joined = record.joined.iter().find(|joined| joined.meter == index);
    html! {
        h4 { (meter.id) @if meter.provenance.is_estimate() { " (an estimate)" } }
        dl {
            dt { "What it is" } dd { (meter.description) }
            dt { "Boundary" } dd { (meter.boundary) ", gross" }
            dt { "Provenance" }
            dd {
                (word(&meter.provenance))
                @if meter.provenance.is_estimate() { ": an estimate, no measurement" }
                @if let Some(joined) = joined { ", added after the session from " (joined.source) }
            }
            @if !meter.domains.is_empty() { dt { "Sum of" } dd { (meter.domains.join(", ")) } }
            @if !meter.excluded_domains.is_empty() { dt { "Without" } dd { (meter.excluded_domains.join("; ")) } }
            dt { "Scale error" }
            dd {
                @match meter.gain_uncertainty_rel {
                    Some(gain) => { (percent(gain, 1)) " (k = 2)" }
                    None => "not specified",
                }
            }
            @if let Some(period) = meter.update_period_s { dt { "Updates every" } dd { (significant(period)) " s" } }
            @for note in &meter.notes { dt { "Note" } dd { (note) } }
        }
        (render(&blocks, notes))
    }
}

/// Plots, one for each unit of work.
fn plots(figures: &[(&Entry, &SummaryEnergy)]) -> Vec<Block> {
    let mut units: Vec<Unit> = figures.iter().map(|(entry, _)| entry.unit).collect();
    units.sort_unstable();
    units.dedup();
    let of_unit = |unit: Unit| {
        let figures = figures.iter().filter(|(entry, _)| entry.unit == unit);
        let dots = figures.filter_map(|(entry, figure)| dot(entry, figure));
        plot(unit, dots.collect())
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

fn plot(unit: Unit, dots: Vec<Dot>) -> Block {
    let most = dots.iter().filter_map(|dot| Some(dot.range?[1]));
    let most = most.fold(0.0, f64::max);
    Block::Plot(Plot {
        title: format!("Energy in {}", EnergyUnit(unit).per_tera()),
        caption: format!(
            "Joules for 10\u{b9}\u{b2} {unit}, gross: less is better. The meter's scale error is not in the whiskers."
        ),
        dots,
        from: [0.0, 1.02 * most],
        log: false,
        tick: Tick::Scaled(Scale::of(most), EnergyUnit(unit).per_tera()),
        band: None,
        line: None,
    })
}
