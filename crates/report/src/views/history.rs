//! Machines over time: each session against all sessions since the last change.

use perwatt_compare::decline::SessionTrend;
use perwatt_compare::history::{Machine, Point, Row, Step};
use perwatt_compare::{History, Verdict};

use crate::cells::{Style, spread};
use crate::doc::{Block, Cell, Column, Dot, Grid, Plot, Tick, Tone, Value};
use crate::page::titled;
use crate::phrases;

/// The blocks of the history.
pub fn blocks(history: &History) -> Vec<Block> {
    let mut out = Vec::new();
    for machine in &history.machines {
        out.push(Block::section(heading(machine, history)));
        out.push(Block::Grid(grid(machine)));
        out.extend(machine.rows.iter().filter_map(plot));
    }
    out.push(Block::Space);
    out.push(Block::List(vec![
        format!(
            "each session against all since the last change, which BETTER! and WORSE! mark; sessions that differ alike are compared together; HERE: of this session only, since too few sessions show their scatter; WORSENS and IMPROVES: a trend over all since the last change; false-alarm rate {} for each row; margin {} %",
            history.alpha,
            100.0 * history.margin
        ),
        phrases::checked(history.checked, &history.skipped),
    ]));
    let specimens = history.machines.iter().map(|machine| &*machine.specimen);
    let same = phrases::one_machine_ids(specimens);
    out.extend((!same.is_empty()).then_some(Block::List(same)));
    out
}

/// The title of a page: the machines and the days of their sessions.
pub fn title(history: &History) -> String {
    let machines = history.machines.iter().map(|of| of.name.clone());
    let rows = history.machines.iter().flat_map(|of| &of.rows);
    let times = rows.flat_map(|row| row.points.iter().map(|of| of.started_utc.as_str()));
    let ends = [times.clone().min(), times.max()].map(Option::unwrap_or_default);
    titled(&machines.collect(), ends)
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
        grid.group(name(row));
        let style = style(row);
        let newest = row.points.len() - 1;
        for (i, point) in row.points.iter().enumerate() {
            grid.row(cells(row, point, i == newest, &style));
        }
    }
    grid
}

/// The figures of a row over its sessions; `None` for fewer than two.
fn plot(row: &Row) -> Option<Block> {
    let style = style(row);
    let dot = |point: &Point| {
        let figure = point.figure.as_ref()?;
        let ends = |ends: [f64; 2]| ends.map(|end| row.unit.quoted(end));
        let word = point.step.as_ref().map_or("", |step| step.verdict.word());
        let text = format!("{} {word}", style.figure(figure.median));
        Some(Dot {
            name: when(point),
            text: text.trim_end().to_owned(),
            value: row.unit.quoted(figure.median),
            interval: figure.interval.map(ends),
            range: Some(ends(figure.range)),
            hollow: figure.estimate,
        })
    };
    let dots: Vec<Dot> = row.points.iter().filter_map(dot).collect();
    let ends = || dots.iter().filter_map(|dot| dot.range).flatten();
    let low = ends().fold(f64::INFINITY, f64::min);
    let high = ends().fold(f64::NEG_INFINITY, f64::max);
    let room = 0.05 * (high - low);
    (dots.len() > 1).then(|| {
        Block::Plot(Plot {
            title: format!("{}, in {}", name(row), style.unit()),
            caption: "Median of each session, its 95 % interval, and all its runs in grey.".into(),
            from: [low - room, high + room],
            log: false,
            tick: Tick::Scaled(style.scale()),
            band: None,
            line: None,
            dots,
        })
    })
}

/// What a row is of.
fn name(row: &Row) -> String {
    format!(
        "{} of {} on {} by {}",
        row.metric.name(),
        row.name,
        row.device,
        row.backend
    )
}

/// The start of a session, to the minute.
fn when(point: &Point) -> String {
    let minute = point.started_utc.get(..16).unwrap_or(&point.started_utc);
    minute.replace('T', " ")
}

fn style(row: &Row) -> Style {
    let first = row.points.iter().find_map(|point| point.figure.as_ref());
    let size = first.map_or(0.0, |figure| figure.median);
    Style::new(row.unit, size)
}

fn cells(row: &Row, point: &Point, newest: bool, style: &Style) -> [Cell; 6] {
    let figure = point.figure.as_ref();
    let step = point.step.as_ref();
    let trend = row.trend.as_ref().filter(|_| newest);
    let verdict = match (step, figure) {
        (Some(step), _) => verdict(step, trend),
        (None, Some(_)) => "first".into(),
        (None, None) => Cell::empty(),
    };
    let interval = step.and_then(|step| step.interval);
    let changes = step.map(changes).unwrap_or_default();
    let remedy = step.filter(|_| newest && trend.is_none());
    let remedy = remedy.and_then(|step| step.remedy);
    let sides = ["the earlier level", "this level"];
    let remedy = remedy.map(|of| phrases::remedy(of, 0.0, sides));
    [
        when(point).into(),
        figure.map_or("N/A".into(), |figure| style.figure(figure.median).into()),
        figure.map(spread).into(),
        step.map(|step| Value::Ratio(step.ratio)).into(),
        interval.map(Value::Ratios).into(),
        verdict.notes(
            trend
                .map(phrases::trend)
                .into_iter()
                .chain(point.notes.iter().cloned())
                .chain(changes)
                .chain(remedy),
        ),
    ]
}

/// The verdict of a step. A change is marked with `!`: later sessions are compared with the
/// sessions from there on. A trend takes the place of an open verdict.
fn verdict(step: &Step, trend: Option<&SessionTrend>) -> Cell {
    let tone = |worse| match worse {
        true => Tone::from(Verdict::Worse),
        false => Tone::from(Verdict::Better),
    };
    let word = step.verdict.word();
    match trend.map(|trend| (phrases::trend_word(trend), tone(trend.worse))) {
        Some((of_trend, tone)) if step.verdict.is_open() => Cell::toned(of_trend, tone),
        Some((of_trend, tone)) => Cell::toned(format!("{word}, {of_trend}"), tone),
        None if step.verdict.is_change() => {
            Cell::toned(format!("{word}!"), Tone::from(step.verdict))
        }
        None => Cell::verdict(step.verdict),
    }
}

/// Notes on a step: the session that a change began with, and the settings that changed with
/// it.
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
        true => {
            notes.push("nothing else that records hold changed with it in all its sessions".into())
        }
        false => notes.push(format!("changed with it: {}", differs.join("; "))),
    }
    notes
}
