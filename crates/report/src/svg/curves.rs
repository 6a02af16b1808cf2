//! Line plots: several quantities over years in one frame, each with its own stroke and
//! name.

use maud::{Markup, html};

use super::scale::Linear;
use super::{BELOW, LINE, WIDTH, at, head, picture, ticks};
use crate::units::Scale;

/// A line of the plot.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The name, printed below the plot.
    pub name: String,
    /// Pairs of year and figure.
    pub points: Vec<(f64, f64)>,
    /// The index of its stroke in the list of dashes: the same line has the same stroke in
    /// all pictures.
    pub stroke: usize,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [66.0, WIDTH - 10.0];
const TOP: f64 = 8.0;
const HEIGHT: f64 = 200.0;
/// The length of the piece of a line beside its name.
const PIECE: f64 = 34.0;
/// Dash patterns, so that lines differ without colours.
const DASHES: [&str; 5] = ["none", "9 4", "2 3", "12 3 2 3", "5 2"];

/// Draws the plot; `tick` formats the labels of its figures.
pub fn plot(title: &str, words: &str, tick: &dyn Fn(f64) -> String, curves: &[Curve]) -> Markup {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let last = points().map(|(t, _)| *t).fold(0.0, f64::max);
    let low = points().map(|(_, v)| *v).fold(0.0, f64::min);
    let high = points().map(|(_, v)| *v).fold(0.0, f64::max);
    let [left, right] = ENDS;
    let bottom = TOP + HEIGHT;
    let x = Linear::new(0.0, last, ENDS);
    let y = Linear::new(low, high, [bottom, TOP]);
    let mut below = bottom + BELOW + 2.0 * LINE;
    let names = curves.iter().map(|curve| {
        let (name, height) = head(&curve.name, "", [PIECE + 8.0, below]);
        below += height;
        (name, below - height / 2.0)
    });
    let names: Vec<(Markup, f64)> = names.collect();
    let years = x.ticks(8).into_iter();
    let years = years.map(|year| (x.at(year), Scale::UNIT.short(year)));
    let inside = html! {
        @for value in y.ticks(6) {
            line.grid x1=(at(left)) x2=(at(right)) y1=(at(y.at(value))) y2=(at(y.at(value))) {}
            text.tick x=(at(left - 6.0)) y=(at(y.at(value) + 4.0)) text-anchor="end" { (tick(value)) }
        }
        line.zero x1=(at(left)) x2=(at(right)) y1=(at(y.at(0.0))) y2=(at(y.at(0.0))) {}
        @for year in x.ticks(8) {
            line.grid x1=(at(x.at(year))) x2=(at(x.at(year))) y1=(at(TOP)) y2=(at(bottom)) {}
        }
        (ticks(years, bottom + BELOW))
        text.tick x=(at((left + right) / 2.0)) y=(at(bottom + BELOW + LINE)) text-anchor="middle" {
            "years from the decision"
        }
        @for (curve, (name, middle)) in curves.iter().zip(names) {
            @let of = curve.stroke % DASHES.len();
            path class=(format!("curve c{of}")) stroke-dasharray=(DASHES[of]) d=(drawn(&curve.points, x, y)) {}
            line class=(format!("curve c{of}")) stroke-dasharray=(DASHES[of]) x1="0" x2=(at(PIECE)) y1=(at(middle)) y2=(at(middle)) {}
            (name)
        }
    };
    picture(below + 6.0, title, words, &inside)
}

fn drawn(points: &[(f64, f64)], x: Linear, y: Linear) -> String {
    let mut d = String::new();
    for (i, (t, v)) in points.iter().enumerate() {
        let sign = if i == 0 { 'M' } else { 'L' };
        d.push_str(&format!("{sign}{} {}", at(x.at(*t)), at(y.at(*v))));
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_figure_leaves_the_picture(values in prop::collection::vec(prop::num::f64::ANY, 0..9)) {
            let curve = Curve {
                name: "x".into(),
                points: values.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect(),
                stroke: 7,
            };
            let drawn = plot("t", "w", &|_| String::new(), &[curve]).into_string();
            prop_assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", drawn);
        }
    }
}
