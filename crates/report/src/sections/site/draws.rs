//! Net present values with intervals from the Monte Carlo draws.

use maud::{Markup, html};
use perwatt_site::monte_carlo::{Drawn, DrawnUse};

use super::waterfall::tick;
use crate::svg::dot::{self, Dot, Frame};
use crate::words::site::{Style, months, percent};

/// The section of the draws.
pub fn section(drawn: &Drawn) -> Markup {
    html! {
        section id="draws" {
            h2 { "All ranges at once" }
            p {
                (drawn.draws) " draws of " (drawn.parameters) " parameters, seed " (drawn.seed)
                ". Each is drawn by itself from a triangle over its range with its value on top; that they do "
                "not move together is an assumption, and so are all figures here."
            }
            (plot(drawn))
            (table(drawn))
        }
    }
}

fn style(drawn: &Drawn) -> Style {
    Style::of(drawn.uses.iter().flat_map(|of| of.npv_usd), "$")
}

fn plot(drawn: &Drawn) -> Markup {
    let style = style(drawn);
    let dots: Vec<Dot> = drawn
        .uses
        .iter()
        .map(|of| {
            let [p5, p25, p50, p75, p95] = of.npv_usd;
            Dot {
                name: of.title.to_owned(),
                text: style.figure(p50),
                value: p50,
                interval: Some([p5, p95]),
                range: Some([p25, p75]),
                hollow: false,
            }
        })
        .collect();
    let ends = || drawn.uses.iter().flat_map(|of| of.npv_usd);
    let low = ends().fold(0.0, f64::min);
    let high = ends().fold(0.0, f64::max);
    let room = 0.04 * (high - low);
    let words: Vec<String> = drawn.uses.iter().map(|of| words(of, &style)).collect();
    let frame = Frame {
        title: "Net present value of each use in all draws",
        words: &words.join("; "),
        from: [low - room, high + room],
        log: false,
        tick: &tick,
        band: None,
        line: Some(0.0),
    };
    html! {
        figure {
            (dot::plot(&frame, &dots))
            figcaption {
                "Net present value: the dot is the median, the whisker holds 5 to 95 % of draws, the grey behind "
                "it 25 to 75 %. The line is zero."
            }
        }
    }
}

fn words(of: &DrawnUse, style: &Style) -> String {
    let [p5, _, p50, _, p95] = of.npv_usd.map(|usd| style.figure(usd));
    format!("{}: {p50}, 5 to 95 % of draws {p5} to {p95}", of.title)
}

fn table(drawn: &Drawn) -> Markup {
    let style = style(drawn);
    let over = drawn.uses.iter().filter_map(|of| of.npv_over_keep_usd);
    let over = Style::of(over.flatten(), "$");
    html! {
        div.wide { table {
            thead {
                tr {
                    th rowspan="2" scope="col" { "use" }
                    th.c colspan="3" scope="colgroup" { "net present value, " (style.unit()) }
                    th.c colspan="3" scope="colgroup" { "over keep mining, " (over.unit()) }
                    th.c colspan="3" scope="colgroup" { "chance" }
                    th.c colspan="3" scope="colgroup" { "months to payback" }
                }
                tr {
                    @for _ in 0..2 { @for q in ["5 %", "50 %", "95 %"] { th.n scope="col" { (q) } } }
                    @for what in ["to pay", "to beat keeping", "to be best"] { th.n scope="col" { (what) } }
                    @for q in ["5 %", "50 %", "95 %"] { th.n scope="col" { (q) } }
                }
            }
            tbody { @for of in &drawn.uses { (line(of, &style, &over)) } }
        } }
        p.small.soft {
            "5 % of draws do not exceed the first figure, half not the second, 95 % not the third. To pay: net "
            "present value above zero. To beat keeping: above that of keep mining. To be best: no other use has more. "
            "None: no payback within the horizon."
        }
    }
}

fn line(of: &DrawnUse, style: &Style, over: &Style) -> Markup {
    let three = |all: [f64; 5]| [all[0], all[2], all[4]];
    html! {
        tr {
            th.nb scope="row" { (of.title) }
            @for usd in three(of.npv_usd) { td.n { (style.number(usd)) } }
            @match of.npv_over_keep_usd {
                Some(all) => { @for usd in three(all) { td.n { (over.number(usd)) } } }
                None => { @for _ in 0..3 { td.n.soft { "\u{2013}" } } }
            }
            td.n { (percent(of.pays)) }
            td.n { (of.beats_keeping.map_or_else(|| "\u{2013}".into(), percent)) }
            td.n { (percent(of.best)) }
            @for count in of.payback_months { td.n { (months(count)) } }
        }
    }
}
