//! Sensitivity: the parameters that change the answer most.

use maud::{Markup, html};
use perwatt_site::{SiteReport, tornado::Swing};

use super::waterfall::tick;
use crate::svg::tornado::{self, Bar};
use crate::words::site::{Style, answer, weakest};

/// The largest number of bars; the remaining parameters are counted.
const MOST: usize = 12;

/// The section of the sensitivity.
pub fn section(report: &SiteReport) -> Markup {
    let what = answer(report.answer);
    let outcome = report.uses.iter().find(|of| of.kind == report.answer);
    let given = outcome.and_then(|of| of.answer().value);
    let shown = &report.tornado[..report.tornado.len().min(MOST)];
    let rest = &report.tornado[shown.len()..];
    html! {
        section id="tornado" {
            h2 { "What the answer hangs on" }
            p { "The answer here: " (what) "; " (weakest(report.answer_evidence)) "." }
            @match (given, shown.is_empty()) {
                (_, true) => { p { "No parameter with a range moves it." } }
                (None, _) => { p { "It has no figure as given, so nothing is drawn around it." } (table(shown)) }
                (Some(given), _) => {
                    figure {
                        (plot(&what, given, shown))
                        figcaption {
                            "Each parameter by itself at both ends of its range: hollow to the low end, filled to "
                            "the high end. The range is below each name, the answers at both ends on the right, in "
                            "the same order."
                        }
                    }
                }
            }
            @match rest.split_first() {
                Some((first, _)) => {
                    p.small.soft {
                        (rest.len()) " more move it less, the strongest of them (" (first.key) ") by "
                        (Style::of([first.size_usd()], "$").figure(first.size_usd())) "."
                    }
                    details { summary { "Those" } (table(rest)) }
                }
                None => {}
            }
        }
    }
}

fn range(swing: &Swing) -> String {
    let [low, high] = &swing.ends;
    let unit = match swing.unit {
        "date" => "",
        unit => unit,
    };
    format!("{low} to {high} {unit}").trim_end().to_owned()
}

fn plot(what: &str, given: f64, shown: &[Swing]) -> Markup {
    let all = shown.iter().flat_map(|swing| swing.npv_over_keep_usd);
    let style = Style::of(all, "$");
    let bars: Vec<Bar> = shown
        .iter()
        .map(|swing| {
            let [low, high] = swing.npv_over_keep_usd;
            Bar {
                name: swing.key.to_owned(),
                range: range(swing),
                ends: [low, high],
                text: format!("{}, {}", style.number(low), style.figure(high)),
            }
        })
        .collect();
    let words: Vec<String> = bars
        .iter()
        .map(|bar| format!("{} {}: {}", bar.name, bar.range, bar.text))
        .collect();
    let title = format!("What moves the {what}");
    tornado::plot(&title, &words.join("; "), &tick, given, &bars)
}

fn table(swings: &[Swing]) -> Markup {
    let style = Style::of(swings.iter().flat_map(|swing| swing.npv_over_keep_usd), "$");
    html! {
        div.wide { table.small {
            thead { tr {
                th scope="col" { "parameter" } th scope="col" { "range" }
                th.n scope="col" { "at its low end, " (style.unit()) }
                th.n scope="col" { "at its high end, " (style.unit()) }
            } }
            tbody { @for swing in swings { tr {
                th scope="row" { (swing.key) } td { (range(swing)) }
                @for end in swing.npv_over_keep_usd { td.n { (style.number(end)) } }
            } } }
        } }
    }
}
