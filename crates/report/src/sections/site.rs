//! The page of a site.

use maud::{Markup, html};
use perwatt_site::SiteReport;

use crate::notes::Notes;
use crate::render::html::{page_with, render};
use crate::views::site::blocks;

/// The page of a site, with a lead and notes.
pub fn page(report: &SiteReport) -> String {
    let title = format!("perwatt: {}", report.settings.name);
    let lead = "What a site's power earns in each use. The raised letter after a figure says what the \
                weakest thing is that it rests on; a raised number leads to a note at the end.";
    page_with(&title, lead, &blocks(report, true))
}

/// The site as a part of another page.
pub fn article(report: &SiteReport, notes: &mut Notes) -> Markup {
    html! { article id="site" { (render(&blocks(report, true), notes)) } }
}
