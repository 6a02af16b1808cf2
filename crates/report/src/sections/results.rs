//! How fast each row was: a table, and a plot for each unit.

use std::collections::BTreeMap;

use maud::{Markup, html};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, Interval, Status, Summary, Unit, word};

use super::{rows, short};
use crate::notes::Notes;
use crate::svg::dot::{self, Dot, Frame};
use crate::units::{Scale, percent, rate};

/// The section.
pub fn section(record: &Record, notes: &mut Notes) -> Markup {
    let mut last = None;
    let lines: Vec<Markup> = rows(record)
        .map(|(entry, row)| {
            let heading = (last != Some(&entry.workload.name)).then_some(&entry.workload.name);
            last = Some(&entry.workload.name);
            html! {
                @if let Some(name) = heading {
                    tr.group { th colspan="6" scope="rowgroup" { (name) } }
                }
                (line(record, entry, row, notes))
            }
        })
        .collect();
    html! {
        h3 { "Rates" }
        div.wide { table {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "backend" }
                th.n scope="col" { "rate" } th.n scope="col" { "95 % interval" }
                th.n scope="col" { "spread" } th scope="col" { "verified" }
            } }
            tbody { @for line in lines { (line) } }
        } }
        (plots(record))
        @if !record.plan.skipped.is_empty() {
            h4 { "Not measured" }
            ul.small {
                @for skipped in &record.plan.skipped {
                    li {
                        (skipped.what) ": " (skipped.reason)
                        @if let Some(fix) = &skipped.fix { "; " (fix) }
                    }
                }
            }
        }
    }
}

fn line(record: &Record, entry: &Entry, row: &Summary, notes: &mut Notes) -> Markup {
    let texts = warnings(record, entry, row);
    let marks = notes.marks(&texts);
    html! {
        tr {
            th scope="row" { (short(entry)) }
            td { (entry.backend) }
            @match &row.rate_per_s {
                Some(figure) => {
                    @let scale = Scale::of(figure.median);
                    td.n { (rate(figure.median, entry.unit)) (marks) }
                    td.n { (interval(figure, |v| scale.number(v))) }
                    td.n { @if row.runs_ok > 1 { (percent(figure.relative_spread, 1)) } @else { "-" } }
                }
                None => {
                    td.n { span.v.failed { @if row.runs_failed > 0 { "FAILED" } @else { "not measured" } } (marks) }
                    td {} td {}
                }
            }
            td.w {
                @if row.verified { "yes: " } @else if !row.unproven { span.v.failed { "NO: " } }
                (row.verification)
            }
        }
    }
}

/// `[low, high]`, or the range of so few runs that there is no interval.
pub fn interval(figure: &Interval, number: impl Fn(f64) -> String) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", number(low), number(high)),
        _ => format!("{} to {}, all runs", number(figure.min), number(figure.max)),
    }
}

/// What a reader should know of a row.
fn warnings(record: &Record, entry: &Entry, row: &Summary) -> Vec<String> {
    let runs = || record.runs.iter().filter(|run| run.entry == row.entry);
    let mut flags = Vec::new();
    for flag in runs().flat_map(|run| &run.flags) {
        if !flags.contains(flag) {
            flags.push(*flag);
        }
    }
    let mut texts: Vec<String> = flags
        .into_iter()
        .map(|flag| flag.sentence().into())
        .collect();
    texts.extend(entry.backend_warning.clone());
    for run in runs() {
        if let Status::Failed(failure) = &run.status {
            texts.push(format!(
                "run of round {} failed, {}: {}",
                run.round,
                word(&failure.kind),
                failure.message
            ));
        }
    }
    texts
}

/// One plot for each workload of more than one row, and one for all others of a unit.
fn plots(record: &Record) -> Markup {
    let mut by_unit: BTreeMap<Unit, Vec<(&Entry, &Interval)>> = BTreeMap::new();
    for (entry, row) in rows(record) {
        if let Some(figure) = &row.rate_per_s {
            by_unit.entry(entry.unit).or_default().push((entry, figure));
        }
    }
    html! {
        @for (unit, figures) in by_unit {
            (plot(unit, &figures))
        }
    }
}

fn plot(unit: Unit, figures: &[(&Entry, &Interval)]) -> Markup {
    let most = figures.iter().map(|(_, f)| f.max).fold(0.0, f64::max);
    let dots: Vec<Dot> = figures
        .iter()
        .map(|(entry, figure)| Dot {
            name: entry.id.clone(),
            text: rate(figure.median, unit),
            value: figure.median,
            interval: figure.low.zip(figure.high).map(|(low, high)| [low, high]),
            range: Some([figure.min, figure.max]),
            hollow: false,
        })
        .collect();
    let words: Vec<String> = dots
        .iter()
        .map(|dot| format!("{}: {}", dot.name, dot.text))
        .collect();
    let scale = Scale::of(most);
    let frame = Frame {
        title: &format!("Rates in {unit}/s"),
        words: &words.join("; "),
        from: [0.0, 1.02 * most],
        log: false,
        tick: &|v| format!("{} {}", scale.short(v), scale.unit(&format!("{unit}/s"))),
        band: None,
        line: None,
    };
    html! {
        figure {
            (dot::plot(&frame, &dots))
            figcaption { "Median of the runs, its 95 % interval, and all runs behind them in grey." }
        }
    }
}
