//! A plot: figures as dots with whiskers on one scale.

pub use crate::svg::dot::Dot;
use crate::svg::scale::Axis;
use crate::units::{Scale, dollars, fixed};

/// Format of the labels on the axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Tick {
    /// All labels on one scale, whose unit the title names.
    Scaled(Scale),
    /// Each label on a scale of its own.
    Each,
    /// Labels as ratios.
    Ratio,
    /// Labels as sums of money.
    Dollars,
}

impl Tick {
    /// The label of a figure on the axis.
    pub fn text(&self, value: f64) -> String {
        match self {
            Self::Scaled(scale) => scale.short(value),
            Self::Each => {
                let scale = Scale::of(value);
                let text = format!("{} {}", scale.short(value), scale.unit(""));
                text.trim_end().to_owned()
            }
            Self::Ratio => format!("{}x", fixed(value, 2)),
            Self::Dollars => dollars(value),
        }
    }
}

/// A plot, a row for each dot.
#[derive(Debug, Clone)]
pub struct Plot {
    /// The title.
    pub title: String,
    /// The text below the plot; empty for none.
    pub caption: String,
    /// The dots.
    pub dots: Vec<Dot>,
    /// The lower and the upper end of the scale.
    pub from: [f64; 2],
    /// True if the scale is logarithmic.
    pub log: bool,
    /// The format of the labels on the axis.
    pub tick: Tick,
    /// A range that is shaded, such as the margin of a comparison.
    pub band: Option<[f64; 2]>,
    /// A figure that is marked by a line of its own.
    pub line: Option<f64>,
}

impl Plot {
    /// The scale of the figures, with coordinates between both of `ends`.
    pub(crate) fn axis(&self, ends: [f64; 2]) -> Axis {
        Axis::of(self.from, self.log, ends)
    }
}
