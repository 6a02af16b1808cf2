//! A roofline plot: points and roofs on two logarithmic scales.

use maud::{Markup, html};

use super::scale::Linear;
use super::{BELOW, LINE, Rows, SPACE, WIDTH, at, picture, ticks, width};
use crate::units::Scale;

/// A point with its name.
#[derive(Debug, Clone)]
pub struct Point {
    /// The name of the point, printed below the plot beside its number.
    pub name: String,
    /// The formatted figure, printed beside the name.
    pub text: String,
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
    /// The unit of the vertical scale, without a prefix.
    pub unit: &'a str,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [52.0, WIDTH - 10.0];
const TOP: f64 = 24.0;
const HEIGHT: f64 = 200.0;
/// The largest distance at which points share one label.
const NEAR: [f64; 2] = [14.0, 12.0];

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
    let names = roof.points.iter().enumerate();
    let names = names.map(|(i, point)| (format!("{} {}", i + 1, point.name), &point.text));
    let key = Rows::new(names, bottom + BELOW + 2.0 * LINE, 0.0);
    let ticks_y = powers(low_y, high_y);
    let scale = Scale::of(ticks_y.first().copied().unwrap_or(low_y));
    let powers_x = powers(low_x, high_x).into_iter();
    let labels = powers_x.map(|tick| (x.at(tick.log10()), tick.to_string()));
    let inside = html! {
        @for tick in powers(low_x, high_x) {
            line.grid x1=(at(x.at(tick.log10()))) x2=(at(x.at(tick.log10()))) y1=(at(TOP)) y2=(at(bottom)) {}
        }
        (ticks(labels, bottom + BELOW))
        text.tick x="0" y=(at(TOP - LINE)) { (scale.unit(roof.unit)) }
        @for tick in ticks_y {
            line.grid x1=(at(left)) x2=(at(right)) y1=(at(y.at(tick.log10()))) y2=(at(y.at(tick.log10()))) {}
            text.tick x=(at(left - 6.0)) y=(at(y.at(tick.log10()) + 4.0)) text-anchor="end" { (scale.short(tick)) }
        }
        path.roof d=(line) {}
        @for (cx, cy) in &centres { circle.dot cx=(at(*cx)) cy=(at(*cy)) r="4" {} }
        @for (text, [name_x, name_y]) in numbers(&centres) {
            text x=(at(name_x)) y=(at(name_y)) text-anchor="middle" { (text) }
        }
        text.tick x=(at(right)) y=(at(bottom + BELOW + LINE)) text-anchor="end" { "FLOP per byte" }
        (key.heads)
    };
    picture(key.bottom, roof.title, roof.words, &inside)
}

/// The numbers of the points with their places above them: close points share a label, and
/// labels that would overlap are moved up, or below the points where there is no room.
fn numbers(points: &[(f64, f64)]) -> Vec<(String, [f64; 2])> {
    let mut groups: Vec<((f64, f64), Vec<String>)> = Vec::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let near = |at: &(f64, f64)| (at.0 - x).abs() < NEAR[0] && (at.1 - y).abs() < NEAR[1];
        let number = (i + 1).to_string();
        match groups.iter_mut().find(|(at, _)| near(at)) {
            Some((_, numbers)) => numbers.push(number),
            None => groups.push(((*x, *y), vec![number])),
        }
    }
    let mut placed: Vec<(String, [f64; 2])> = Vec::new();
    for ((x, y), numbers) in groups {
        let text = numbers.join(",");
        let half = width(&text) / 2.0;
        let x = x.min(WIDTH - half);
        let meets = |y: f64| {
            placed.iter().any(|(text, at)| {
                (at[0] - x).abs() < half + width(text) / 2.0 + SPACE && (at[1] - y).abs() < LINE
            })
        };
        let above = (0..=placed.len()).map(|i| y - 8.0 - LINE * i as f64);
        let below = (0..).map(|i| y + 17.0 + LINE * f64::from(i));
        let mut places = above.take_while(|y| *y > LINE).chain(below);
        let y = places.find(|y| !meets(*y)).unwrap_or(y);
        placed.push((text, [x, y]));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_points_share_a_label_and_labels_do_not_overlap() {
        let found = numbers(&[
            (100.0, 100.0),
            (105.0, 103.0),
            (100.0, 113.0),
            (300.0, 50.0),
        ]);
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["1,2", "3", "4"]);
        assert_eq!(found[0].1, [100.0, 92.0]);
        assert_eq!(found[1].1, [100.0, 113.0 + 17.0]);
    }
}
