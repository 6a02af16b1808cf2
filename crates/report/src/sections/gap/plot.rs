//! How many times, on a logarithmic axis.

use maud::{Markup, html};
use perwatt_gap::energy::Figure;

use crate::svg::dot::{self, Dot, Frame};
use crate::units::Scale;
use crate::words::gap as words;

/// With more rows the plot is no picture any more.
const MOST: usize = 60;

/// A row: how many times the other side has what the device has.
pub fn dot(name: String, times: &Figure, hollow: bool) -> Dot {
    let [value, _, _] = words::cells(times, "");
    Dot {
        name,
        text: format!("{value} times"),
        value: times.value,
        interval: times.rerun_interval,
        range: times.interval,
        hollow,
    }
}

/// The plot with a line at 1, where both are alike; nothing of no rows.
pub fn plot(title: &str, caption: &str, dots: &[Dot]) -> Markup {
    if dots.is_empty() || dots.len() > MOST {
        return html! {};
    }
    let ends = || {
        dots.iter().flat_map(|dot| {
            let intervals = [dot.interval, dot.range].into_iter().flatten().flatten();
            intervals.chain([dot.value]).filter(|v| *v > 0.0)
        })
    };
    let low = ends().fold(1.0, f64::min);
    let high = ends().fold(1.0, f64::max);
    let words: Vec<String> = dots
        .iter()
        .map(|dot| format!("{}: {}", dot.name, dot.text))
        .collect();
    let frame = Frame {
        title,
        words: &words.join("; "),
        from: [low / 1.5, high * 1.5],
        log: true,
        tick: &|v| {
            let scale = Scale::of(v);
            format!("{} {}", scale.short(v), scale.unit(""))
                .trim_end()
                .to_owned()
        },
        band: None,
        line: Some(1.0),
    };
    html! {
        figure {
            (dot::plot(&frame, dots))
            @if !caption.is_empty() { figcaption { (caption) } }
        }
    }
}
