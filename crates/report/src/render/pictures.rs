//! Plots and charts as figures of a page, each with its caption and its description in words.

use maud::{Markup, html};

use crate::doc::{Chart, Plot, Shape, Tick};
use crate::svg::dot::{self, Frame};
use crate::svg::{curves, tornado, waterfall};

/// The largest number of dots in a plot; more of them cannot be read.
pub(crate) const MOST: usize = 60;

/// A plot; nothing for one without dots or with too many of them.
pub fn plot(of: &Plot) -> Markup {
    if of.dots.is_empty() || of.dots.len() > MOST {
        return html! {};
    }
    let words = of.dots.iter().map(|dot| (&dot.name, &dot.text));
    let frame = Frame {
        title: &of.title,
        words: &joined(words),
        from: of.from,
        log: of.log,
        tick: &|value| of.tick.text(value),
        band: of.band,
        line: of.line,
    };
    figure(&of.title, &dot::plot(&frame, &of.dots), &of.caption)
}

/// A chart.
pub fn chart(of: &Chart) -> Markup {
    let title = &of.title;
    let tick = |usd| Tick::Dollars.text(usd);
    let picture = match &of.shape {
        Shape::Waterfall(steps) => {
            let words = steps.iter().map(|step| (&step.name, &step.text));
            waterfall::plot(title, &joined(words), &tick, steps)
        }
        Shape::Tornado(given, bars) => {
            let words = bars
                .iter()
                .map(|bar| (format!("{} {}", bar.name, bar.range), &bar.text));
            tornado::plot(title, &joined(words), &tick, *given, bars)
        }
        Shape::Curves(all) => {
            let ends = all.iter().map(|curve| {
                let end = curve.points.last().map_or(0.0, |(_, usd)| *usd);
                (&curve.name, tick(end))
            });
            curves::plot(title, &joined(ends), &tick, all)
        }
    };
    figure(title, &picture, &of.caption)
}

fn joined<A: std::fmt::Display, B: std::fmt::Display>(
    pairs: impl Iterator<Item = (A, B)>,
) -> String {
    let pairs: Vec<String> = pairs
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    pairs.join("; ")
}

/// A picture with its title above and its caption below.
pub fn figure(title: &str, picture: &Markup, caption: &str) -> Markup {
    html! {
        figure {
            p.title { (title) }
            (picture)
            @if !caption.is_empty() { figcaption { (caption) } }
        }
    }
}
