//! Scales: the mapping from figures to coordinates.

/// The largest magnitude of a figure on a scale; larger ones are drawn there, as their
/// differences would overflow.
const MOST: f64 = 1e300;
/// The smallest difference between figures; closer ones are treated as equal.
const LEAST: f64 = 1e-300;

/// A figure that can be drawn: NaN becomes 0, and large figures are clamped.
pub fn finite(value: f64) -> f64 {
    match value.is_nan() {
        true => 0.0,
        false => value.clamp(-MOST, MOST),
    }
}

/// A linear scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    from: [f64; 2],
    to: [f64; 2],
}

impl Linear {
    /// A scale from the range `low` to `high` to the coordinates `to`. An empty range is
    /// widened.
    pub fn new(low: f64, high: f64, to: [f64; 2]) -> Self {
        let (low, high) = (finite(low), finite(high));
        let (low, high) = match high - low > LEAST {
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

    /// The coordinate of a figure: always finite, and at most 5 % outside the scale.
    pub fn at(self, value: f64) -> f64 {
        let share = (finite(value) - self.from[0]) / (self.from[1] - self.from[0]);
        self.to[0] + share.clamp(-0.05, 1.05) * (self.to[1] - self.to[0])
    }

    /// Round figures within the range, about `about` of them.
    pub fn ticks(self, about: usize) -> Vec<f64> {
        let [low, high] = self.from;
        let step = step((high - low) / about.max(1) as f64);
        // A round end of the range is a tick, in spite of rounding errors.
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last.min(first.saturating_add(50)))
            .map(|i| i as f64 * step)
            .collect()
    }
}

/// A logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Log {
    /// The linear scale of the logarithms.
    powers: Linear,
}

impl Log {
    /// A scale from a range of positive figures to the coordinates `to`. A lower end that
    /// is not positive is replaced by a tenth of the upper end.
    pub fn new(low: f64, high: f64, to: [f64; 2]) -> Self {
        let high = match high > LEAST {
            true => high.min(MOST),
            false => 10.0,
        };
        let low = match low > LEAST {
            true => low.min(high),
            false => high / 10.0,
        };
        let (low, high) = match high / low > 1.01 {
            true => (low, high),
            false => (low / 3.0, high * 3.0),
        };
        Self {
            powers: Linear::new(low.log10(), high.log10(), to),
        }
    }

    /// The coordinate of a figure: always finite; figures that are not positive are at the
    /// lower end.
    pub fn at(self, value: f64) -> f64 {
        match value > LEAST {
            true => self.powers.at(value.min(MOST).log10()),
            false => self.powers.to[0],
        }
    }

    /// Round figures within the range: powers of ten, with 2 and 5 between them where there
    /// is room, or with some left out; linear steps where the range has fewer than two of
    /// these.
    pub fn ticks(self) -> Vec<f64> {
        let [low, high] = self.powers.from;
        let decades = high - low;
        let digits: &[f64] = match decades {
            d if d < 2.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let stride = (decades / 7.0).ceil().max(1.0) as usize;
        let within = |tick: &f64| (low - 1e-9..=high + 1e-9).contains(&tick.log10());
        let found: Vec<f64> = (low.floor() as i32..=high.floor() as i32)
            .step_by(stride)
            .flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)))
            .filter(within)
            .collect();
        match found.len() {
            0 | 1 => Linear::new(10_f64.powf(low), 10_f64.powf(high), [0.0, 1.0]).ticks(3),
            _ => found,
        }
    }
}

/// A linear or a logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Axis {
    /// A linear scale.
    Linear(Linear),
    /// A logarithmic scale.
    Log(Log),
}

impl Axis {
    /// The scale from the range `from` to the coordinates `to`.
    pub fn of([low, high]: [f64; 2], log: bool, to: [f64; 2]) -> Self {
        match log {
            true => Self::Log(Log::new(low, high, to)),
            false => Self::Linear(Linear::new(low, high, to)),
        }
    }

    /// The coordinate of a figure.
    pub fn at(self, value: f64) -> f64 {
        match self {
            Self::Linear(scale) => scale.at(value),
            Self::Log(scale) => scale.at(value),
        }
    }

    /// Round figures within the range.
    pub fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear(scale) => scale.ticks(5),
            Self::Log(scale) => scale.ticks(),
        }
    }
}

/// The step near `rough` that is 1, 2 or 5 times a power of ten.
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

    #[test]
    fn logarithmic_ticks_are_round_and_few() {
        let of = |low, high| Log::new(low, high, [0.0, 1.0]).ticks();
        assert_eq!(of(1.0, 1e4), [1.0, 10.0, 100.0, 1e3, 1e4]);
        assert_eq!(of(0.9, 30.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(of(1.0, 1e14).len(), 8);
        assert!(of(3.5e6, 3.9e6).len() > 1);
        let scale = Log::new(1.0, 100.0, [0.0, 10.0]);
        assert!((scale.at(10.0) - 5.0).abs() < 1e-12);
        assert_eq!(scale.at(0.0), 0.0);
        assert_eq!(scale.at(-3.0), 0.0);
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
        fn every_figure_has_a_place(
            low in prop::num::f64::ANY,
            high in prop::num::f64::ANY,
            value in prop_oneof![prop::num::f64::ANY, Just(0.0), Just(f64::NAN), Just(f64::INFINITY), Just(-1e308)],
        ) {
            for axis in [
                Axis::Linear(Linear::new(low, high, [10.0, 90.0])),
                Axis::Log(Log::new(low, high, [10.0, 90.0])),
            ] {
                for value in [low, high, value] {
                    let at = axis.at(value);
                    prop_assert!((5.9..=94.1).contains(&at), "{axis:?} {value}: {at}");
                }
                let ticks = axis.ticks();
                prop_assert!(ticks.len() <= 51, "{axis:?}");
                for tick in ticks {
                    prop_assert!(tick.is_finite(), "{axis:?}: {tick}");
                }
            }
        }
    }
}
