//! From figures to places on a line.

/// A linear scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    from: [f64; 2],
    to: [f64; 2],
}

impl Linear {
    /// From the range of figures to the range of places. An empty range is widened.
    pub fn new(low: f64, high: f64, to: [f64; 2]) -> Self {
        let (low, high) = match high > low {
            true => (low, high),
            false => {
                let half = 0.5 * low.abs().max(1.0);
                (low - half, low + half)
            }
        };
        Self {
            from: [low, high],
            to,
        }
    }

    /// The place of a figure.
    pub fn at(self, value: f64) -> f64 {
        let share = (value - self.from[0]) / (self.from[1] - self.from[0]);
        self.to[0] + share.clamp(-0.05, 1.05) * (self.to[1] - self.to[0])
    }

    /// Round figures within the range: about so many.
    pub fn ticks(self, about: usize) -> Vec<f64> {
        let [low, high] = self.from;
        let step = step((high - low) / about.max(1) as f64);
        // An end that is itself round is a tick, whatever its last bit.
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last.min(first + 50))
            .map(|i| i as f64 * step)
            .collect()
    }
}

/// The next of 1, 2, 5 and their powers of ten.
fn step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    let digit = rough / power;
    let round = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|d| digit <= *d * 1.000_001);
    power * round.unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round() {
        let found = Linear::new(0.0, 97.0, [0.0, 1.0]).ticks(5);
        assert_eq!(found, [0.0, 20.0, 40.0, 60.0, 80.0]);
        let found = Linear::new(-0.03, 0.04, [0.0, 1.0]).ticks(4);
        assert_eq!(found.len(), 4);
        assert!((found[0] + 0.02).abs() < 1e-12);
        assert_eq!(Linear::new(0.8, 1.2, [0.0, 1.0]).ticks(2).len(), 3);
    }

    proptest! {
        #[test]
        fn every_tick_is_inside_and_none_is_missing(low in -1e9..1e9_f64, span in 1e-6..1e9_f64) {
            let scale = Linear::new(low, low + span, [0.0, 100.0]);
            let ticks = scale.ticks(5);
            prop_assert!(ticks.len() <= 51);
            for tick in ticks {
                let at = scale.at(tick);
                prop_assert!((-1e-3..=100.001).contains(&at), "{at}");
            }
        }

        #[test]
        fn nothing_panics(low: f64, high: f64) {
            let scale = Linear::new(low, high, [0.0, 1.0]);
            let _ = (scale.at(low), scale.ticks(5));
        }
    }
}
