//! Many sessions at a glance: a row each, with the best figure in each workload.

use std::collections::BTreeMap;

use perwatt_compare::Metric;
use perwatt_compare::session::{Row, Session};
use perwatt_record::cost::Cost;
use perwatt_record::work::{EnergyUnit, Work};
use perwatt_stats::median;

use crate::doc::{Block, Cell, Column, Grid, Mark, Tone, Value};
use crate::dollars;
use crate::units::counted;
use crate::views::session::tags;

/// The distance from the best figure of a column that is one shade lighter.
const SHADE: f64 = 0.02;
/// The number of shades.
const SHADES: f64 = 5.0;

/// A figure of a session: the median of its runs.
struct Figure<'a> {
    work: Work,
    /// The boundary of joules, as a heading has it; empty for a rate.
    boundary: String,
    median: f64,
    row: &'a Row,
}

impl Figure<'_> {
    /// The share of the better of two figures that this one reaches.
    fn reaches(&self, best: f64) -> f64 {
        match self.row.metric.higher_is_better() {
            true => self.median / best,
            false => best / self.median,
        }
    }

    /// What it costs by the price and the rent of its session.
    fn cost(&self, session: &Session) -> Option<Cost> {
        if self.row.metric != Metric::Rate {
            return None;
        }
        let tokens = self.row.key.tokens_per_unit();
        let cost = (session.stated).cost(self.work.unit(), self.median, tokens);
        (!cost.is_empty()).then_some(cost)
    }

    /// The figure with its unit; one that rests on stated watts is marked.
    fn cell(&self, best: f64) -> Cell {
        let unit = self.work.unit();
        let shade = ((1.0 - self.reaches(best)) / SHADE).floor();
        let mut cell = match &self.row.meter {
            None => Cell::from(Value::rate(self.median, unit)),
            Some(meter) => {
                let value = EnergyUnit::tera(self.median);
                let cell = Cell::from(Value::figure(value, EnergyUnit(unit).per_tera()));
                let cell = cell.and(meter.id.clone());
                match meter.estimate {
                    true => cell.mark(Mark::Stated),
                    false => cell,
                }
            }
        };
        cell.shade = (shade < SHADES).then_some(shade as usize);
        cell
    }
}

/// The table of the sessions, machine by machine.
pub fn blocks(sessions: &[Session]) -> Vec<Block> {
    let mut sessions: Vec<&Session> = sessions.iter().collect();
    sessions.sort_by_cached_key(|of| {
        let machine = (of.machine_name.clone(), of.node.clone());
        (machine, of.started_utc.clone())
    });
    let found: Vec<BTreeMap<String, Figure<'_>>> = sessions.iter().map(|of| figures(of)).collect();
    // Of a workload's shapes, the one of the best figure.
    let mut best: BTreeMap<(&str, &str), (&str, f64)> = BTreeMap::new();
    for (title, figure) in found.iter().flatten() {
        let of = (figure.work.name(), figure.boundary.as_str());
        let most = best.entry(of).or_insert((title.as_str(), figure.median));
        if figure.reaches(most.1) > 1.0 {
            *most = (title.as_str(), figure.median);
        }
    }
    let first = ["machine", "session", "runs"].map(Column::left);
    let titles = best.values().map(|(title, _)| Column::right(*title));
    // Dollars come last: the table may be wider than the page.
    let costs = best.values().flat_map(|(title, _)| {
        let all = found.iter().zip(&sessions);
        all.filter_map(|(found, of)| Some((*title, found.get(*title)?.cost(of)?)))
    });
    let costs: Vec<(&str, Cost)> = costs.collect();
    let mut priced: Vec<&str> = costs.iter().map(|(title, _)| *title).collect();
    priced.dedup();
    let stated = sessions.iter().any(|of| !of.stated.is_empty());
    let money = stated.then(|| Column::left("price and rent"));
    let money = money.into_iter().chain(
        priced
            .iter()
            .map(|title| Column::left(format!("{title}, cost"))),
    );
    let mut grid = Grid::new(first.into_iter().chain(titles).chain(money));
    for (of, found) in sessions.iter().zip(&found) {
        let node = of.node.as_deref().map(|node| format!("{node}: "));
        let machine = format!("{}{}", node.unwrap_or_default(), of.machine_name);
        let started = of.started_utc.get(..16).unwrap_or(&of.started_utc);
        let mut session = Cell::from(started.replace('T', " ")).and(of.label.clone());
        session.parts.extend(Cell::from(tags(&of.tags)).parts);
        let runs = match of.complete {
            true => Cell::from(of.runs.to_string()),
            false => Cell::toned(format!("{}, incomplete", of.runs), Tone::Bad),
        };
        let figures = best.values().map(|(title, best)| {
            let figure = found.get(*title);
            Cell::from(figure.map(|figure| figure.cell(*best)))
        });
        let money = stated.then(|| Cell::from(dollars::stated(&of.stated)));
        let costs = priced.iter().map(|title| {
            let figure = found.get(*title);
            let cells = figure
                .and_then(|of_row| Some(dollars::cells(&of_row.cost(of)?, of_row.work.unit())));
            let parts = cells.into_iter().flatten().flat_map(|cell| cell.parts);
            Cell {
                parts: parts.collect(),
                ..Cell::empty()
            }
        });
        let head = [machine.into(), session, runs];
        grid.row(head.into_iter().chain(figures).chain(money).chain(costs));
    }
    let mut out = vec![
        Block::part("sessions", counted(sessions.len(), "session", "sessions")),
        Block::sentence(
            "Each figure is the median of the runs of the session's best verified row of that workload, \
             gross for joules, with their meter. The deeper the shade, the closer to the best session: a step \
             is 2 %, no shade is more than 10 % away. \u{2b7} stands for joules that are an estimate. \
             A page of one record has its details: perwatt report FILE.",
        ),
    ];
    out.extend(
        dollars::legend(costs.iter().map(|(_, cost)| cost))
            .into_iter()
            .map(Block::Sentence),
    );
    out.push(Block::Grid(grid));
    out
}

/// The best figure of a session in each workload, shape, metric and boundary, by the title
/// of its column.
fn figures(of: &Session) -> BTreeMap<String, Figure<'_>> {
    let mut out: BTreeMap<String, Figure<'_>> = BTreeMap::new();
    for row in of.rows.iter().filter(|row| row.barred.is_none()) {
        let values: Vec<f64> = row.values.iter().map(|(_, value)| *value).collect();
        let work = row.key.workload().and_then(|named| named.work());
        let (Some(work), Some(median)) = (work, median(&values)) else {
            continue;
        };
        let boundary = match (row.metric, row.key.held()) {
            (Metric::Rate, _) => String::new(),
            (Metric::Energy, Some(held)) => format!(", joules at {}", held.boundary),
            _ => continue,
        };
        let title = format!("{}{boundary}", row.name);
        let figure = Figure {
            work,
            boundary,
            median,
            row,
        };
        let better = |best: &Figure<'_>| figure.reaches(best.median) > 1.0;
        if out.get(&title).is_none_or(better) {
            out.insert(title, figure);
        }
    }
    out
}
