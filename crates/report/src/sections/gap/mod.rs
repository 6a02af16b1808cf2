//! A device against an ASIC and against accelerators: two axes, never one score.

mod arithmetic;
mod hashing;
mod plot;

use maud::{Markup, html};
use perwatt_gap::energy::{EnergyGap, Figure};

use crate::notes::Notes;
use crate::page::whole;
use crate::sections::left_out;
use crate::words::gap as words;

/// The page of a gap.
pub fn page(gap: &EnergyGap) -> String {
    let title = format!("perwatt: the gap to {}", words::name(gap));
    let lead = "How many times more an ASIC or an accelerator gets out of a joule and out of a \
                device. Each figure says what it rests on: measured, estimate, nameplate, sourced or \
                assumed.";
    let links = [
        ("#asic", "The other side"),
        ("#hashing", "Hashes"),
        ("#arithmetic", "Arithmetic"),
        ("#not", "Not measured"),
        ("#reading", "How to read it"),
    ]
    .map(|(to, name)| (to.to_owned(), name));
    whole(&title, lead, &links, &parts(gap), &Notes::default())
}

/// The same as a part of another page.
pub fn article(gap: &EnergyGap) -> Markup {
    html! {
        article id="gap" {
            h2 { "The gap to " (words::name(gap)) }
            (parts(gap))
        }
    }
}

fn parts(gap: &EnergyGap) -> Markup {
    html! {
        (left_out(&gap.skipped))
        (other_side(gap))
        (hashing::section(gap))
        (arithmetic::section(gap))
        (not_measured(gap))
        (reading())
    }
}

fn other_side(gap: &EnergyGap) -> Markup {
    let accelerators = words::accelerators(gap);
    html! {
        section id="asic" {
            h2 { "The other side" }
            dl {
                dt { (words::name(gap)) } dd { (words::asic(gap)) }
                dt { "its arithmetic" } dd { b { "0 FLOP" } ": " (gap.asic_arithmetic) }
                dt { "electricity" } dd { (words::price(gap)) }
            }
            @if !accelerators.is_empty() {
                h3 { "Accelerators" }
                ul.small { @for text in accelerators { li { (text) } } }
            }
        }
    }
}

/// A row of a table: a figure, its two intervals, and what it rests on.
fn line(name: &str, figure: &Figure, unit: &str, rests_on: &str) -> Markup {
    let [value, rerun, all] = words::cells(figure, unit);
    html! {
        tr {
            th scope="row" { (name) }
            td.n { (value) } td.n { (rerun) } td.n { (all) } td { (rests_on) }
        }
    }
}

/// A table of such rows.
fn table(lines: &Markup) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { "figure" } th.n scope="col" { "value" }
                th.n scope="col" { "re-runs" } th.n scope="col" { "in all" }
                th scope="col" { "rests on" }
            } }
            tbody { (lines) }
        } }
    }
}

/// Sentences that belong to a row.
fn texts(all: &[String]) -> Markup {
    html! { ul.small { @for text in all { li { (text) } } } }
}

/// What has no figure and why: rows without joules, rows and files that take no part.
fn not_measured(gap: &EnergyGap) -> Markup {
    let mut all: Vec<String> = Vec::new();
    for row in &gap.hashing {
        let why = words::no_hash_energy(row);
        all.extend(why.map(|why| format!("{}: {why}", words::title(&row.subject))));
    }
    for row in &gap.arithmetic {
        let why = words::no_energy(row);
        all.extend(why.map(|why| format!("{}: {why}", words::title(&row.subject))));
    }
    for row in &gap.left_out {
        all.push(format!("{} on {}: {}", row.name, row.device, row.reason));
    }
    for file in &gap.skipped {
        all.push(format!("{}: {}", file.path.display(), file.reason));
    }
    html! {
        section id="not" {
            h2 { "Not measured, and why" }
            @if all.is_empty() { p { "Every row has its joules, and none was left out." } }
            @else { (texts(&all)) }
        }
    }
}

fn reading() -> Markup {
    html! {
        section id="reading" {
            h2 { "How to read it" }
            p { (words::INTERVALS) }
            dl {
                dt { "measured" } dd { "by perwatt in an archived record, or by somebody who is named" }
                dt { "estimate" } dd { "joules that a device computes of its own state: no meter measured them" }
                dt { "nameplate" } dd { "what the maker says of the device" }
                dt { "sourced" } dd { "somebody else's figure, with the source and its date" }
                dt { "assumed" } dd { "given, or taken for granted" }
            }
        }
    }
}
