//! All uses in one table: a row for each figure, a column for each use.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::figure::{Row, side_by_side};

use super::legend;
use super::rows;
use crate::notes::Notes;

/// The section of the summary.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let uses = || report.uses.iter().map(|of| &of.figures);
    let groups = [
        ("size", side_by_side(uses().map(|of| &of.size))),
        (
            "first twelve months that run",
            side_by_side(uses().map(|of| &of.first_year)),
        ),
        (
            "over the horizon",
            side_by_side(uses().map(|of| &of.horizon)),
        ),
        ("break-even", side_by_side(uses().map(|of| &of.break_even))),
    ];
    let width = report.uses.len() + 2;
    let lines: Vec<Markup> = groups
        .iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(name, rows)| {
            html! {
                tr.group { th colspan=(width) scope="rowgroup" { (name) } }
                @for row in rows { (rows::row(row, notes)) }
            }
        })
        .collect();
    let all = groups.iter().flat_map(|(_, rows)| rows);
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
                    tbody { @for row in all { tr {
                        th scope="row" { (row.first.figure.label) }
                        td.w { (row.first.figure.formula) }
                        td.w { (rests_on(row)) }
                    } } }
                } }
            }
        }
    }
}

/// The parameters that any cell of a row depends on.
fn rests_on(row: &Row) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for key in row.cells.iter().flatten().flat_map(|of| &of.from) {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    match keys.is_empty() {
        true => "nothing that is put in".into(),
        false => keys.join(", "),
    }
}
