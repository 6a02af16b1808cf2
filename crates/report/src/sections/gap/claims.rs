//! Popular claims, each with the arithmetic that tests it.

use maud::{Markup, html};
use perwatt_gap::claims::{Claim, Step};

/// The section; nothing of none.
pub fn section(claims: &[Claim]) -> Markup {
    html! {
        @if !claims.is_empty() {
            section id="claims" {
                h2 { "Popular claims, tested" }
                p { "A computed figure is as weak as the weakest that it is computed from." }
                @for of in claims { (claim(of)) }
            }
        }
    }
}

fn claim(of: &Claim) -> Markup {
    let date = of.date.as_deref().unwrap_or("undated");
    html! {
        h3 { "\u{201c}" (of.claim) "\u{201d}" }
        p.small { "said by " (of.said_by) " (" (date) ")" }
        div.wide { table.small {
            thead { tr {
                th scope="col" { "step" } th scope="col" { "arithmetic" } th scope="col" { "rests on" }
            } }
            tbody { @for step in &of.steps { (row(step)) } }
        } }
        p { b { (of.verdict.words()) } ". " (of.conclusion) }
    }
}

fn row(step: &Step) -> Markup {
    html! {
        tr {
            th scope="row" { (step.text) }
            td { (step.formula) }
            td.w {
                (step.mark.word())
                @if !step.is_computed() { ": " (step.source) }
            }
        }
    }
}
