//! A roofline plot: points and roofs on two logarithmic scales.

use maud::{Markup, html};

use super::scale::Linear;
use super::{WIDTH, at, label, picture};

/// A point with its name.
#[derive(Debug, Clone)]
pub struct Point {
    /// The name of the point.
    pub name: String,
    /// The horizontal coordinate.
    pub x: f64,
    /// The vertical coordinate.
    pub y: f64,
}

/// A roofline: points below a slope and a level.
pub struct Roof<'a> {
    /// The title of the picture.
    pub title: &'a str,
    /// The description of the picture, for screen readers.
    pub words: &'a str,
    /// The height of the level.
    pub peak: f64,
    /// The slope: it reaches the level at the abscissa `peak / slope`.
    pub slope: f64,
    /// The points.
    pub points: &'a [Point],
    /// Formats a label of the vertical scale.
    pub tick: &'a dyn Fn(f64) -> String,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [90.0, WIDTH - 20.0];
const TOP: f64 = 12.0;
const HEIGHT: f64 = 240.0;

/// Draws the plot.
pub fn plot(roof: &Roof) -> Markup {
    let knee = roof.peak / roof.slope;
    let all = |of: fn(&Point) -> f64| roof.points.iter().map(of);
    let low_x = all(|p| p.x).fold(knee, f64::min) / 3.0;
    let high_x = all(|p| p.x).fold(knee, f64::max) * 3.0;
    let low_y = all(|p| p.y).fold(roof.slope * low_x, f64::min) / 2.0;
    let high_y = all(|p| p.y).fold(roof.peak, f64::max) * 2.0;
    let [left, right] = ENDS;
    let bottom = TOP + HEIGHT;
    let x = Linear::new(low_x.log10(), high_x.log10(), ENDS);
    let y = Linear::new(low_y.log10(), high_y.log10(), [bottom, TOP]);
    let place = |px: f64, py: f64| format!("{} {}", at(x.at(px.log10())), at(y.at(py.log10())));
    let line = format!(
        "M{}L{}L{}",
        place(low_x, roof.slope * low_x),
        place(knee, roof.peak),
        place(high_x, roof.peak)
    );
    let centres: Vec<(f64, f64)> = roof
        .points
        .iter()
        .map(|point| (x.at(point.x.log10()), y.at(point.y.log10())))
        .collect();
    let places = places(&centres);
    let inside = html! {
        @for tick in powers(low_x, high_x) {
            line.grid x1=(at(x.at(tick.log10()))) x2=(at(x.at(tick.log10()))) y1=(at(TOP)) y2=(at(bottom)) {}
            text.tick x=(at(x.at(tick.log10()))) y=(at(bottom + 14.0)) text-anchor="middle" { (format!("{tick}")) }
        }
        @for tick in powers(low_y, high_y) {
            line.grid x1=(at(left)) x2=(at(right)) y1=(at(y.at(tick.log10()))) y2=(at(y.at(tick.log10()))) {}
            text.tick x=(at(left - 6.0)) y=(at(y.at(tick.log10()) + 4.0)) text-anchor="end" { ((roof.tick)(tick)) }
        }
        path.roof d=(line) {}
        @for (point, (cx, cy, name_y)) in roof.points.iter().zip(&places) {
            @let late = *cx > 0.6 * WIDTH;
            circle.dot cx=(at(*cx)) cy=(at(*cy)) r="4" {}
            text x=(at(if late { cx - 8.0 } else { cx + 8.0 })) y=(at(*name_y))
                text-anchor=(if late { "end" } else { "start" }) { (label(&point.name, 44)) }
        }
        text.tick x=(at(right)) y=(at(bottom + 28.0)) text-anchor="end" { "FLOP per byte" }
    };
    picture(bottom + 34.0, roof.title, roof.words, &inside)
}

/// The position of each point and the height of its name: names of neighbouring points are
/// moved down until they do not overlap.
fn places(points: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    let mut placed: Vec<(f64, f64, f64)> = Vec::new();
    for &(cx, cy) in points {
        // Below the point, clear of a roof that the point may lie on.
        let mut name_y = cy + 17.0;
        let meets = |y: f64, placed: &[(f64, f64, f64)]| {
            placed
                .iter()
                .any(|(x, _, other)| (x - cx).abs() < 300.0 && (other - y).abs() < 13.0)
        };
        while meets(name_y, &placed) {
            name_y += 13.0;
        }
        placed.push((cx, cy, name_y));
    }
    placed
}

/// Powers of ten within the range.
fn powers(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().ceil() as i32, high.log10().floor() as i32);
    (first..=last.min(first + 20))
        .map(|p| 10_f64.powi(p))
        .collect()
}
