//! Figures with two intervals: the scatter of re-runs, and the total uncertainty.

use perwatt_stats::Widths;
use serde::Serialize;

use super::rerun::{Rerun, Scope};

/// A figure of the device with its intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The median.
    pub value: f64,
    /// The interval in which 95 % of medians of re-runs lie; `None` for a single run.
    pub rerun_interval: Option<[f64; 2]>,
    /// The same with every other uncertainty: the scale of the meter, the tolerances of the
    /// name plate on the other side. Equal to `rerun_interval` where there is none.
    pub interval: Option<[f64; 2]>,
}

/// A figure before the ends of its intervals are computed, so that it can be scaled and
/// combined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    pub(super) value: f64,
    pub(super) rerun: Option<Widths>,
    pub(super) other: Widths,
}

impl Quantity {
    pub(super) fn of(rerun: &Rerun) -> Self {
        Self {
            value: rerun.median,
            rerun: rerun.widths,
            other: Widths::default(),
        }
    }

    /// Adds an independent uncertainty, relative, k = 2.
    pub(super) fn with(self, rel: f64) -> Self {
        Self {
            other: self.other.and(Widths::of_rel(rel)),
            ..self
        }
    }

    /// Multiplies by an exact number.
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            ..self
        }
    }

    /// Divides an exact number by this figure.
    pub(super) fn under(self, numerator: f64) -> Self {
        Self {
            value: numerator / self.value,
            rerun: self.rerun.map(Widths::turned),
            other: self.other.turned(),
        }
    }

    pub(super) fn figure(self) -> Figure {
        Figure {
            value: self.value,
            rerun_interval: self.rerun.map(|widths| widths.around(self.value)),
            interval: self
                .rerun
                .map(|widths| widths.and(self.other).around(self.value)),
        }
    }
}

/// A device's own figure, with the number of runs and sessions behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
    /// The number of runs behind it.
    pub runs: usize,
    /// The number of sessions behind it.
    pub sessions: usize,
    /// Scope of its interval of re-runs.
    pub scope: Scope,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_turns_its_ends_and_adds_in_quadrature() {
        let quantity = Quantity {
            value: 2.0,
            rerun: Some(Widths {
                below_ln: 0.03,
                above_ln: 0.04,
            }),
            other: Widths::default(),
        };
        let found = quantity.with(0.04_f64.exp_m1()).under(8.0).figure();
        assert_eq!(found.value, 4.0);
        let [low, high] = found.rerun_interval.unwrap();
        assert!((low - 4.0 * (-0.04_f64).exp()).abs() < 1e-12);
        assert!((high - 4.0 * 0.03_f64.exp()).abs() < 1e-12);
        let [low, high] = found.interval.unwrap();
        assert!((high - 4.0 * 0.05_f64.exp()).abs() < 1e-12);
        assert!((low - 4.0 * (-(0.04 * 2_f64.sqrt())).exp()).abs() < 1e-12);
    }
}
