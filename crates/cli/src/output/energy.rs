//! Joules of each row, one table for each meter: what it covers, where it comes
//! from, how good it is.

use std::fmt::Write;

use perwatt_power::{Grade, MeterInfo, Reason};
use perwatt_record::Record;
use perwatt_record::derive::missing_energy;
use perwatt_record::schema::{Entry, Summary, SummaryEnergy, Term, Uncertainty, word};
use perwatt_record::work::EnergyUnit;

use super::plain;
use super::rows::{backend_cell, each, interval_cell, short_name};
use super::table::{Align, Table};
use super::units::{Scale, fixed, percent as of_hundred, significant};

/// The tables, ending in a newline.
pub fn render(record: &Record) -> String {
    let mut out = String::new();
    let measured = record.summary.iter().any(|row| !row.energy.is_empty());
    if !measured {
        out.push_str("energy: not measured\n");
    }
    for (index, meter) in record.meters.iter().enumerate() {
        out.push_str(&by_meter(record, index as u32, meter));
    }
    if record.meters.is_empty() && record.meters_unavailable.is_empty() {
        out.push_str("  no meter was asked for\n");
    }
    out.push_str(&absent(record));
    if !measured {
        out.push_str("  to state the power yourself: perwatt run --watts N\n");
    }
    out
}

/// What could not be read: in full where a command would change that, else in one
/// line.
fn absent(record: &Record) -> String {
    let mut out = String::new();
    let (locked, others): (Vec<_>, Vec<_>) = record
        .meters_unavailable
        .iter()
        .partition(|why| why.reason == Reason::NotPermitted);
    for why in locked {
        let _ = writeln!(out, "  {}: {}", plain(&why.id), plain(&why.detail));
        if let Some(fix) = &why.fix {
            let _ = writeln!(out, "    to change that: {}", plain(fix));
        }
    }
    if !others.is_empty() {
        let ids: Vec<String> = others.iter().map(|why| plain(&why.id)).collect();
        let _ = writeln!(
            out,
            "  cannot be read here: {}; perwatt doctor says why",
            ids.join(", ")
        );
    }
    out
}

fn by_meter(record: &Record, index: u32, meter: &MeterInfo) -> String {
    let mut table = Table::new(&[
        ("workload", Align::Left),
        ("backend", Align::Left),
        ("energy", Align::Right),
        ("95 % interval", Align::Right),
        ("off by", Align::Right),
        ("net of idle", Align::Right),
        ("power", Align::Right),
    ]);
    each(record, &mut table, |entry, row, table| {
        let mut cells = vec![short_name(entry), backend_cell(entry)];
        match row.energy.iter().find(|energy| energy.meter == index) {
            Some(figures) => cells.extend(figure_cells(record, entry, row, figures, table)),
            None => {
                let mark = table.note(&why_not(record, index, meter, row.entry));
                cells.push(format!("not measured{mark}"));
            }
        }
        cells
    });
    format!("{}{}", heading(record, index, meter), table.render())
}

/// What the meter's figures are, before any of them.
fn heading(record: &Record, index: u32, meter: &MeterInfo) -> String {
    let estimate = match meter.provenance.is_estimate() {
        true => " (an estimate)",
        false => "",
    };
    let figures = || {
        let all = record.summary.iter().flat_map(|row| &row.energy);
        all.filter(|energy| energy.meter == index)
    };
    let worst = figures().filter_map(|energy| energy.grade).max();
    let mut out = format!(
        "energy by {}: boundary {}, provenance {}{estimate}, {}gross\n",
        plain(&meter.id),
        meter.boundary,
        word(&meter.provenance),
        worst.map_or_else(String::new, |grade| format!("grade {grade}, ")),
    );
    let best = Grade::best(meter);
    if let Some(grade) = worst.filter(|grade| *grade > best) {
        let _ = writeln!(
            out,
            "  this meter can reach grade {best}; {grade} is what so short a session gives"
        );
    }
    if let Some(idle) = figures().find_map(|energy| energy.idle.as_ref()) {
        let when = match idle.stretches {
            1 => "once",
            _ => "before and after",
        };
        let _ = writeln!(
            out,
            "  idle: {} W \u{b1}{}, measured {when}",
            significant(idle.power_w),
            percent(idle.relative_uncertainty)
        );
    }
    out
}

fn figure_cells(
    record: &Record,
    entry: &Entry,
    row: &Summary,
    figures: &SummaryEnergy,
    table: &mut Table,
) -> Vec<String> {
    let Some(energy) = &figures.energy_per_unit_j else {
        return vec!["not measured".into()];
    };
    let scale = Scale::of(EnergyUnit::tera(energy.median));
    let number = |value: f64| scale.number(EnergyUnit::tera(value));
    let mut marks = String::new();
    if let Some(needed_s) = figures.needed_window_s {
        marks.push_str(&table.note(&format!(
            "the meter is slow: for an error of {} from its edges a window needs {} s (--seconds, --energy-error)",
            percent(record.config.protocol.energy_error_rel),
            significant(needed_s)
        )));
    }
    for pair in &row.disagreements {
        if figures.meter != pair.inner && figures.meter != pair.outer {
            continue;
        }
        let name = |index: u32| {
            let meter = record.meters.get(index as usize);
            meter.map_or_else(String::new, |meter| plain(&meter.id))
        };
        marks.push_str(&table.note(&format!(
            "meters disagree: {} says {} times what {} says, and their uncertainties allow {}; one of them is wrong",
            name(pair.inner),
            fixed(pair.ratio, 3),
            name(pair.outer),
            percent(pair.allowed)
        )));
    }
    let gaps: usize = record
        .runs
        .iter()
        .filter(|run| run.entry == row.entry)
        .flat_map(|run| &run.energy)
        .filter(|series| series.meter == figures.meter)
        .map(|series| series.gaps.len())
        .sum();
    if gaps > 0 {
        marks.push_str(&table.note(
            "some of this meter's readings failed; figures span none of them, and the record says when and why",
        ));
    }
    vec![
        format!(
            "{}{marks}",
            scale.figure(
                EnergyUnit::tera(energy.median),
                &EnergyUnit(entry.unit).per_tera()
            )
        ),
        interval_cell(energy, figures.runs, number, table),
        figures
            .uncertainty
            .as_ref()
            .map_or_else(String::new, |u| uncertainty_cell(u, table)),
        match &figures.net_energy_per_unit_j {
            Some(net) => {
                let off = figures.net_relative_uncertainty;
                let off = off.map_or_else(String::new, |u| format!(" \u{b1}{}", percent(u)));
                format!("{}{off}", number(net.median))
            }
            None => "-".into(),
        },
        figures
            .power_w
            .as_ref()
            .map_or_else(String::new, |p| format!("{} W", significant(p.median))),
    ]
}

/// `3.1 % gain`: the whole, and what most of it comes from.
fn uncertainty_cell(uncertainty: &Uncertainty, table: &mut Table) -> String {
    let mut marks = String::new();
    if uncertainty.unknown.contains(&Term::Gain) {
        marks.push_str(&table.note(
            "nobody states this meter's scale error, so the figure is off by more than is shown",
        ));
    }
    if uncertainty.unknown.contains(&Term::Edges) {
        marks.push_str(&table.note(
            "nobody says how often this meter looks, and its readings do not show it: the edges may cost more than is shown",
        ));
    }
    if uncertainty.unknown.contains(&Term::Repeat) {
        marks.push_str(&table.note("of one run; how well runs agree is not known"));
    }
    let more = match uncertainty.unknown.is_empty() {
        true => "",
        false => "\u{2265}",
    };
    let dominant = match uncertainty.dominant {
        Some(term) => format!(" {}", word(&term)),
        None => String::new(),
    };
    format!("{more}{}{dominant}{marks}", percent(uncertainty.relative))
}

fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p < 0.1 => "<0.1 %".into(),
        p if p < 10.0 => of_hundred(share, 1),
        _ => of_hundred(share, 0),
    }
}

/// The reason that a row has no figure by this meter.
fn why_not(record: &Record, index: u32, meter: &MeterInfo, entry: u32) -> String {
    match missing_energy(record, entry, index) {
        Some(reason) => format!("{}: {}", plain(&meter.id), plain(&reason.to_string())),
        None => "no run gave a figure".into(),
    }
}
