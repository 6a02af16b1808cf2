//! Columns against the baseline: verdicts in words, ratios with their intervals.

use maud::{Markup, html};
use perwatt_compare::model::{Cell, Outcome, Row, Table};
use perwatt_compare::{Comparison, Verdict};

use crate::notes::Notes;
use crate::sections::left_out;
use crate::svg::dot::{self, Dot, Frame};
use crate::{cells, units, words};

/// The section.
pub fn section(comparison: &Comparison, notes: &mut Notes) -> Markup {
    let tables: Vec<Markup> = comparison
        .tables
        .iter()
        .map(|of| html! { (table(comparison, of, notes)) (plot(comparison, of)) })
        .collect();
    html! {
        section id="comparison" {
            h2 { "Comparison" }
            (left_out(&comparison.skipped))
            @for stamp in &comparison.not_like_for_like { p.stamp { "NOT LIKE FOR LIKE: " (stamp) } }
            dl {
                @for (i, column) in comparison.columns.iter().enumerate() {
                    dt { (column.label) @if i == comparison.baseline { " (baseline)" } }
                    dd { (words::described(column)) }
                }
            }
            @if comparison.compared().next().is_none() {
                p.stamp { "Nothing could be compared." }
            }
            @for table in tables { (table) }
            (rest(comparison))
            ul.small.soft {
                @for note in &comparison.notes { li { (note) } }
                li { (words::family(comparison)) }
                li { (words::checked(comparison.checked)) }
            }
            details { summary { "How to read this" } pre.small { (words::EXPLAIN) } }
        }
    }
}

fn table(comparison: &Comparison, of: &Table, notes: &mut Notes) -> Markup {
    let lines: Vec<Markup> = of
        .rows
        .iter()
        .map(|row| {
            let style = cells::Style::of(of, &row.cells);
            let filled: Vec<Markup> = row
                .cells
                .iter()
                .map(|cell| self::cell(cell, &style, notes))
                .collect();
            html! { tr { th scope="row" { (words::name(row)) } @for cell in filled { (cell) } } }
        })
        .collect();
    html! {
        h3 { (words::title(of)) }
        div.wide { table {
            thead { tr {
                th scope="col" { "workload" }
                @for column in &comparison.columns { th scope="col" { (column.label) } }
            } }
            tbody {
                @for line in lines { (line) }
                @if of.rows.len() > 1 && of.geomean_rows > 0 {
                    tr {
                        th scope="row" { "geometric mean of ratios, " (of.geomean_rows) " of " (of.rows.len()) " rows" }
                        @for mean in &of.geomeans { td { @if let Some(mean) = mean { (cells::times(*mean)) } } }
                    }
                }
            }
        } }
        @if of.rows.len() > 1 && !of.geomean_without.is_empty() {
            p.small.soft { "Not in the means, because a column lacks it: " (of.geomean_without.join(", ")) }
        }
    }
}

fn cell(cell: &Cell, style: &cells::Style, notes: &mut Notes) -> Markup {
    let marks = notes.marks(&cells::notes(cell));
    let class = match &cell.outcome {
        Outcome::Compared(compared) => match compared.verdict {
            Verdict::Better => "v better",
            Verdict::Worse => "v worse",
            Verdict::Unclear => "v unclear",
            Verdict::Same => "v",
        },
        _ => "v",
    };
    html! {
        td {
            @if let Some(figure) = &cell.figure {
                span.nb { (style.figure(figure.median)) } " " span.nb.soft { (cells::plus_minus(figure)) }
                br;
            }
            @if let Outcome::Compared(compared) = &cell.outcome {
                (cells::ratio(compared)) " " span.nb.soft { (cells::interval(compared)) } " "
            }
            span class=(class) { (cells::verdict(&cell.outcome)) } (marks)
            @if cell.rank.is_some() { br; span.soft { "place " (cells::place(cell)) } }
        }
    }
}

/// The ratios of a table with their intervals; the margin is the band.
fn plot(comparison: &Comparison, of: &Table) -> Markup {
    let mut dots = Vec::new();
    let mut margin: f64 = 0.0;
    for row in &of.rows {
        for (column, cell) in comparison.columns.iter().zip(&row.cells) {
            if let Outcome::Compared(compared) = &cell.outcome {
                margin = margin.max(compared.margin);
                dots.push(dot(row, &column.label, compared));
            }
        }
    }
    if dots.is_empty() || dots.len() > MOST {
        return html! {};
    }
    let ends = || {
        dots.iter()
            .flat_map(|dot: &Dot| dot.interval.unwrap_or([dot.value; 2]))
    };
    let low = ends().fold(1.0 / (1.0 + margin), f64::min);
    let high = ends().fold(1.0 + margin, f64::max);
    let room = 0.05 * (high - low);
    let words: Vec<String> = dots
        .iter()
        .map(|dot| format!("{}: {}", dot.name, dot.text))
        .collect();
    let frame = Frame {
        title: &format!("Ratios to the baseline: {}", words::title(of)),
        words: &words.join("; "),
        from: [low - room, high + room],
        log: false,
        tick: &|v| format!("{v:.2}x"),
        band: Some([1.0 / (1.0 + margin), 1.0 + margin]),
        line: Some(1.0),
    };
    html! {
        figure {
            (dot::plot(&frame, &dots))
            figcaption {
                "Ratio to the baseline with its interval, all intervals of the report together at their "
                "confidence. The band is the "
                @if comparison.margin < margin { "widest " }
                "margin, " (units::percent(margin, 1)) "."
            }
        }
    }
}

/// With more the plot is no picture any more.
const MOST: usize = 60;

fn dot(row: &Row, column: &str, compared: &perwatt_compare::model::Compared) -> Dot {
    Dot {
        name: format!("{} {column}", words::name(row)),
        text: format!("{} {}", cells::ratio(compared), compared.verdict.word()),
        value: compared.ratio,
        interval: compared.interval,
        range: None,
        hollow: false,
    }
}

/// What has no counterpart, what else differs, what was left out.
fn rest(comparison: &Comparison) -> Markup {
    html! {
        @if !comparison.unmatched.is_empty() {
            h3 { "Without a counterpart" }
            ul.small { @for row in &comparison.unmatched { li { (words::unmatched(row, comparison.columns.len())) } } }
        }
        @if !comparison.differs.is_empty() {
            h3 { "Also differs" }
            div.wide { table {
                thead { tr {
                    th scope="col" { "field" }
                    @for column in &comparison.columns { th scope="col" { (column.label) } }
                } }
                tbody { @for field in &comparison.differs { tr {
                    th scope="row" { (field.field) }
                    @for values in &field.values { td.w {
                        @if values.is_empty() { "not read" } @else { (values.join(" / ")) }
                    } }
                } } }
            } }
        }
        @if !comparison.skipped.is_empty() {
            h3 { "Files that take no part" }
            ul.small { @for skipped in &comparison.skipped { li {
                (skipped.path.display()) ": " (skipped.reason)
            } } }
        }
    }
}
