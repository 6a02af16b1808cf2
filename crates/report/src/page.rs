//! The HTML page: its parts, their order, and their style.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use perwatt_compare::Comparison;
use perwatt_gap::energy::EnergyGap;
use perwatt_record::Record;
use perwatt_site::SiteReport;

use crate::notes::Notes;
use crate::plain::is_unseen;
use crate::sections;

/// A record and its label on the page.
#[derive(Debug, Clone)]
pub struct Named {
    /// The label of the record on the page.
    pub label: String,
    /// The file that the record was read from.
    pub file: String,
    /// The verification failure of the record; `None` if everything in it was verified.
    pub wrong: Option<String>,
    /// The record with all its series.
    pub record: Record,
}

/// Additional parts of a page of records.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The distance of the records' devices from an ASIC and from accelerators.
    pub gap: Option<&'a EnergyGap>,
    /// The report of a site.
    pub site: Option<&'a SiteReport>,
}

/// The text below the title.
pub(crate) const LEAD: &str = "What a joule buys, measured by perwatt. Verdicts and warnings are in \
                               words; numbers in raised type lead to notes at the end.";

/// The page of these records, with their comparison and additional parts where given.
pub fn render(records: &[Named], comparison: Option<&Comparison>, beside: Beside<'_>) -> String {
    let mut notes = Notes::default();
    let title = title(records, comparison);
    let compared =
        comparison.map(|comparison| sections::comparison::section(comparison, &mut notes));
    let articles: Vec<Markup> = records
        .iter()
        .enumerate()
        .map(|(i, named)| article(i, named, &mut notes))
        .collect();
    let site = beside
        .site
        .map(|site| sections::site::article(site, &mut notes));
    let gap = beside
        .gap
        .map(|gap| sections::gap::article(gap, &mut notes));
    let mut links: Vec<(String, &str)> = match records.len() {
        0 | 1 => Vec::new(),
        _ => comparison
            .iter()
            .map(|_| ("#comparison".to_owned(), "Comparison"))
            .chain(
                records
                    .iter()
                    .enumerate()
                    .map(|(i, named)| (format!("#r{i}"), named.label.as_str())),
            )
            .collect(),
    };
    links.extend(beside.gap.map(|_| ("#gap".to_owned(), "The gap")));
    links.extend(beside.site.map(|_| ("#site".to_owned(), "The site")));
    let main = html! {
        @if let Some(compared) = compared { (compared) }
        @for article in articles { (article) }
        @if let Some(gap) = gap { (gap) }
        @if let Some(site) = site { (site) }
    };
    whole(&title, LEAD, &links, &main, &notes)
}

/// A page with this title: a lead, links to its parts, the parts, and their notes.
pub(crate) fn whole(
    title: &str,
    lead: &str,
    links: &[(String, &str)],
    main: &Markup,
    notes: &Notes,
) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    p.lead { (lead) }
                    @if !links.is_empty() {
                        nav { ul { @for (to, name) in links { li { a href=(to) { (name) } } } } }
                    }
                }
                main {
                    (main)
                    (notes.section())
                }
            }
        }
    };
    // Done last, on the whole page, so that no part can bypass it.
    page.into_string()
        .replace(|c| c != '\n' && is_unseen(c), "\u{fffd}")
}

fn title(records: &[Named], comparison: Option<&Comparison>) -> String {
    match (records, comparison) {
        ([one], None) => format!("perwatt: {}", one.label),
        (_, Some(comparison)) => {
            let labels: Vec<&str> = comparison
                .columns
                .iter()
                .map(|c| c.label.as_str())
                .collect();
            match labels.as_slice() {
                [] => "perwatt".into(),
                many if many.len() > 4 => format!("perwatt: {} compared", many.len()),
                few => format!("perwatt: {}", few.join(" against ")),
            }
        }
        (many, None) => format!("perwatt: {} records", many.len()),
    }
}

fn article(index: usize, named: &Named, notes: &mut Notes) -> Markup {
    let record = &named.record;
    html! {
        article id=(format!("r{index}")) {
            h2 { (named.label) }
            (sections::overview::section(named))
            (sections::results::section(record, notes))
            (sections::runs::section(record))
            (sections::timeline::section(record))
            (sections::roofline::section(record))
            (sections::energy::section(record, notes))
            (sections::environment::section(record))
        }
    }
}

/// Colours with enough contrast in the light and the dark scheme, also for red-green colour
/// blindness; no information is given by colour only.
const STYLE: &str = include_str!("style.css");
