//! Cumulative cash flow over months, one line for each use.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::outcome::Outcome;

use super::stroke;
use super::waterfall::tick;
use crate::svg::curves::{self, Curve};
use crate::words::site::{money, months};

/// The ratio between the furthest reach of all uses and that of one use above which the
/// line of the latter is too flat to read; such uses get a second picture.
const HIDES: f64 = 4.0;

/// The section of the payback.
pub fn section(report: &SiteReport) -> Markup {
    let all: Vec<&Outcome> = report.uses.iter().collect();
    let most = all.iter().map(|of| reach(of)).fold(0.0, f64::max);
    let near: Vec<&Outcome> = all
        .iter()
        .copied()
        .filter(|of| reach(of) * HIDES < most)
        .collect();
    html! {
        section id="payback" {
            h2 { "Payback" }
            figure {
                (plot("All money up to each month", &all))
                figcaption {
                    "Sum of all money from the decision to the end of each month, without interest. A use has "
                    "paid back where its line goes above zero for good."
                }
            }
            @if !near.is_empty() && near.len() < all.len() {
                h3 { "The smaller ones alone" }
                figure {
                    (plot("All money up to each month, the smaller uses alone", &near))
                    figcaption {
                        "The same without the uses whose money moves furthest, on a scale of its own."
                    }
                }
            }
        }
    }
}

/// The largest absolute value of a use's cumulative cash flow, $.
fn reach(of: &Outcome) -> f64 {
    of.cumulative_usd
        .iter()
        .map(|usd| usd.abs())
        .fold(0.0, f64::max)
}

fn plot(title: &str, uses: &[&Outcome]) -> Markup {
    let curves: Vec<Curve> = uses.iter().map(|of| curve(of)).collect();
    let words: Vec<String> = uses.iter().map(|of| words(of)).collect();
    curves::plot(title, &words.join("; "), &tick, &curves)
}

fn curve(of: &Outcome) -> Curve {
    let ends = of.cumulative_usd.iter().enumerate();
    let months = ends.map(|(month, usd)| ((month + 1) as f64 / 12.0, *usd));
    Curve {
        name: of.title.to_owned(),
        points: std::iter::once((0.0, 0.0)).chain(months).collect(),
        stroke: stroke(of.kind),
    }
}

fn words(of: &Outcome) -> String {
    let end = of.cumulative_usd.last().copied().unwrap_or(0.0);
    let payback = of.figures.horizon.payback_months.value;
    format!(
        "{}: {} in the end, months to payback: {}",
        of.title,
        money(end),
        months(payback)
    )
}
