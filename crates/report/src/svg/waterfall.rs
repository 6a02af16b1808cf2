//! A waterfall plot: each bar begins where the one before ended.

use maud::{Markup, html};

use super::scale::{Linear, finite};
use super::{LINE, Rows, WIDTH, at, picture, ticks};

/// A bar of the plot.
#[derive(Debug, Clone)]
pub struct Step {
    /// The name of the bar.
    pub name: String,
    /// The change that the bar adds; of a total, the sum so far.
    pub value: f64,
    /// The formatted figure, printed beside the name.
    pub text: String,
    /// True if the bar is a total, which begins at zero.
    pub total: bool,
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [10.0, WIDTH - 10.0];
const BAR: f64 = 12.0;

/// The beginning and the end of each bar.
pub fn spans(steps: &[Step]) -> Vec<[f64; 2]> {
    let mut reached = 0.0;
    steps
        .iter()
        .map(|step| match step.total {
            true => [0.0, finite(step.value)],
            false => {
                let from = reached;
                reached = finite(from + finite(step.value));
                [from, reached]
            }
        })
        .collect()
}

/// Draws the plot. Revenues are filled, costs are hollow, totals are dark.
pub fn plot(title: &str, words: &str, tick: &dyn Fn(f64) -> String, steps: &[Step]) -> Markup {
    let spans = spans(steps);
    let low = spans.iter().flatten().copied().fold(0.0, f64::min);
    let high = spans.iter().flatten().copied().fold(0.0, f64::max);
    let scale = Linear::new(low, high, ENDS);
    let rows = Rows::new(steps.iter().map(|step| (&step.name, &step.text)), 0.0, BAR);
    let (bottom, y) = (rows.bottom, &rows.tops);
    let labels = scale.ticks(4).into_iter();
    let labels = labels.map(|value| (scale.at(value), tick(value)));
    let inside = html! {
        @for value in scale.ticks(4) {
            line.grid x1=(at(scale.at(value))) x2=(at(scale.at(value))) y1="0" y2=(at(bottom)) {}
        }
        (ticks(labels, bottom + LINE))
        line.zero x1=(at(scale.at(0.0))) x2=(at(scale.at(0.0))) y1="0" y2=(at(bottom)) {}
        @for (row, (step, [from, to])) in steps.iter().zip(&spans).enumerate() {
            @let (low, high) = (scale.at(from.min(*to)), scale.at(from.max(*to)));
            @if row > 0 {
                // A line from the end of the bar above to the beginning of this bar.
                @let above = scale.at(spans[row - 1][1]);
                line.join x1=(at(above)) x2=(at(above)) y1=(at(y[row - 1] + BAR)) y2=(at(y[row])) {}
            }
            @if step.value == 0.0 {
                line.join x1=(at(low)) x2=(at(low)) y1=(at(y[row])) y2=(at(y[row] + BAR)) {}
            } @else {
                rect class=(class(step)) x=(at(low)) y=(at(y[row])) width=(at((high - low).max(1.0))) height=(at(BAR)) {}
            }
        }
        (rows.heads)
    };
    picture(bottom + 20.0, title, words, &inside)
}

fn class(step: &Step) -> &'static str {
    match (step.total, step.value < 0.0) {
        (true, _) => "total",
        (false, true) => "out",
        (false, false) => "in",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steps(values: &[f64]) -> Vec<Step> {
        let step = |value: f64, total| Step {
            name: "x".into(),
            value,
            text: String::new(),
            total,
        };
        let mut all: Vec<Step> = values.iter().map(|v| step(*v, false)).collect();
        all.push(step(values.iter().sum(), true));
        all
    }

    #[test]
    fn bars_join_up_and_end_at_the_total() {
        let found = spans(&steps(&[10.0, 0.0, -4.0, -9.0]));
        assert_eq!(
            found,
            [
                [0.0, 10.0],
                [10.0, 10.0],
                [10.0, 6.0],
                [6.0, -3.0],
                [0.0, -3.0]
            ]
        );
        let drawn = plot("t", "w", &|v| format!("{v}"), &steps(&[10.0, -4.0])).into_string();
        for class in ["\"in\"", "\"out\"", "\"total\"", "\"zero\""] {
            assert!(drawn.contains(class), "{class}: {drawn}");
        }
    }

    proptest! {
        #[test]
        fn any_bars_join_up(values in prop::collection::vec(-1e9..1e9_f64, 1..9)) {
            let all = steps(&values);
            let found = spans(&all);
            for pair in found[..values.len()].windows(2) {
                prop_assert_eq!(pair[0][1], pair[1][0]);
            }
            let (last, total) = (found[values.len() - 1][1], found[values.len()][1]);
            prop_assert!((last - total).abs() <= 1e-3);
        }

        #[test]
        fn no_figure_leaves_the_picture(values in prop::collection::vec(prop::num::f64::ANY, 1..9)) {
            let drawn = plot("t", "w", &|_| String::new(), &steps(&values)).into_string();
            prop_assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", drawn);
            prop_assert!(!drawn.contains("width=\"-"), "{}", drawn);
        }
    }
}
