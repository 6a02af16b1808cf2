//! A row of a site's figures, the same in all its tables.

use maud::{Markup, html};
use perwatt_site::figure::{Figure, Row};

use super::letter;
use crate::notes::Notes;
use crate::words::site as words;
use crate::words::site::Style;

/// A row of figures that share a label and a unit. A dash stands where a column has no such
/// figure; a figure without a value has a note with the reason.
pub fn row(row: &Row, notes: &mut Notes) -> Markup {
    let Row { first, cells } = row;
    let style = Style::of(
        cells.iter().flatten().filter_map(|cell| cell.value),
        first.figure.unit,
    );
    let part = first.figure.detail;
    let key = matches!(first.id, "npv_usd" | "npv_over_keep_usd" | "payback_months");
    html! {
        tr.key[key] {
            th.part[part] scope="row" { (first.figure.label) }
            td.soft { (style.unit()) }
            @for cell in cells {
                @match cell {
                    Some(cell) => (figure(cell, &style, notes)),
                    None => td.n.soft { "\u{2013}" },
                }
            }
        }
    }
}

/// The cell of one figure.
fn figure(of: &Figure, style: &Style, notes: &mut Notes) -> Markup {
    let note = of.note.as_ref().map(|note| notes.mark(note));
    html! {
        td.n title=(words::rests_on(of)) {
            @match of.value {
                Some(value) => { (style.number(value)) (letter(of.evidence)) }
                None => { span.soft { "none" } }
            }
            @if let Some(note) = note { (note) }
        }
    }
}
