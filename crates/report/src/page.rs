//! The HTML page: its parts, their order, and their style.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use perwatt_answer::Answer;
use perwatt_compare::Comparison;
use perwatt_compare::session::{Session, machine_name};
use perwatt_gap::energy::EnergyGap;
use perwatt_record::Record;
use perwatt_site::SiteReport;

use crate::doc::Block;
use crate::notes::Notes;
use crate::plain::is_unseen;
use crate::render::html::render as blocks;
use crate::sections;
use crate::units::{self, counted, day};
use crate::views::{answer, session, sessions};

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
    /// The answer for the machine of the records.
    pub answer: Option<&'a Answer>,
    /// Sessions that are too many to be shown as records: a row each.
    pub sessions: &'a [Session],
    /// The distance of the records' devices from an ASIC and from accelerators.
    pub gap: Option<&'a EnergyGap>,
    /// The report of a site.
    pub site: Option<&'a SiteReport>,
}

/// Stands between the parts of a title.
const BETWEEN: &str = " \u{b7} ";
/// The length of two days in words.
const DAYS: usize = "2026-11-24 to 2026-11-30".len();

/// The text below the title.
pub(crate) const LEAD: &str = "What a joule buys, measured by perwatt. Verdicts and warnings are in \
                               words; numbers in raised type lead to notes at the end.";

/// The page of these records, with their comparison and additional parts where given.
pub fn render(records: &[Named], comparison: Option<&Comparison>, beside: Beside<'_>) -> String {
    let mut notes = Notes::default();
    let mut main: Vec<Markup> = Vec::new();
    let mut links: Vec<(String, String)> = Vec::new();
    let mut link = |to: &str, name: &str| links.push((format!("#{to}"), name.to_owned()));
    if let Some(answer) = beside.answer {
        link("joule", "What it buys");
        main.push(blocks(&answer::joule(answer), &mut notes));
    }
    if !beside.sessions.is_empty() {
        link("sessions", "Sessions");
        main.push(blocks(&sessions::blocks(beside.sessions), &mut notes));
    }
    if let Some(comparison) = comparison {
        link("comparison", "Comparison");
        main.push(sections::comparison::section(comparison, &mut notes));
    }
    for (i, named) in records.iter().enumerate() {
        let title = match records {
            [_] => "Figures".to_owned(),
            _ => of_record(&named.record),
        };
        link(&format!("r{i}"), &format!("{title}: {}", named.label));
        main.push(article(i, &title, named, &mut notes));
    }
    if let Some(gap) = beside.gap {
        link("gap", "The gap");
        main.push(sections::gap::article(gap, &mut notes));
    }
    if let Some(site) = beside.site {
        link("site", "The site");
        main.push(sections::site::article(site, &mut notes));
    }
    if !records.is_empty() {
        link("details", "Details");
        main.push(details(records, &mut notes));
    }
    let main = html! { @for part in main { (part) } };
    let title = title(records, comparison, beside.sessions);
    whole(&title, &lead(records), &links, &main, &notes)
}

/// A page with this title: a lead, links to its parts, the parts, and their notes.
pub(crate) fn whole(
    title: &str,
    lead: &str,
    links: &[(String, String)],
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
                    h1 { (heading(title)) }
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

/// A title whose last part, the days, does not break.
fn heading(title: &str) -> Markup {
    match title.rsplit_once(BETWEEN) {
        Some((first, days)) if days.len() <= DAYS => {
            html! { (first) (BETWEEN) span.nb { (days) } }
        }
        _ => html! { (title) },
    }
}

/// The text below the title of a page of records: how many of them can be relied on.
fn lead(records: &[Named]) -> String {
    let sound = |of: &&Named| of.wrong.is_none() && of.record.complete;
    let sound = match (records.len(), records.iter().filter(sound).count()) {
        (0, _) => return LEAD.into(),
        (all, sound) if sound == all => "verified and complete".into(),
        (_, sound) => format!("{sound} verified and complete"),
    };
    let all = counted(records.len(), "session", "sessions");
    format!("{all}, {sound}. Numbers in raised type lead to notes at the end.")
}

/// The machines and the days of what the page shows.
fn title(records: &[Named], comparison: Option<&Comparison>, sessions: &[Session]) -> String {
    let mut machines = BTreeSet::new();
    let mut days = BTreeSet::new();
    for named in records {
        machines.insert(machine_name(&named.record));
        days.insert(day(started(&named.record)));
    }
    for of in sessions {
        machines.insert(of.machine_name.to_string());
        days.insert(day(&of.started_utc));
    }
    for of in comparison.iter().flat_map(|of| &of.columns) {
        machines.extend(of.machines.iter().cloned());
        days.extend([day(&of.first_utc), day(&of.last_utc)]);
    }
    let ends = [days.first(), days.last()].map(|day| day.copied().unwrap_or_default());
    titled(&machines, ends)
}

/// The title of a page: the machines and the days that it is of.
pub(crate) fn titled(machines: &BTreeSet<String>, ends: [&str; 2]) -> String {
    match named(machines) {
        Some(machines) => format!("{machines}{BETWEEN}{}", units::days(ends)),
        None => "perwatt".into(),
    }
}

/// One or two machines by their names, more by their number; `None` for none.
fn named(machines: &BTreeSet<String>) -> Option<String> {
    let names: Vec<&str> = machines.iter().map(String::as_str).collect();
    match names.len() {
        0 => None,
        1 | 2 => Some(names.join(" and ")),
        n => Some(format!("{n} machines")),
    }
}

/// The machine and the day of a record.
fn of_record(record: &Record) -> String {
    format!("{} \u{b7} {}", machine_name(record), day(started(record)))
}

fn started(record: &Record) -> &str {
    let first = record.session.segments.first();
    first.map_or("", |segment| &segment.started_utc)
}

fn article(index: usize, title: &str, named: &Named, notes: &mut Notes) -> Markup {
    let record = &named.record;
    let mut tables = vec![Block::section("Rates"), Block::Grid(session::rates(record))];
    tables.extend(session::of_costs(record).into_iter().map(Block::Sentence));
    tables.extend(sections::energy::tables(record));
    tables.extend(session::trust(record));
    tables.push(Block::section("Pictures"));
    tables.extend(session::plots(record));
    html! {
        article id=(format!("r{index}")) {
            h2 { (title) " " small { (named.label) } }
            (sections::overview::section(named))
            (blocks(&tables, notes))
            (sections::runs::section(record))
            (sections::roofline::section(record))
            (sections::timeline::section(record))
        }
    }
}

/// What only a close reader needs of the records, folded, at the end of the page.
fn details(records: &[Named], notes: &mut Notes) -> Markup {
    let mut all = vec![Block::part("details", "Details")];
    for named in records {
        if records.len() > 1 {
            let title = of_record(&named.record);
            all.push(Block::section(format!("{title}: {}", named.label)));
        }
        all.extend(sections::environment::details(named));
    }
    blocks(&all, notes)
}

/// Colours with enough contrast in the light and the dark scheme, also for red-green colour
/// blindness; no information is given by colour only.
const STYLE: &str = include_str!("style.css");
