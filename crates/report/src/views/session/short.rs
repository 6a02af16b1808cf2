//! A record in a screenful: the rates with the joules beside them, and the notes that fit.

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Summary, SummaryEnergy};

use super::energy::{self, by_words};
use super::rates;
use super::rows::{names, plus_minus, with_entries};
use crate::doc::{Block, Cell, Column, Grid, Value};
use crate::units::counted;

/// Bounds of a screenful.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most rows.
    pub rows: usize,
    /// The most notes.
    pub notes: usize,
}

/// A row with the joules that stand beside its rate.
struct Line<'a> {
    entry: &'a Entry,
    row: &'a Summary,
    joules: Option<&'a SummaryEnergy>,
}

/// The blocks of a record within these bounds: failures first where rows are left out, the
/// gravest notes first where notes are. What is left out is counted.
pub fn blocks(record: &Record, bounds: Bounds) -> Vec<Block> {
    let mut lines: Vec<Line> = with_entries(record)
        .map(|(entry, row)| Line {
            entry,
            row,
            joules: widest(record, row),
        })
        .collect();
    let rows = lines.len();
    if rows > bounds.rows {
        lines.sort_by_key(|line| line.row.verified);
        lines.truncate(bounds.rows);
    }
    let mut notes = notes(record, &lines);
    let found = notes.len();
    notes.truncate(bounds.notes);
    let mut out = super::head(record);
    out.push(Block::Space);
    out.push(Block::Grid(grid(record, &lines, &notes)));
    out.extend(meters(record, &lines));
    out.extend(super::trust(record));
    let left_out = [
        (rows - lines.len(), ["row", "rows"]),
        (found - notes.len(), ["note", "notes"]),
        (
            record.plan.skipped.len(),
            [
                "entry that was not measured",
                "entries that were not measured",
            ],
        ),
    ];
    let left_out = left_out.into_iter().filter(|(count, _)| *count > 0);
    let left_out: Vec<String> = left_out
        .map(|(count, [one, many])| counted(count, one, many))
        .chain(["intervals, uncertainties and the machine's state".into()])
        .collect();
    out.push(Block::Sentence(format!(
        "only in perwatt show: {}",
        left_out.join("; ")
    )));
    out
}

/// The joules of the largest part of the machine.
fn widest<'a>(record: &Record, row: &'a Summary) -> Option<&'a SummaryEnergy> {
    let rank = |of: &&SummaryEnergy| {
        let meter = record.meters.get(of.meter as usize);
        let boundary = meter.map(|meter| meter.boundary);
        boundary.map(|of| (of.at_wall(), of.covers_whole_machine()))
    };
    let known = row
        .energy
        .iter()
        .filter(|of| of.energy_per_unit_j.is_some());
    // Of equals the first.
    known.reduce(|kept, next| {
        if rank(&next) > rank(&kept) {
            next
        } else {
            kept
        }
    })
}

/// The meters of the lines, in order of first appearance.
fn used(lines: &[Line]) -> Vec<u32> {
    let mut all: Vec<u32> = Vec::new();
    for joules in lines.iter().filter_map(|line| line.joules) {
        if !all.contains(&joules.meter) {
            all.push(joules.meter);
        }
    }
    all
}

/// A sentence on each meter, or that there are no joules.
fn meters(record: &Record, lines: &[Line]) -> Vec<Block> {
    let used = used(lines);
    if used.is_empty() {
        let command = super::command(record);
        return vec![Block::Sentence(format!(
            "energy: not measured; perwatt doctor says why, and {command} --watts N states the power"
        ))];
    }
    let meters = used.into_iter();
    let known = meters.filter_map(|index| Some((index, record.meters.get(index as usize)?)));
    known
        .map(|(index, meter)| Block::Sentence(by_words(record, index, meter)))
        .collect()
}

/// All distinct notes, the gravest first.
fn notes(record: &Record, lines: &[Line]) -> Vec<String> {
    let grave = lines
        .iter()
        .flat_map(|of| rates::grave(record, of.entry, of.row));
    let of_joules = lines.iter().flat_map(|of| {
        let joules = of.joules.into_iter();
        joules.flat_map(|joules| energy::notes(record, of.row, joules))
    });
    let mild = lines
        .iter()
        .flat_map(|of| rates::mild(record, of.entry, of.row));
    let mut all: Vec<String> = Vec::new();
    for note in grave.chain(of_joules).chain(mild) {
        if !all.contains(&note) {
            all.push(note);
        }
    }
    all
}

fn grid(record: &Record, lines: &[Line], notes: &[String]) -> Grid {
    let mut grid = Grid::new([
        Column::left("workload"),
        Column::right("rate"),
        Column::right("95 %"),
        Column::right("energy"),
        Column::left("verified"),
    ]);
    let many = used(lines).len() > 1;
    for group in lines.chunk_by(|a, b| a.entry.workload.name == b.entry.workload.name) {
        let alone = group.len() == 1;
        if !alone {
            grid.group(group[0].entry.workload.name.as_str());
        }
        for line in group {
            let first = Cell::from(names(line.entry, alone).join(" "));
            let cells = [first].into_iter().chain(cells(record, line, notes, many));
            match alone {
                true => grid.outer_row(cells),
                false => grid.row(cells),
            }
        }
    }
    grid
}

fn cells(record: &Record, of: &Line, notes: &[String], many: bool) -> Vec<Cell> {
    let (entry, row) = (of.entry, of.row);
    let rate = [
        rates::grave(record, entry, row),
        rates::mild(record, entry, row),
    ];
    let rate = rate
        .concat()
        .into_iter()
        .filter(|note| notes.contains(note));
    let Some(figure) = &row.rate_per_s else {
        return vec![rates::none(row).notes(rate)];
    };
    let joules = of.joules.and_then(|joules| {
        let own = energy::notes(record, row, joules).into_iter();
        let cell = energy::figure(entry, joules)?;
        let meter = record.meters.get(joules.meter as usize);
        let cell = match meter.filter(|_| many) {
            Some(meter) => cell.and(meter.id.as_str()),
            None => cell,
        };
        Some(cell.notes(own.filter(|note| notes.contains(note))))
    });
    vec![
        Value::rate(figure.median, entry.unit).into(),
        plus_minus(figure, row.runs_pooled()),
        joules.unwrap_or_else(|| "-".into()),
        rates::verified(row).notes(rate),
    ]
}
