//! The effect on the network when the rigs stop.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::figure::{Figures, Named, Row};
use perwatt_site::network_impact::NetworkImpact;

use super::rows::row;
use crate::notes::Notes;
use crate::words::site as words;

/// The section of the network.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let parts: Vec<Markup> = report
        .network
        .iter()
        .map(|impact| part(impact, notes))
        .collect();
    html! {
        section id="network" {
            h2 { "What leaves the network" }
            p { (words::STATES) }
            @for part in parts { (part) }
        }
    }
}

fn part(impact: &NetworkImpact, notes: &mut Notes) -> Markup {
    let leaving: Vec<Markup> = impact
        .leaving
        .list()
        .into_iter()
        .map(|named| row(&columns(&[named]), notes))
        .collect();
    let states: Vec<Markup> = impact
        .states()
        .map(|states| row(&columns(&states), notes))
        .collect();
    html! {
        h3 { "Without " (impact.title) }
        div.wide { table {
            thead { tr {
                th scope="col" { "what leaves" } th scope="col" { "unit" } th.n scope="col" { "figure" }
            } }
            tbody { @for row in leaving { (row) } }
        } }
        div.wide { table {
            thead { tr {
                th scope="col" { "what that makes of it" } th scope="col" { "unit" }
                th.n scope="col" { "before" } th.n scope="col" { "all off" }
                th.n scope="col" { "retired only" }
            } }
            tbody { @for row in states { (row) } }
        } }
    }
}

/// A row of figures that have the same name.
fn columns<'a>(all: &[Named<'a>]) -> Row<'a> {
    Row {
        first: all[0],
        cells: all.iter().map(|named| Some(named.figure)).collect(),
    }
}
