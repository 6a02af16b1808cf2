//! Joules of each row, one table for each meter: its boundary, its provenance and its
//! accuracy.

use perwatt_power::{Grade, MeterInfo, Provenance, Reason, Unavailable};
use perwatt_record::Record;
use perwatt_record::derive::missing_energy;
use perwatt_record::schema::{Entry, Summary, SummaryEnergy, Term, Uncertainty, word};
use perwatt_record::suite::LONGEST_WINDOW_S;
use perwatt_record::work::EnergyUnit;

use super::rows::{each, interval};
use crate::doc::{Block, Cell, Column, Grid, Item, Value};
use crate::units::{Scale, fixed, significant};

/// The tables of all meters, and the meters that could not be read.
pub fn blocks(record: &Record) -> Vec<Block> {
    let measured = record.summary.iter().any(|row| !row.energy.is_empty());
    let mut out = Vec::new();
    if !measured {
        out.push(Block::sentence("energy: not measured"));
    }
    for (index, meter) in record.meters.iter().enumerate() {
        out.extend(by_meter(record, index as u32, meter));
    }
    let mut rest = Vec::new();
    if record.meters.is_empty() && record.meters_unavailable.is_empty() {
        rest.push(Item::new("no meter was asked for"));
    }
    rest.extend(absent(record));
    if !measured {
        let command = super::command(record);
        rest.push(Item::new(format!(
            "to state the power yourself: perwatt {command} --watts N"
        )));
    }
    out.push(Block::Items(rest));
    out
}

/// Meters that could not be read: in full where a command would make them readable, else in
/// one line.
fn absent(record: &Record) -> Vec<Item> {
    let (locked, others): (Vec<&Unavailable>, Vec<&Unavailable>) = record
        .meters_unavailable
        .iter()
        .partition(|why| why.reason == Reason::NotPermitted);
    let locked = locked.into_iter().map(|why| {
        let item = Item::new(format!("{}: {}", why.id, why.detail));
        match &why.fix {
            Some(fix) => item.below(format!("to change that: {fix}")),
            None => item,
        }
    });
    let mut out: Vec<Item> = locked.collect();
    if !others.is_empty() {
        let ids: Vec<&str> = others.iter().map(|why| why.id.as_str()).collect();
        out.push(Item::new(format!(
            "cannot be read here: {}; perwatt doctor says why",
            ids.join(", ")
        )));
    }
    out
}

/// The reason that a row has no figure net of idle.
const NO_NET: &str = "net of idle: not measured: no idle baseline that this meter read, or none that is known well enough beside the load (--idle S takes longer ones)";

/// The figures of a meter, with a heading.
pub fn by_meter(record: &Record, index: u32, meter: &MeterInfo) -> Vec<Block> {
    let mut columns = vec![
        Column::left("workload"),
        Column::left("backend").fold(4),
        Column::right("energy"),
        Column::right("95 % interval").drop(3),
        Column::right("uncertainty"),
        Column::left("grade").drop(0),
    ];
    // A stated power is the same in every row and stands in the heading.
    if measures(meter) {
        columns.push(Column::right("net of idle").fold(2));
        columns.push(Column::right("power").fold(1));
    }
    let mut grid = Grid::new(columns);
    each(record, &mut grid, |entry, row| {
        match row.energy.iter().find(|energy| energy.meter == index) {
            Some(figures) => cells(record, entry, row, (meter, figures)),
            None => {
                let why = why_not(record, index, meter, row.entry);
                vec![Cell::from("not measured").note(why)]
            }
        }
    });
    let mut out = heading(record, index, meter);
    out.push(Block::Grid(grid));
    out
}

/// The figures by a meter.
fn figures_of(record: &Record, index: u32) -> impl Iterator<Item = &SummaryEnergy> {
    let all = record.summary.iter().flat_map(|row| &row.energy);
    all.filter(move |energy| energy.meter == index)
}

/// The boundary, provenance and grade of a meter, in a line.
pub(super) fn by_words(record: &Record, index: u32, meter: &MeterInfo) -> String {
    let estimate = match meter.provenance.is_estimate() {
        true => " (an estimate)",
        false => "",
    };
    let figures = || figures_of(record, index);
    let worst = figures().filter_map(|energy| energy.grade).max();
    let mut powers = figures().filter_map(|energy| energy.power_w.as_ref());
    let stated = match powers.next().filter(|_| !measures(meter)) {
        Some(power) => format!("{} W, ", significant(power.median)),
        None => String::new(),
    };
    format!(
        "energy by {}: {stated}boundary {}, provenance {}{estimate}, {}gross",
        meter.id,
        meter.boundary,
        word(&meter.provenance),
        worst.map_or_else(String::new, |grade| format!("grade {grade}, ")),
    )
}

/// What a meter is, its best grade where runs do not reach it, and its idle power.
fn heading(record: &Record, index: u32, meter: &MeterInfo) -> Vec<Block> {
    let figures = || figures_of(record, index);
    let worst = figures().filter_map(|energy| energy.grade).max();
    let mut items = Vec::new();
    let best = Grade::best(meter);
    if let Some(grade) = worst.filter(|grade| *grade > best) {
        items.push(Item::new(format!(
            "this meter can reach grade {best}; {grade} is what runs so short give"
        )));
    }
    if let Some(idle) = figures().find_map(|energy| energy.idle.as_ref()) {
        let when = match idle.stretches {
            1 => "once",
            _ => "before and after",
        };
        items.push(Item::new(format!(
            "idle: {} W \u{b1}{}, measured {when}",
            significant(idle.power_w),
            Value::Uncertainty(idle.relative_uncertainty)
        )));
    }
    vec![
        Block::Sentence(by_words(record, index, meter)),
        Block::Items(items),
    ]
}

/// True if the meter measures or models the power, so that it has an idle baseline.
fn measures(meter: &MeterInfo) -> bool {
    !matches!(meter.provenance, Provenance::User | Provenance::Nameplate)
}

fn cells(
    record: &Record,
    entry: &Entry,
    row: &Summary,
    (meter, figures): (&MeterInfo, &SummaryEnergy),
) -> Vec<Cell> {
    let notes = notes(record, row, figures);
    let Some(energy) = &figures.energy_per_unit_j else {
        return vec![Cell::from("not measured").notes(notes)];
    };
    let scale = Scale::of(EnergyUnit::tera(energy.median));
    let mut cells = vec![
        Cell::from(figure(entry, figures)).notes(notes),
        interval(energy, figures.runs, scale, EnergyUnit::tera(1.0)),
        figures.uncertainty.as_ref().map(uncertainty).into(),
        figures.grade.map(|grade| grade.to_string()).into(),
    ];
    if measures(meter) {
        let net = match &figures.net_energy_per_unit_j {
            Some(net) => {
                let cell = Cell::from(Value::Number(EnergyUnit::tera(net.median), scale));
                match figures.net_relative_uncertainty {
                    Some(off) => cell.and(format!("\u{b1}{}", Value::Uncertainty(off))),
                    None => cell,
                }
            }
            None => Cell::from("-").note(NO_NET),
        };
        let power = figures.power_w.as_ref();
        let power = power.map(|power| format!("{} W", significant(power.median)));
        cells.extend([net, power.into()]);
    }
    cells
}

/// The joules of a row for 10^12 units of its work.
pub(super) fn figure(entry: &Entry, figures: &SummaryEnergy) -> Option<Cell> {
    let tera = EnergyUnit::tera(figures.energy_per_unit_j.as_ref()?.median);
    Some(Value::figure(tera, EnergyUnit(entry.unit).per_tera()).into())
}

/// Notes on a figure.
pub(super) fn notes(record: &Record, row: &Summary, figures: &SummaryEnergy) -> Vec<String> {
    let mut notes = Vec::new();
    let pooled = row.runs_pooled();
    if figures.runs < pooled {
        let why = missing_energy(record, row.entry, figures.meter);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        notes.push(format!("joules of {} of {pooled} runs{why}", figures.runs));
    }
    if let Some(needed_s) = figures.needed_window_s {
        let error = Value::Uncertainty(record.config.protocol.energy_error_rel);
        notes.push(match needed_s.ceil() <= LONGEST_WINDOW_S {
            true => format!(
                "for an error of {error} from the edges of a window it needs --seconds {}",
                needed_s.ceil()
            ),
            false => format!(
                "the power varies too much for an error of {error} from the edges of a window: none of up to {LONGEST_WINDOW_S} s would do"
            ),
        });
    }
    for pair in &row.disagreements {
        if figures.meter != pair.inner && figures.meter != pair.outer {
            continue;
        }
        let name = |index: u32| {
            let meter = record.meters.get(index as usize);
            meter.map_or("", |meter| meter.id.as_str())
        };
        notes.push(format!(
            "meters disagree: {} says {} times what {} says, and their uncertainties allow {}; one of them is wrong",
            name(pair.inner),
            fixed(pair.ratio, 3),
            name(pair.outer),
            Value::Uncertainty(pair.allowed)
        ));
    }
    let runs = record.runs.iter().filter(|run| run.entry == row.entry);
    let mut series = runs.flat_map(|run| &run.energy);
    if series.any(|series| series.meter == figures.meter && !series.gaps.is_empty()) {
        notes.push("some of this meter's readings failed; figures span none of them, and the record says when and why".into());
    }
    notes
}

/// The relative uncertainty and its largest term: `3.1 % gain`.
fn uncertainty(of: &Uncertainty) -> Cell {
    let cell = Cell::from(match of.unknown.is_empty() {
        true => Value::Uncertainty(of.relative),
        false => Value::AtLeast(of.relative),
    });
    let cell = match of.dominant {
        Some(term) => cell.and(word(&term)),
        None => cell,
    };
    let unknown = [
        (
            Term::Gain,
            "this meter's scale error is not specified: the uncertainty is larger than shown",
        ),
        (
            Term::Edges,
            "this meter's update interval is unknown: the error of the window's edges may be larger than shown",
        ),
        (Term::Repeat, "of one run; how well runs agree is not known"),
    ];
    let known = unknown
        .into_iter()
        .filter(|(term, _)| of.unknown.contains(term));
    cell.notes(known.map(|(_, text)| text.to_owned()))
}

/// The reason that a row has no figure by this meter.
fn why_not(record: &Record, index: u32, meter: &MeterInfo, entry: u32) -> String {
    match missing_energy(record, entry, index) {
        Some(reason) => format!("{}: {reason}", meter.id),
        None => "no run gave a figure".into(),
    }
}
