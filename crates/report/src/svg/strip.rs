//! Every run of every row as a dot, on one scale relative to the row's median.

use maud::{Markup, html};
use perwatt_stats::Outlier;

use super::scale::Linear;
use super::{LINE, Rows, WIDTH, at, picture, ticks};

/// A row of the plot.
#[derive(Debug, Clone)]
pub struct Strip {
    /// The name of the row.
    pub name: String,
    /// Each value over the median, minus 1, in the order of the runs.
    pub values: Vec<f64>,
    /// The outliers, by the index of the value.
    pub far: Vec<Option<Outlier>>,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [10.0, WIDTH - 10.0];
const BAR: f64 = 16.0;

/// Draws the plot. The height of a dot varies slightly with the order of the runs, so that
/// equal values do not overlap.
pub fn plot(title: &str, words: &str, strips: &[Strip]) -> Markup {
    let widest = strips
        .iter()
        .flat_map(|strip| &strip.values)
        .fold(0.01_f64, |widest, value| widest.max(value.abs()));
    let rows = Rows::new(strips.iter().map(|strip| (&strip.name, "")), 0.0, BAR);
    let bottom = rows.bottom;
    let scale = Linear::new(-widest, widest, ENDS);
    let labels = scale.ticks(4).into_iter();
    let labels = labels.map(|tick| (scale.at(tick), percent(tick)));
    let inside = html! {
        @for tick in scale.ticks(4) {
            line.grid x1=(at(scale.at(tick))) x2=(at(scale.at(tick))) y1="0" y2=(at(bottom)) {}
        }
        (ticks(labels, bottom + LINE))
        (rows.heads)
        @for (strip, top) in strips.iter().zip(rows.tops) {
            @let y = top + BAR / 2.0;
            @for (j, value) in strip.values.iter().enumerate() {
                @let cy = y + spread(j, strip.values.len());
                circle.run cx=(at(scale.at(*value))) cy=(at(cy)) r="2.6" {}
                @if strip.far.get(j).is_some_and(Option::is_some) {
                    circle.far cx=(at(scale.at(*value))) cy=(at(cy)) r="5" {}
                }
            }
        }
    };
    picture(bottom + 20.0, title, words, &inside)
}

fn spread(index: usize, count: usize) -> f64 {
    let share = (index as f64 + 0.5) / count.max(1) as f64;
    10.0 * (share - 0.5)
}

/// A deviation from the median in percent, with its sign.
fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p.abs() < 1e-9 => "median".into(),
        p if p.abs() < 1.0 => format!("{p:+.1} %"),
        p => format!("{p:+.0} %"),
    }
}
