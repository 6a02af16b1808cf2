//! Machines over time: each session against all sessions since the last change.

use perwatt_compare::history::{Machine, Point, Row, Step};
use perwatt_compare::{History, Remedy};

use crate::cells::{Style, spread};
use crate::doc::{Block, Cell, Column, Grid, Tone, Value};
use crate::phrases;

/// The blocks of the history.
pub fn blocks(history: &History) -> Vec<Block> {
    let mut out: Vec<Block> = phrases::left_out(&history.skipped)
        .map(Block::Warning)
        .collect();
    for machine in &history.machines {
        out.push(Block::section(heading(machine, history)));
        out.push(Block::Grid(grid(machine)));
    }
    out.push(Block::Space);
    out.push(Block::List(vec![
        format!(
            "each session against all since the last change, which BETTER! and WORSE! mark; sessions that differ alike are compared together; HERE: of this session only, since too few sessions show their scatter; false-alarm rate {} for each row; margin {} %",
            history.alpha,
            100.0 * history.margin
        ),
        phrases::checked(history.checked).into(),
    ]));
    out
}

/// The machine: its model in words, its node, the key, and the specimen where machines of
/// the key are not told apart by the names of their nodes.
fn heading(machine: &Machine, history: &History) -> String {
    let digits = |text: &str| text.get(..8).unwrap_or(text).to_owned();
    let mut parts = vec![machine.name.clone()];
    parts.extend(machine.node.iter().map(|node| format!("node {node}")));
    parts.push(digits(&machine.key));
    let twin = |other: &&Machine| {
        (&other.key, &other.node) == (&machine.key, &machine.node)
            && other.specimen != machine.specimen
    };
    if history.machines.iter().any(|other| twin(&other)) {
        parts.push(match machine.specimen == machine.key {
            true => "specimen not recorded".into(),
            false => format!("specimen {}", digits(&machine.specimen)),
        });
    }
    parts.join(", ")
}

fn grid(machine: &Machine) -> Grid {
    let mut grid = Grid::new([
        Column::left("session"),
        Column::right("median"),
        Column::right("95 %").fold(0),
        Column::right("ratio"),
        Column::right("interval").fold(1),
        Column::left(""),
    ]);
    for row in &machine.rows {
        grid.group(format!(
            "{} of {} on {} by {}",
            row.metric.name(),
            row.name,
            row.device,
            row.backend
        ));
        let style = style(row);
        for point in &row.points {
            grid.row(cells(point, &style));
        }
    }
    grid
}

fn style(row: &Row) -> Style {
    let first = row.points.iter().find_map(|point| point.figure.as_ref());
    let size = first.map_or(0.0, |figure| figure.median);
    Style::new(row.unit, size)
}

fn cells(point: &Point, style: &Style) -> [Cell; 6] {
    let when = point.started_utc.get(..16).unwrap_or(&point.started_utc);
    let figure = point.figure.as_ref();
    let step = point.step.as_ref();
    let verdict = match (step, figure) {
        (Some(step), _) => verdict(step),
        (None, Some(_)) => "first".into(),
        (None, None) => Cell::empty(),
    };
    let interval = step.and_then(|step| step.interval);
    let changes = step.map(changes).unwrap_or_default();
    [
        when.replace('T', " ").into(),
        figure.map_or("N/A".into(), |figure| style.figure(figure.median).into()),
        figure.map(spread).into(),
        step.map(|step| Value::Ratio(step.ratio)).into(),
        interval.map(Value::Ratios).into(),
        verdict.notes(point.notes.iter().cloned().chain(changes)),
    ]
}

/// The verdict of a step. A change is marked with `!`: later sessions are compared with the
/// sessions from there on.
fn verdict(step: &Step) -> Cell {
    match step.verdict.is_change() {
        true => {
            let word = format!("{}!", step.verdict.word());
            Cell::toned(word, Tone::from(step.verdict))
        }
        false => Cell::verdict(step.verdict),
    }
}

/// Notes on a step: the session that a change began with, the settings that changed with
/// it, and the number of runs that a verdict needs.
fn changes(step: &Step) -> Vec<String> {
    let mut notes = Vec::new();
    let differs: Vec<String> = step
        .differs
        .iter()
        .map(|d| {
            let text = |v: &Option<String>| v.as_deref().unwrap_or("not read").to_owned();
            format!("{} from {} to {}", d.field, text(&d.base), text(&d.other))
        })
        .collect();
    if step.verdict.is_change() {
        let since = step.since_utc.get(..16).unwrap_or(&step.since_utc);
        notes.push(format!("since the session of {}", since.replace('T', " ")));
    }
    match differs.is_empty() {
        _ if !step.verdict.is_difference() => {}
        true => notes.push("nothing else that records hold changed with it".into()),
        false => notes.push(format!("changed with it: {}", differs.join("; "))),
    }
    let few = matches!(step.remedy, Some(Remedy::AtLeast { .. }));
    notes.extend(
        step.remedy
            .filter(|_| few)
            .map(|of| phrases::remedy(of, 0.0)),
    );
    notes
}
