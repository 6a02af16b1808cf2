//! Dots with whiskers on one scale, linear or logarithmic.

use maud::{Markup, html};

use super::scale::Axis;
use super::{LINE, Rows, WIDTH, at, picture, ticks};

/// A row of the plot.
#[derive(Debug, Clone)]
pub struct Dot {
    /// The name, printed above the row.
    pub name: String,
    /// The formatted figure, printed beside the name.
    pub text: String,
    /// The position of the dot on the scale.
    pub value: f64,
    /// The interval, drawn as a whisker.
    pub interval: Option<[f64; 2]>,
    /// A second range, such as that of all values, drawn behind the interval.
    pub range: Option<[f64; 2]>,
    /// True if the dot is drawn hollow, to mark another kind of figure, such as an
    /// estimate.
    pub hollow: bool,
}

/// The scale, its labels and the background of the plot.
pub struct Frame<'a> {
    /// The title of the picture.
    pub title: &'a str,
    /// The description of the picture, for screen readers.
    pub words: &'a str,
    /// The lower and the upper end of the scale.
    pub from: [f64; 2],
    /// True if the scale is logarithmic.
    pub log: bool,
    /// Formats a label of the scale.
    pub tick: &'a dyn Fn(f64) -> String,
    /// A range that is shaded.
    pub band: Option<[f64; 2]>,
    /// A figure that is marked by a line of its own.
    pub line: Option<f64>,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [6.0, WIDTH - 6.0];
const BAR: f64 = 12.0;

/// Draws the plot, a row for each dot.
pub fn plot(frame: &Frame, dots: &[Dot]) -> Markup {
    let rows = Rows::new(dots.iter().map(|dot| (&dot.name, &dot.text)), 0.0, BAR);
    let bottom = rows.bottom;
    let scale = Axis::of(frame.from, frame.log, ENDS);
    let labels = scale.ticks().into_iter();
    let labels = labels.map(|tick| (scale.at(tick), (frame.tick)(tick)));
    let inside = html! {
        @if let Some([low, high]) = frame.band {
            rect.band x=(at(scale.at(low))) y="0" height=(at(bottom))
                width=(at((scale.at(high) - scale.at(low)).max(0.0))) {}
        }
        @for tick in scale.ticks() {
            line.grid x1=(at(scale.at(tick))) x2=(at(scale.at(tick))) y1="0" y2=(at(bottom)) {}
        }
        (ticks(labels, bottom + LINE))
        @if let Some(line) = frame.line {
            line.zero x1=(at(scale.at(line))) x2=(at(scale.at(line))) y1="0" y2=(at(bottom)) {}
        }
        (rows.heads)
        @for (dot, top) in dots.iter().zip(rows.tops) { (row(dot, scale, top + BAR / 2.0)) }
    };
    picture(bottom + 20.0, frame.title, frame.words, &inside)
}

fn row(dot: &Dot, scale: Axis, y: f64) -> Markup {
    html! {
        @if let Some([low, high]) = dot.range {
            line.range x1=(at(scale.at(low))) x2=(at(scale.at(high))) y1=(at(y)) y2=(at(y)) {}
        }
        @if let Some([low, high]) = dot.interval {
            line.whisker x1=(at(scale.at(low))) x2=(at(scale.at(high))) y1=(at(y)) y2=(at(y)) {}
            @for end in [low, high] {
                line.whisker x1=(at(scale.at(end))) x2=(at(scale.at(end)))
                    y1=(at(y - 4.0)) y2=(at(y + 4.0)) {}
            }
        }
        circle class=(if dot.hollow { "dot hollow" } else { "dot" }) cx=(at(scale.at(dot.value))) cy=(at(y)) r="4" {}
    }
}
