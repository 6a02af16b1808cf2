//! The distribution of power prices: the share of time below a price, the mean price of
//! that time, and how often the price rises above it.

use crate::curtail::Prices;

/// Sorted prices with their cumulative sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    sorted: Vec<f64>,
    sums: Vec<f64>,
    /// Runs of consecutive intervals whose prices are not among the `i` lowest.
    runs: Vec<u32>,
    hours: f64,
}

/// The parts of a series at or below a price, and above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Share of the time at or below the price.
    pub running: f64,
    /// Mean price of that time, $/MWh; 0 if there is none.
    pub mean_running: f64,
    /// Mean price of the rest, $/MWh; 0 if there is none.
    pub mean_stopped: f64,
    /// Rises above the price in an hour of the series; 0 if all of it lies above.
    pub stops_per_h: f64,
}

impl Cut {
    /// A load at a price that never changes, which stops above `most`.
    pub fn flat(price: f64, most: f64) -> Self {
        let runs = price < most;
        Self {
            running: f64::from(u8::from(runs)),
            mean_running: if runs { price } else { 0.0 },
            mean_stopped: if runs { 0.0 } else { price },
            stops_per_h: 0.0,
        }
    }
}

impl Curve {
    /// The distribution of a series.
    pub fn of(prices: &Prices) -> Option<Self> {
        Self::new(prices.usd_per_mwh(), prices.step_h())
    }

    /// The distribution of prices, in $/MWh, of consecutive intervals of so many hours;
    /// `None` without any.
    pub fn new(prices: &[f64], step_h: f64) -> Option<Self> {
        if prices.is_empty() {
            return None;
        }
        let mut order: Vec<usize> = (0..prices.len()).collect();
        order.sort_by(|a, b| prices[*a].total_cmp(&prices[*b]));
        let mut runs = vec![0; prices.len() + 1];
        let mut above = vec![false; prices.len() + 2];
        // From the highest price down: an interval starts a run, or joins those beside it.
        for (i, at) in order.iter().enumerate().rev() {
            let beside = u32::from(above[*at]) + u32::from(above[at + 2]);
            above[at + 1] = true;
            runs[i] = runs[i + 1] + 1 - beside;
        }
        let sorted: Vec<f64> = order.into_iter().map(|at| prices[at]).collect();
        let mut sums = vec![0.0];
        for price in &sorted {
            sums.push(sums[sums.len() - 1] + price);
        }
        Some(Self {
            hours: step_h * sorted.len() as f64,
            sorted,
            sums,
            runs,
        })
    }

    /// The mean of all, $/MWh.
    pub fn mean(&self) -> f64 {
        self.sums[self.sorted.len()] / self.sorted.len() as f64
    }

    /// Divides the series at `price`, as a load does that stops above it.
    pub fn cut(&self, price: f64) -> Cut {
        let n = self.sorted.len();
        let below = self.sorted.partition_point(|p| *p <= price);
        let mean = |sum: f64, count: usize| match count {
            0 => 0.0,
            _ => sum / count as f64,
        };
        Cut {
            running: below as f64 / n as f64,
            mean_running: mean(self.sums[below], below),
            mean_stopped: mean(self.sums[n] - self.sums[below], n - below),
            stops_per_h: if below == 0 {
                0.0
            } else {
                f64::from(self.runs[below]) / self.hours
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_price_cuts_the_hours_in_two() {
        let curve = Curve::new(&[30.0, -10.0, 500.0, 40.0], 1.0).unwrap();
        assert_eq!(curve.mean(), 140.0);
        let cut = curve.cut(40.0);
        assert_eq!(cut.running, 0.75);
        assert_eq!(cut.mean_running, 20.0);
        assert_eq!(cut.mean_stopped, 500.0);
        assert_eq!(cut.stops_per_h, 0.25);
        assert_eq!(curve.cut(20.0).stops_per_h, 0.5);
        assert_eq!(
            (curve.cut(-11.0).running, curve.cut(-11.0).stops_per_h),
            (0.0, 0.0)
        );
        assert!(Curve::new(&[], 1.0).is_none());
    }

    proptest! {
        #[test]
        fn both_parts_make_the_whole(
            prices in prop::collection::vec(-100.0..5000.0_f64, 1..50),
            at in -200.0..6000.0_f64,
        ) {
            let curve = Curve::new(&prices, 0.5).unwrap();
            let cut = curve.cut(at);
            let whole = cut.running * cut.mean_running + (1.0 - cut.running) * cut.mean_stopped;
            prop_assert!((whole - curve.mean()).abs() < 1e-6);
            let above: Vec<bool> = prices.iter().map(|price| *price > at).collect();
            let rises = above.split(|is| !is).filter(|run| !run.is_empty()).count();
            if cut.running > 0.0 {
                prop_assert!((cut.stops_per_h * 0.5 * prices.len() as f64 - rises as f64).abs() < 1e-9);
            }
        }
    }
}
