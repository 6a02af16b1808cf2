//! All uses in one table: a row for each line, a column for each use.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::line::{Line, Row, side_by_side};

use super::legend;
use super::rows;
use crate::notes::Notes;

/// The section.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let columns: Vec<&[Line]> = report.uses.iter().map(|of| of.lines.as_slice()).collect();
    let all = side_by_side(&columns);
    let width = report.uses.len() + 2;
    let mut last = "";
    let lines: Vec<Markup> = all
        .iter()
        .map(|row| {
            let group = group(row.first.id);
            let heading = (group != last).then_some(group);
            last = group;
            html! {
                @if let Some(name) = heading {
                    tr.group { th colspan=(width) scope="rowgroup" { (name) } }
                }
                (rows::row(row, notes))
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
                    tbody { @for row in &all { tr {
                        th scope="row" { (row.first.label.trim()) }
                        td.w { (row.first.formula) }
                        td.w { (rests_on(row)) }
                    } } }
                } }
            }
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
