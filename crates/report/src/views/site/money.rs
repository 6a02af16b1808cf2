//! Charts of the money of each use: its present value by purpose, and its sum over time.

use perwatt_site::outcome::Outcome;
use perwatt_site::settings::Use;

use crate::doc::{Block, Chart, Curve, Shape, Step, Value};

/// The ratio between the furthest reach of all uses and that of one use above which the
/// line of the latter is too flat to read; such uses get a second chart.
const HIDES: f64 = 4.0;

/// The steps from revenue to net present value, a chart for each use that has any.
pub fn waterfalls<'a>(uses: impl Iterator<Item = &'a Outcome>) -> impl Iterator<Item = Block> {
    let some = |of: &&Outcome| of.waterfall.iter().any(|bar| bar.usd != 0.0);
    uses.filter(some).map(waterfall)
}

fn waterfall(of: &Outcome) -> Block {
    let last = of.waterfall.len() - 1;
    let steps = of.waterfall.iter().enumerate().map(|(i, bar)| Step {
        name: bar.label.to_owned(),
        value: bar.usd,
        text: Value::Dollars(bar.usd).to_string(),
        total: i == last,
    });
    let title = format!("Present value of {}", of.title);
    Block::Chart(Chart {
        caption:
            "On a scale of its own: filled bars come in, hollow ones go out, the last is left."
                .into(),
        title,
        shape: Shape::Waterfall(steps.collect()),
    })
}

/// The cumulative cash flow of all uses and, where some are too flat to read, of those
/// alone.
pub fn payback(all: Vec<&Outcome>) -> Vec<Block> {
    let most = all.iter().map(|of| reach(of)).fold(0.0, f64::max);
    let flat = all.iter().copied().filter(|of| reach(of) * HIDES < most);
    let flat: Vec<&Outcome> = flat.collect();
    let mut out = vec![curves(
        "All money up to each month",
        "Sum of all money from the decision to the end of each month, without interest. A use has paid \
         back where its line goes above zero for good.",
        &all,
    )];
    if !flat.is_empty() && flat.len() < all.len() {
        out.push(curves(
            "All money up to each month, the smaller uses alone",
            "The same without the uses whose money moves furthest, on a scale of its own.",
            &flat,
        ));
    }
    out
}

/// The largest absolute value of a use's cumulative cash flow, $.
fn reach(of: &Outcome) -> f64 {
    let sums = of.cumulative_usd.iter().map(|usd| usd.abs());
    sums.fold(0.0, f64::max)
}

fn curves(title: &str, caption: &str, uses: &[&Outcome]) -> Block {
    let curves = uses.iter().map(|of| {
        let ends = of.cumulative_usd.iter().enumerate();
        let years = ends.map(|(month, usd)| ((month + 1) as f64 / 12.0, *usd));
        let mut strokes = Use::ALL.iter().filter(|kind| **kind != Use::SellNow);
        let stroke = strokes.position(|kind| *kind == of.kind);
        Curve {
            name: of.title.to_owned(),
            points: std::iter::once((0.0, 0.0)).chain(years).collect(),
            stroke: stroke.unwrap_or(0),
        }
    });
    Block::Chart(Chart {
        title: title.into(),
        caption: caption.into(),
        shape: Shape::Curves(curves.collect()),
    })
}
