//! Inputs: each value with its range, its kind of evidence, its source and its origin.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::report::Input;

use super::letter;
use crate::words::site::origin;

/// The section of the inputs.
pub fn section(report: &SiteReport) -> Markup {
    let used = report.inputs.iter().filter(|input| input.used).count();
    let mut last = "";
    let lines: Vec<Markup> = report
        .inputs
        .iter()
        .map(|input| {
            let section = input.key.split('.').next().unwrap_or(input.key);
            let heading = (section != last).then_some(section);
            last = section;
            html! {
                @if let Some(name) = heading {
                    tr.group { th colspan="6" scope="rowgroup" { (name) } }
                }
                (line(input))
            }
        })
        .collect();
    html! {
        section id="inputs" {
            h2 { "Inputs" }
            p {
                (report.inputs.len()) " parameters, of which figures above rest on " (used) ". "
                "Ranges are those of the sensitivity and of the draws; what has none stays where it is."
            }
            div.wide { table.inputs {
                thead { tr {
                    th scope="col" { "parameter" } th scope="col" { "value" } th scope="col" { "range" }
                    th scope="col" { "mark, source, date" } th scope="col" { "given by" }
                    th scope="col" { "used" }
                } }
                tbody { @for line in lines { (line) } }
            } }
        }
    }
}

fn line(input: &Input) -> Markup {
    let name = input
        .key
        .split_once('.')
        .map_or(input.key, |(_, name)| name);
    let unit = match input.unit {
        "date" => "",
        unit => unit,
    };
    html! {
        tr {
            th.w scope="row" { (name) br; span.small.soft { (input.about) } }
            td { (input.value) @if !unit.is_empty() { " " span.nb { (unit) } } (letter(input.source.evidence)) }
            td.w {
                @if let Some([low, high]) = &input.range {
                    (low) " to " (high)
                    @if !input.range_source.is_empty() { br; span.small.soft { (input.range_source) } }
                } @else { span.soft { "none" } }
            }
            td.w {
                b { (input.source.evidence.word()) } ": " (input.source.text)
                @if let Some(date) = &input.source.date { ", " (date) }
            }
            td { (origin(&input.origin)) }
            td { @if input.used { "yes" } @else { span.soft { "no" } } }
        }
    }
}
