//! The price of power at which each use should stop, and what that is worth.

use maud::{Markup, html};
use perwatt_gap::site::SiteReport;
use perwatt_gap::site::line::Line;

use super::letter;
use crate::notes::Notes;
use crate::words::site as words;
use crate::words::site::Style;

/// The section.
pub fn section(report: &SiteReport, notes: &mut Notes) -> Markup {
    let found = &report.curtailment;
    let longest = found.uses.iter().map(|of| &of.lines);
    let rows: Vec<Markup> = longest
        .max_by_key(|lines| lines.len())
        .into_iter()
        .flatten()
        .map(|first| {
            let cells: Vec<Option<&Line>> = found
                .uses
                .iter()
                .map(|of| of.lines.iter().find(|line| line.id == first.id))
                .collect();
            row(first, &cells, notes)
        })
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

/// A row of figures that share a label and a unit; a dash where a column has none of
/// it, the reason where it has one without a figure.
pub fn row(first: &Line, cells: &[Option<&Line>], notes: &mut Notes) -> Markup {
    let style = Style::of(
        cells.iter().flatten().filter_map(|line| line.value),
        first.unit,
    );
    let part = first.label.starts_with(' ');
    html! {
        tr {
            th.part[part] scope="row" { (first.label.trim()) }
            td.soft { (style.unit()) }
            @for cell in cells {
                @match cell {
                    Some(line) => (figure(line, &style, notes)),
                    None => td.n.soft { "\u{2013}" },
                }
            }
        }
    }
}

/// One of them.
pub fn figure(line: &Line, style: &Style, notes: &mut Notes) -> Markup {
    let note = line.note.as_ref().map(|note| notes.mark(note));
    html! {
        td.n title=(words::rests_on(line)) {
            @match line.value {
                Some(value) => { (style.number(value)) (letter(line.mark)) }
                None => { span.soft { "none" } }
            }
            @if let Some(note) = note { (note) }
        }
    }
}
