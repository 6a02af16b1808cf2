//! The price of power at which each use should stop, and the gain from stopping.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::figure::side_by_side;

use super::rows::row;
use crate::notes::Notes;
use crate::words::site as words;

/// The section of the stops.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let found = &report.curtailment;
    let rows: Vec<Markup> = side_by_side(found.uses.iter().map(|of| &of.figures))
        .iter()
        .map(|of| row(of, notes))
        .collect();
    html! {
        section id="stops" {
            h2 { "When each use should stop" }
            p { (words::covered(found)) }
            @if !rows.is_empty() {
                div.wide { table.uses {
                    thead { tr {
                        th scope="col" { "figure" } th scope="col" { "unit" }
                        @for of in &found.uses { th.n scope="col" { (of.title) } }
                    } }
                    tbody { @for row in rows { (row) } }
                } }
            }
        }
    }
}
