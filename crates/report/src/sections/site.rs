//! The page of a site.

use maud::{Markup, html};
use perwatt_site::SiteReport;

use crate::notes::Notes;
use crate::render::html::{page_with, render};
use crate::views::site::blocks;

/// The parameter with the day that a scenario begins with.
const START: &str = "site.start";

/// The page of a site, with a lead and notes.
pub fn page(report: &SiteReport) -> String {
    let title = title(report);
    let lead = "What a site's power earns in each use. The raised letter after a figure says what the \
                weakest thing is that it rests on; a raised number leads to a note at the end.";
    page_with(&title, lead, &blocks(report, true))
}

/// The title: the scenario and the day that it begins with.
fn title(report: &SiteReport) -> String {
    let name = &report.settings.name;
    let mut inputs = report.inputs.iter();
    match inputs.find(|input| input.key == START) {
        Some(start) => format!("{name} \u{b7} {}", start.value),
        None => name.clone(),
    }
}

/// The site as a part of another page.
pub fn article(report: &SiteReport, notes: &mut Notes) -> Markup {
    html! { article id="site" { (render(&blocks(report, true), notes)) } }
}
