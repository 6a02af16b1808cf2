//! Charts of sums of money: steps, ranges of an answer, and sums over time.

pub use crate::svg::curves::Curve;
pub use crate::svg::tornado::Bar;
pub use crate::svg::waterfall::Step;

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// The text below the chart.
    pub caption: String,
    /// The shape with its figures.
    pub shape: Shape,
}

/// The shape of a chart.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Steps that add up, each a bar that begins where the one before ended.
    Waterfall(Vec<Step>),
    /// The answer as given, and at both ends of the range of each parameter.
    Tornado(f64, Vec<Bar>),
    /// Sums over years.
    Curves(Vec<Curve>),
}
