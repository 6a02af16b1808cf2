//! Plots of factors on a logarithmic axis.

use perwatt_gap::energy::Figure;

use crate::doc::{Block, Dot, Plot, Tick, Value};

/// A plot of factors.
pub struct Times {
    /// The title: the quantity that is compared.
    pub title: String,
    /// An explanation for readers; may be empty.
    pub caption: &'static str,
    /// The factors.
    pub dots: Vec<Dot>,
}

/// A row: the factor by which the other side exceeds the device.
pub fn dot(name: String, times: &Figure, hollow: bool) -> Dot {
    Dot {
        name,
        text: format!("{} times", Value::figure(times.value, "")),
        value: times.value,
        interval: times.rerun_interval,
        range: times.interval,
        hollow,
    }
}

/// The plot with a line at 1, where both sides are equal; `None` without rows.
pub fn block(of: &Times) -> Option<Block> {
    let ends = || {
        of.dots.iter().flat_map(|dot| {
            let intervals = [dot.interval, dot.range].into_iter().flatten().flatten();
            intervals.chain([dot.value]).filter(|v| *v > 0.0)
        })
    };
    let low = ends().fold(1.0, f64::min);
    let high = ends().fold(1.0, f64::max);
    (!of.dots.is_empty()).then(|| {
        Block::Plot(Plot {
            title: of.title.clone(),
            caption: of.caption.into(),
            dots: of.dots.clone(),
            from: [low / 1.5, high * 1.5],
            log: true,
            tick: Tick::Each,
            band: None,
            line: Some(1.0),
        })
    })
}
