//! A tornado plot: the answer at both ends of the range of each parameter.

use maud::{Markup, html};

use super::scale::Linear;
use super::{LINE, Rows, WIDTH, at, picture, ticks};

/// The bar of one parameter.
#[derive(Debug, Clone)]
pub struct Bar {
    /// The name of the parameter.
    pub name: String,
    /// Both ends of its range, formatted.
    pub range: String,
    /// The answer at the low end and at the high end.
    pub ends: [f64; 2],
    /// Both answers, formatted.
    pub text: String,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [20.0, WIDTH - 20.0];
const TOP: f64 = 20.0;
const BAR: f64 = 14.0;

/// Draws the plot around `answer`: bars to the low end are hollow, bars to the high end
/// filled.
pub fn plot(
    title: &str,
    words: &str,
    tick: &dyn Fn(f64) -> String,
    answer: f64,
    bars: &[Bar],
) -> Markup {
    let all = || bars.iter().flat_map(|bar| bar.ends).chain([answer]);
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let scale = Linear::new(low, high, ENDS);
    let names = bars
        .iter()
        .map(|bar| (format!("{} {}", bar.name, bar.range), &bar.text));
    let rows = Rows::new(names, TOP, BAR);
    let bottom = rows.bottom;
    let centre = scale.at(answer);
    let given = format!("as given: {}", tick(answer));
    let labels = scale.ticks(4).into_iter();
    let labels = labels.map(|value| (scale.at(value), tick(value)));
    let inside = html! {
        @for value in scale.ticks(4) {
            line.grid x1=(at(scale.at(value))) x2=(at(scale.at(value))) y1=(at(TOP)) y2=(at(bottom)) {}
        }
        (ticks(labels, bottom + LINE))
        line.zero x1=(at(centre)) x2=(at(centre)) y1=(at(TOP - 4.0)) y2=(at(bottom)) {}
        (rows.heads)
        @for (bar, y) in bars.iter().zip(rows.tops) {
            @for (end, class) in bar.ends.iter().zip(["out", "in"]) {
                @let place = scale.at(*end);
                rect class=(class) x=(at(place.min(centre))) y=(at(y)) width=(at((place - centre).abs())) height=(at(BAR)) {}
            }
        }
        (ticks([(centre, given)], TOP - 8.0))
    };
    picture(bottom + 20.0, title, words, &inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_figure_leaves_the_picture(
            answer in prop::num::f64::ANY,
            ends in prop::collection::vec(prop::array::uniform2(prop::num::f64::ANY), 0..5),
        ) {
            let bars: Vec<Bar> = ends
                .iter()
                .map(|ends| Bar {
                    name: "x".into(),
                    range: String::new(),
                    ends: *ends,
                    text: String::new(),
                })
                .collect();
            let drawn = plot("t", "w", &|_| String::new(), answer, &bars).into_string();
            prop_assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", drawn);
            prop_assert!(!drawn.contains("width=\"-"), "{}", drawn);
        }
    }
}
