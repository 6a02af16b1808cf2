//! All uses in one table: a row for each line, a column for each use.

use maud::{Markup, html};
use perwatt_gap::site::SiteReport;
use perwatt_gap::site::line::Line;

use super::legend;
use super::stops::figure;
use crate::notes::Notes;
use crate::words::site::Style;

/// Lines of the same name and unit, one for each use that has it.
struct Row<'a> {
    first: &'a Line,
    cells: Vec<Option<&'a Line>>,
}

/// The section.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let rows = rows(report);
    let columns = report.uses.len() + 2;
    let mut last = "";
    let lines: Vec<Markup> = rows
        .iter()
        .map(|row| {
            let group = group(row.first.id);
            let heading = (group != last).then_some(group);
            last = group;
            html! {
                @if let Some(name) = heading {
                    tr.group { th colspan=(columns) scope="rowgroup" { (name) } }
                }
                (line(row, notes))
            }
        })
        .collect();
    html! {
        section id="uses" {
            h2 { "The uses side by side" }
            div.wide { table.uses {
                thead { tr {
                    th scope="col" { "figure" } th scope="col" { "unit" }
                    @for outcome in &report.uses { th.n scope="col" { (outcome.title) } }
                } }
                tbody { @for line in lines { (line) } }
            } }
            (legend())
            details {
                summary { "How each figure is computed" }
                div.wide { table.small {
                    thead { tr {
                        th scope="col" { "figure" } th scope="col" { "formula" } th scope="col" { "rests on" }
                    } }
                    tbody { @for row in &rows { tr {
                        th scope="row" { (row.first.label.trim()) }
                        td.w { (row.first.formula) }
                        td.w { (rests_on(row)) }
                    } } }
                } }
            }
        }
    }
}

/// Rows in the order of the lines: one that a former use does not have stands behind the
/// one that it follows in its own.
fn rows(report: &SiteReport) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for (column, outcome) in report.uses.iter().enumerate() {
        let mut next = 0;
        for line in &outcome.lines {
            let same = |row: &Row| {
                (row.first.id, row.first.label, row.first.unit) == (line.id, line.label, line.unit)
            };
            let place = rows.iter().position(same).unwrap_or_else(|| {
                let cells = vec![None; report.uses.len()];
                rows.insert(next, Row { first: line, cells });
                next
            });
            rows[place].cells[column] = Some(line);
            next = place + 1;
        }
    }
    rows
}

fn line(row: &Row, notes: &mut Notes) -> Markup {
    let values = row.cells.iter().flatten().filter_map(|line| line.value);
    let style = Style::of(values, row.first.unit);
    let part = row.first.label.starts_with(' ');
    let cells: Vec<Markup> = row
        .cells
        .iter()
        .map(|cell| match cell {
            Some(line) => figure(line, &style, notes),
            None => html! { td.n.soft { "\u{2013}" } },
        })
        .collect();
    let key = matches!(
        row.first.id,
        "npv_usd" | "npv_over_keep_usd" | "payback_months"
    );
    html! {
        tr.key[key] {
            th.part[part] scope="row" { (row.first.label.trim()) }
            td.soft { (style.unit()) }
            @for cell in cells { (cell) }
        }
    }
}

/// All parameters that any cell of a row rests on.
fn rests_on(row: &Row) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for key in row.cells.iter().flatten().flat_map(|line| &line.from) {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    match keys.is_empty() {
        true => "nothing that is put in".into(),
        false => keys.join(", "),
    }
}

/// What a line belongs to.
fn group(id: &str) -> &'static str {
    match id {
        "critical_mw" | "hashrate" | "accelerators" => "size",
        "capex_usd" | "months_to_power" | "payback_months" | "npv_usd" | "npv_over_keep_usd" => {
            "over the horizon"
        }
        id if id.starts_with("break_even") || id.starts_with("ties") => "break-even",
        _ => "first twelve months that run",
    }
}
