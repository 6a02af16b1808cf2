//! The distribution of power prices: the share of time below a price, and the mean price of
//! that time.

/// Sorted prices with their cumulative sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    sorted: Vec<f64>,
    sums: Vec<f64>,
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
}

impl Curve {
    /// The distribution of prices of intervals of one length, $/MWh; `None` without any.
    pub fn new(prices: &[f64]) -> Option<Self> {
        if prices.is_empty() {
            return None;
        }
        let mut sorted = prices.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut sums = vec![0.0];
        for price in &sorted {
            sums.push(sums[sums.len() - 1] + price);
        }
        Some(Self { sorted, sums })
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_price_cuts_the_hours_in_two() {
        let curve = Curve::new(&[30.0, -10.0, 500.0, 40.0]).unwrap();
        assert_eq!(curve.mean(), 140.0);
        let cut = curve.cut(40.0);
        assert_eq!(cut.running, 0.75);
        assert_eq!(cut.mean_running, 20.0);
        assert_eq!(cut.mean_stopped, 500.0);
        assert_eq!(curve.cut(-11.0).running, 0.0);
        assert!(Curve::new(&[]).is_none());
    }

    proptest! {
        #[test]
        fn both_parts_make_the_whole(
            prices in prop::collection::vec(-100.0..5000.0_f64, 1..50),
            at in -200.0..6000.0_f64,
        ) {
            let curve = Curve::new(&prices).unwrap();
            let cut = curve.cut(at);
            let whole = cut.running * cut.mean_running + (1.0 - cut.running) * cut.mean_stopped;
            prop_assert!((whole - curve.mean()).abs() < 1e-6);
        }
    }
}
