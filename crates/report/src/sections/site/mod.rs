//! The uses of a site side by side, and the parameters that the answer depends on.

mod draws;
mod inputs;
mod network;
mod payback;
mod rows;
mod stops;
mod summary;
mod surface;
mod tornado;
mod waterfall;

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::settings::Use;
use perwatt_table::Evidence;

use crate::notes::Notes;
use crate::page::whole;
use crate::words::site as words;

/// The page of a site.
pub fn page(report: &SiteReport) -> String {
    let mut notes = Notes::default();
    let title = format!("perwatt: {}", report.settings.name);
    let lead = "What a site's power earns in each use. The letter in raised type after a figure says \
                what the weakest thing is that it rests on; a number there leads to a note at the end.";
    let mut links = vec![
        ("#uses", "Uses"),
        ("#waterfall", "Present value"),
        ("#payback", "Payback"),
        ("#surface", "Break-even"),
        ("#tornado", "Sensitivity"),
    ];
    links.extend(report.monte_carlo.iter().map(|_| ("#draws", "Draws")));
    links.extend([
        ("#stops", "Stopping"),
        ("#network", "Network"),
        ("#inputs", "Inputs"),
        ("#assumptions", "Assumptions"),
    ]);
    let links: Vec<(String, &str)> = links
        .into_iter()
        .map(|(to, name)| (to.to_owned(), name))
        .collect();
    let main = parts(report, &mut notes);
    whole(&title, lead, &links, &main, &notes)
}

/// The site as a part of another page.
pub fn article(report: &SiteReport, notes: &mut Notes) -> Markup {
    html! {
        article id="site" {
            h2 { (report.settings.name) }
            (parts(report, notes))
        }
    }
}

fn parts(report: &SiteReport, notes: &mut Notes) -> Markup {
    let summary = summary::section(report, notes);
    let stops = stops::section(report, notes);
    let network = network::section(report, notes);
    html! {
        (about(report))
        (summary)
        (waterfall::section(report))
        (payback::section(report))
        (surface::section(report))
        (tornado::section(report))
        @if let Some(drawn) = &report.monte_carlo { (draws::section(drawn)) }
        (stops)
        (network)
        (inputs::section(report))
        (assumptions(report))
    }
}

fn about(report: &SiteReport) -> Markup {
    html! {
        @if let Some(about) = &report.settings.about { p { (about) } }
        dl {
            dt { "hashprice of the first month" }
            dd { (crate::units::fixed(report.hashprice_usd_per_ph_day, 2)) " $/PH/day" }
            @for (name, value) in words::choices(&report.settings) { dt { (name) } dd { (value) } }
        }
    }
}

fn assumptions(report: &SiteReport) -> Markup {
    html! {
        section id="assumptions" {
            h2 { "Assumptions" }
            ul { @for text in words::assumptions(report) { li { (text) } } }
        }
    }
}

/// The letter of a kind of evidence; its meaning is the tooltip.
fn letter(evidence: Evidence) -> Markup {
    html! { sup.mark title=(words::meaning(evidence)) { (words::letter(evidence)) } }
}

/// The legend of the letters.
fn legend() -> Markup {
    html! {
        ul.legend.small {
            @for kind in words::EVIDENCE { li { b { (words::letter(kind)) } " " (words::meaning(kind)) } }
        }
    }
}

/// The index of the stroke of a use, the same in all pictures and scenarios.
fn stroke(kind: Use) -> usize {
    Use::ALL
        .iter()
        .position(|other| *other == kind)
        .unwrap_or(0)
}
