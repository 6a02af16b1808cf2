//! Joules of each row, one table for each meter: what it covers, where it comes from,
//! how good it is.

use maud::{Markup, html};
use perwatt_power::MeterInfo;
use perwatt_record::Record;
use perwatt_record::schema::{Entry, SummaryEnergy, Term, word};
use perwatt_record::work::EnergyUnit;

use super::results::interval;
use super::rows;
use crate::notes::Notes;
use crate::svg::dot::{self, Dot, Frame};
use crate::units::{Scale, percent, significant};

/// The section.
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
    let lines: Vec<Markup> = figures
        .iter()
        .map(|(entry, figure)| line(entry, figure, notes))
        .collect();
    let idle = figures.iter().find_map(|(_, figure)| figure.idle.as_ref());
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
                    None => "nobody states it",
                }
            }
            @if let Some(period) = meter.update_period_s { dt { "Updates every" } dd { (significant(period)) " s" } }
            @if let Some(idle) = idle {
                dt { "Idle machine" }
                dd { (significant(idle.power_w)) " W \u{b1}" (percent(idle.relative_uncertainty, 1)) }
            }
            @for note in &meter.notes { dt { "Note" } dd { (note) } }
        }
        @if figures.is_empty() {
            p { "Not measured: no row has a figure by this meter." }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { "workload" } th.n scope="col" { "energy" }
                    th.n scope="col" { "95 % interval" } th.n scope="col" { "off by" }
                    th.n scope="col" { "net of idle" } th.n scope="col" { "power" }
                    th scope="col" { "grade" }
                } }
                tbody { @for line in lines { (line) } }
            } }
            (plots(&figures))
        }
    }
}

fn line(entry: &Entry, figure: &SummaryEnergy, notes: &mut Notes) -> Markup {
    let unit = EnergyUnit(entry.unit).per_tera();
    let mut marks = Vec::new();
    if let Some(needed) = figure.needed_window_s {
        marks.push(format!(
            "the meter is slow: a window of {} s would keep the error of its edges small",
            significant(needed)
        ));
    }
    let uncertainty = figure.uncertainty.as_ref();
    for (term, text) in [
        (
            Term::Gain,
            "nobody states this meter's scale error, so the figure is off by more than is shown",
        ),
        (
            Term::Edges,
            "nobody says how often this meter looks: the edges may cost more than is shown",
        ),
        (Term::Repeat, "of one run; how well runs agree is not known"),
    ] {
        if uncertainty.is_some_and(|u| u.unknown.contains(&term)) {
            marks.push(text.into());
        }
    }
    let marks = notes.marks(&marks);
    html! {
        tr {
            th scope="row" { (entry.id) }
            @match &figure.energy_per_unit_j {
                Some(energy) => {
                    @let scale = Scale::of(EnergyUnit::tera(energy.median));
                    @let number = |v: f64| scale.number(EnergyUnit::tera(v));
                    td.n { (scale.figure(EnergyUnit::tera(energy.median), &unit)) (marks) }
                    td.n { (interval(energy, number)) }
                    td.n {
                        @if let Some(u) = uncertainty {
                            @if !u.unknown.is_empty() { "\u{2265}" }
                            (percent(u.relative, 1))
                        }
                    }
                    td.n {
                        @match &figure.net_energy_per_unit_j {
                            Some(net) => { (scale.figure(EnergyUnit::tera(net.median), &unit)) }
                            None => "not measured",
                        }
                    }
                }
                None => { td.n { "not measured" (marks) } td {} td {} td {} }
            }
            td.n { @if let Some(power) = &figure.power_w { (significant(power.median)) " W" } }
            td { @if let Some(grade) = &figure.grade { (grade) } }
        }
    }
}

fn plots(figures: &[(&Entry, &SummaryEnergy)]) -> Markup {
    let mut units: Vec<_> = figures.iter().map(|(entry, _)| entry.unit).collect();
    units.sort_unstable();
    units.dedup();
    html! {
        @for unit in units {
            @let of_unit: Vec<Dot> = figures
                .iter()
                .filter(|(entry, _)| entry.unit == unit)
                .filter_map(|(entry, figure)| {
                    let energy = figure.energy_per_unit_j.as_ref()?;
                    let scale = Scale::of(EnergyUnit::tera(energy.median));
                    Some(Dot {
                        name: entry.id.clone(),
                        text: scale.figure(EnergyUnit::tera(energy.median), &EnergyUnit(unit).per_tera()),
                        value: EnergyUnit::tera(energy.median),
                        interval: energy.low.zip(energy.high).map(|(l, h)| [EnergyUnit::tera(l), EnergyUnit::tera(h)]),
                        range: Some([EnergyUnit::tera(energy.min), EnergyUnit::tera(energy.max)]),
                        hollow: false,
                    })
                })
                .collect();
            @let most = of_unit.iter().filter_map(|dot| Some(dot.range?[1])).fold(0.0, f64::max);
            @let scale = Scale::of(most);
            @let words: Vec<String> = of_unit.iter().map(|dot| format!("{}: {}", dot.name, dot.text)).collect();
            figure {
                (dot::plot(&Frame {
                    title: &format!("Energy in {}", EnergyUnit(unit).per_tera()),
                    words: &words.join("; "),
                    from: [0.0, 1.02 * most],
                    log: false,
                    tick: &|v| format!("{} {}", scale.short(v), scale.unit(&EnergyUnit(unit).per_tera())),
                    band: None,
                    line: None,
                }, &of_unit))
                figcaption { "Joules for 10\u{b9}\u{b2} " (unit) ", gross: less is better. The meter's scale error is not in the whiskers." }
            }
        }
    }
}
