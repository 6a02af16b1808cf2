//! A line plot of a quantity over time.

use maud::{Markup, html};

use super::scale::Linear;
use super::{BELOW, WIDTH, at, head, picture, ticks};
use crate::units::Scale;

/// A panel of lines over time.
pub struct Panel<'a> {
    /// The heading above the panel.
    pub name: &'a str,
    /// The description of the panel, for screen readers.
    pub words: &'a str,
    /// The first and the last time, s.
    pub time_s: [f64; 2],
    /// The lower and the upper end of the scale.
    pub range: [f64; 2],
    /// Formats a label of the scale.
    pub tick: &'a dyn Fn(f64) -> String,
    /// Separate lines; they are not connected, since there is no data between them.
    pub paths: &'a [Vec<(f64, f64)>],
}

/// The left and the right end of the horizontal scale.
const ENDS: [f64; 2] = [56.0, WIDTH - 6.0];
const HEIGHT: f64 = 48.0;
/// The number of columns of the picture in each of which a line is reduced to its extremes.
const COLUMNS: usize = 180;

/// Draws the panel.
pub fn plot(panel: &Panel) -> Markup {
    let x = Linear::new(panel.time_s[0], panel.time_s[1], ENDS);
    let (name, top) = head(panel.name, "", [0.0, 0.0]);
    let top = top + 6.0;
    let bottom = top + HEIGHT;
    let y = Linear::new(panel.range[0], panel.range[1], [bottom, top]);
    let [left, right] = ENDS;
    let times = x.ticks(5).into_iter();
    let times = times.map(|t| (x.at(t), format!("{} s", Scale::UNIT.short(t))));
    let inside = html! {
        (name)
        @for tick in y.ticks(3) {
            line.grid x1=(at(left)) x2=(at(right)) y1=(at(y.at(tick))) y2=(at(y.at(tick))) {}
            text.tick x=(at(left - 6.0)) y=(at(y.at(tick) + 4.0)) text-anchor="end" {
                ((panel.tick)(tick))
            }
        }
        line.axis x1=(at(left)) x2=(at(right)) y1=(at(bottom)) y2=(at(bottom)) {}
        @for path in panel.paths {
            path.path d=(drawn(&thin(path, panel.time_s), x, y)) {}
        }
        (ticks(times, bottom + BELOW))
    };
    picture(bottom + BELOW + 6.0, panel.name, panel.words, &inside)
}

fn drawn(points: &[(f64, f64)], x: Linear, y: Linear) -> String {
    let mut d = String::new();
    for (i, (t, v)) in points.iter().enumerate() {
        let sign = if i == 0 { 'M' } else { 'L' };
        d.push_str(&format!("{sign}{} {}", at(x.at(*t)), at(y.at(*v))));
    }
    if let [(t, v)] = points {
        // A single point is drawn as a short line, which is visible.
        d.push_str(&format!("L{} {}", at(x.at(*t) + 1.0), at(y.at(*v))));
    }
    d
}

/// Reduces a line to the first, smallest, largest and last point of each column of the
/// picture, in their order: its appearance does not change.
fn thin(points: &[(f64, f64)], time_s: [f64; 2]) -> Vec<(f64, f64)> {
    if points.len() <= COLUMNS {
        return points.to_vec();
    }
    let span = (time_s[1] - time_s[0]).max(f64::MIN_POSITIVE);
    let column = |t: f64| ((t - time_s[0]) / span * COLUMNS as f64) as usize;
    let mut kept = Vec::new();
    for group in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let place = |better: fn(f64, f64) -> bool| {
            let mut best = 0;
            for (i, point) in group.iter().enumerate() {
                if better(point.1, group[best].1) {
                    best = i;
                }
            }
            best
        };
        let mut places = vec![0, place(|a, b| a < b), place(|a, b| a > b), group.len() - 1];
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|i| group[i]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_ends_and_the_extremes() {
        let points: Vec<(f64, f64)> = (0..100_000)
            .map(|i| (f64::from(i) * 1e-3, if i == 54_321 { 9.0 } else { 1.0 }))
            .collect();
        let kept = thin(&points, [0.0, 100.0]);
        assert!(kept.len() <= 4 * (COLUMNS + 1), "{}", kept.len());
        assert_eq!(kept[0], points[0]);
        assert_eq!(kept[kept.len() - 1], points[points.len() - 1]);
        assert!(kept.contains(&points[54_321]));
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
