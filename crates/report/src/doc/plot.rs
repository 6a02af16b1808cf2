//! A picture: figures as dots with whiskers on one scale.

pub use crate::svg::dot::Dot;
use crate::units::{Scale, fixed};

/// Labels of the axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Tick {
    /// On one scale, with a unit.
    Scaled(Scale, String),
    /// Each on its own scale.
    Each,
    /// As ratios.
    Ratio,
}

impl Tick {
    /// A figure at the axis.
    pub fn text(&self, value: f64) -> String {
        let scaled = |scale: Scale, unit: &str| {
            let text = format!("{} {}", scale.short(value), scale.unit(unit));
            text.trim_end().to_owned()
        };
        match self {
            Self::Scaled(scale, unit) => scaled(*scale, unit),
            Self::Each => scaled(Scale::of(value), ""),
            Self::Ratio => format!("{}x", fixed(value, 2)),
        }
    }
}

/// A plot, a row for each dot.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Its name.
    pub title: String,
    /// Below it; empty for none.
    pub caption: String,
    /// The dots.
    pub dots: Vec<Dot>,
    /// Ends of the scale.
    pub from: [f64; 2],
    /// True of a logarithmic scale.
    pub log: bool,
    /// Labels of the axis.
    pub tick: Tick,
    /// A stretch that is set off.
    pub band: Option<[f64; 2]>,
    /// A figure with a line of its own.
    pub line: Option<f64>,
}
