//! Line plots: several quantities over years in one frame, each with its own stroke and
//! name.

use maud::{Markup, html};

use super::scale::Linear;
use super::{WIDTH, at, label, picture};

/// A line of the plot.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The name, printed at the end of the line.
    pub name: String,
    /// Pairs of year and figure.
    pub points: Vec<(f64, f64)>,
    /// The index of its stroke in the list of dashes: the same line has the same stroke in
    /// all pictures.
    pub stroke: usize,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [80.0, WIDTH - 150.0];
const TOP: f64 = 10.0;
const HEIGHT: f64 = 280.0;
/// The smallest distance between two names, in units of the picture.
const APART: f64 = 15.0;
const NAME: usize = 22;
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
    let ends: Vec<f64> = curves
        .iter()
        .map(|curve| curve.points.last().map_or(0.0, |(_, v)| y.at(*v)))
        .collect();
    let names = apart(&ends, [TOP + 4.0, bottom]);
    let inside = html! {
        @for value in y.ticks(6) {
            line.grid x1=(at(left)) x2=(at(right)) y1=(at(y.at(value))) y2=(at(y.at(value))) {}
            text.tick x=(at(left - 6.0)) y=(at(y.at(value) + 4.0)) text-anchor="end" { (tick(value)) }
        }
        line.zero x1=(at(left)) x2=(at(right)) y1=(at(y.at(0.0))) y2=(at(y.at(0.0))) {}
        @for year in x.ticks(8) {
            line.grid x1=(at(x.at(year))) x2=(at(x.at(year))) y1=(at(TOP)) y2=(at(bottom)) {}
            text.tick x=(at(x.at(year))) y=(at(bottom + 15.0)) text-anchor="middle" { (year) }
        }
        text.tick x=(at((left + right) / 2.0)) y=(at(bottom + 30.0)) text-anchor="middle" {
            "years from the decision"
        }
        @for (curve, (end, name_y)) in curves.iter().zip(ends.iter().zip(&names)) {
            @let of = curve.stroke % DASHES.len();
            path class=(format!("curve c{of}")) stroke-dasharray=(DASHES[of]) d=(drawn(&curve.points, x, y)) {}
            line class=(format!("lead c{of}")) x1=(at(right)) y1=(at(*end)) x2=(at(right + 10.0)) y2=(at(*name_y)) {}
            text x=(at(right + 14.0)) y=(at(name_y + 4.0)) { (label(&curve.name, NAME)) }
        }
    };
    picture(bottom + 36.0, title, words, &inside)
}

fn drawn(points: &[(f64, f64)], x: Linear, y: Linear) -> String {
    let mut d = String::new();
    for (i, (t, v)) in points.iter().enumerate() {
        let sign = if i == 0 { 'M' } else { 'L' };
        d.push_str(&format!("{sign}{} {}", at(x.at(*t)), at(y.at(*v))));
    }
    d
}

/// The positions closest to these in the same order that do not overlap, within the frame
/// as far as there is room.
fn apart(wanted: &[f64], [top, bottom]: [f64; 2]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = wanted.to_vec();
    let mut least = top;
    for &i in &order {
        places[i] = places[i].max(least);
        least = places[i] + APART;
    }
    let mut most = bottom;
    for &i in order.iter().rev() {
        places[i] = places[i].min(most);
        most = places[i] - APART;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_keep_their_order_and_their_distance(wanted in prop::collection::vec(-50.0..350.0_f64, 0..9)) {
            let found = apart(&wanted, [10.0, 290.0]);
            for (i, a) in found.iter().enumerate() {
                for (j, b) in found.iter().enumerate().skip(i + 1) {
                    prop_assert!((a - b).abs() >= APART - 1e-9);
                    prop_assert!(wanted[i] == wanted[j] || (wanted[i] < wanted[j]) == (a < b));
                }
                prop_assert!((10.0 - 1e-9..=290.0 + 1e-9).contains(a), "{}", a);
            }
        }

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
