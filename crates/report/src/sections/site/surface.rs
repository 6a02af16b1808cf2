//! The break-even hashprice of rigs, over their efficiency and the price of power.

use maud::{Markup, html};
use perwatt_site::SiteReport;
use perwatt_site::surface::Surface;

use crate::words::site::weakest;

/// Upper bounds of the shades of cells, as ratios to today's hashprice, the faintest last.
const SHADES: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];

/// The section of the break-even surface.
pub fn section(report: &SiteReport) -> Markup {
    let surface = &report.surface;
    html! {
        section id="surface" {
            h2 { "Hashprice at which rigs break even" }
            p {
                "In $/PH/day, for rigs of so many J/TH (across) at so many $/MWh (down), with this site's PUE, "
                "pool fee and costs besides power. The hashprice of the first month is "
                b { (number(surface.now)) } ": cells at or below it say "
                b { "earns" } ", the others cost more to run than they bring; " (weakest(surface.evidence)) "."
            }
            (table(surface, &surface.hashprice))
            details {
                summary { "The same where power alone is paid" }
                (table(surface, &surface.power_alone))
            }
        }
    }
}

fn table(surface: &Surface, rows: &[Vec<f64>]) -> Markup {
    html! {
        div.wide { table.heat {
            thead { tr {
                th scope="col" { "$/MWh \\ J/TH" }
                @for efficiency in &surface.efficiency_j_th { th.n scope="col" { (efficiency) } }
            } }
            tbody { @for (price, row) in surface.price_usd_per_mwh.iter().zip(rows) { tr {
                th scope="row" { (price) }
                @for value in row { (cell(*value, surface.now)) }
            } } }
        } }
    }
}

fn cell(value: f64, now: f64) -> Markup {
    let shade = SHADES.iter().position(|most| value <= most * now);
    let class = match shade {
        Some(shade) => format!("n h{shade}"),
        None => "n".into(),
    };
    html! {
        td class=(class) {
            (number(value))
            @if value <= now { br; b { "earns" } }
        }
    }
}

fn number(value: f64) -> String {
    match value.is_finite() {
        true => crate::units::fixed(value, 1),
        false => "\u{2013}".into(),
    }
}
