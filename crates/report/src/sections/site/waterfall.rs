//! The steps from revenue to net present value, a picture for each use.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::outcome::Outcome;

use crate::svg::waterfall::{self, Step};
use crate::units::significant;
use crate::words::site::{Style, money};

/// The section of the waterfalls.
pub fn section(report: &SiteReport) -> Markup {
    html! {
        section id="waterfall" {
            h2 { "Present value by what it is for" }
            p.small.soft {
                "Each use on its own scale. A filled bar comes in, a hollow one goes out, the last is what "
                "is left; the dashes join the end of a bar with the beginning of the next."
            }
            @for outcome in &report.uses {
                h3 { (outcome.title) }
                @if outcome.waterfall.iter().all(|bar| bar.usd == 0.0) {
                    p { "Nothing comes in and nothing goes out." }
                } @else {
                    figure { (plot(outcome)) }
                }
            }
        }
    }
}

fn plot(outcome: &Outcome) -> Markup {
    let last = outcome.waterfall.len().saturating_sub(1);
    let style = Style::of(outcome.waterfall.iter().map(|bar| bar.usd), "$");
    let steps: Vec<Step> = outcome
        .waterfall
        .iter()
        .enumerate()
        .map(|(i, bar)| Step {
            name: bar.label.to_owned(),
            value: bar.usd,
            text: style.figure(bar.usd),
            total: i == last,
        })
        .collect();
    let words: Vec<String> = steps
        .iter()
        .map(|step| format!("{}: {}", step.name, step.text))
        .collect();
    let title = format!("Present value of {}", outcome.title);
    waterfall::plot(&title, &words.join("; "), &tick, &steps)
}

/// A sum of money on an axis, without trailing zeros.
pub fn tick(usd: f64) -> String {
    let text = money(usd);
    let Some((number, unit)) = text.split_once(' ') else {
        return text;
    };
    let short = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    match short {
        "" => significant(usd),
        short => format!("{short} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_no_idle_digits() {
        let found = [2e7, -5e6, 0.0, 1e5, 2e9].map(tick);
        assert_eq!(found, ["20 M$", "\u{2212}5 M$", "0 $", "0.1 M$", "2000 M$"]);
    }
}
