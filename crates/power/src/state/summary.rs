//! Summary of a channel over a run, and findings that affect the result.

use super::Gauge;
use perwatt_stats as stats;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Relative fall of a clock, from the first to the last third of the window under a
/// constant load, above which the machine's state was not constant.
const CLOCK_FELL: f64 = 0.03;
/// Least number of samples in a third for a comparison.
const MIN_THIRD: usize = 2;
/// Share of the window that a device must be throttled before it is reported:
/// counters in milliseconds advance a little now and then.
const THROTTLED_SHARE: f64 = 0.001;

/// One channel over the measured window of a run, in the unit of its gauge.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Debug)]
pub struct ChannelFigures {
    /// At the start of the window.
    pub first: f64,
    /// At its end.
    pub last: f64,
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
    /// Mean of the samples.
    pub mean: f64,
    /// By how much a cumulative gauge rose, what it lost by resets left out;
    /// absent for the others.
    pub increase: Option<f64>,
    /// Samples.
    pub samples: u64,
}

/// The figures of samples in order of time; `None` if no sample is finite.
pub fn summarise(gauge: Gauge, samples: &[f64]) -> Option<ChannelFigures> {
    let values: Vec<f64> = samples.iter().copied().filter(|v| v.is_finite()).collect();
    let (&first, &last) = (values.first()?, values.last()?);
    let increase = || {
        values
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).max(0.0))
            .sum()
    };
    Some(ChannelFigures {
        first,
        last,
        min: stats::min(&values)?,
        max: stats::max(&values)?,
        mean: stats::mean(&values)?,
        increase: gauge.is_cumulative().then(increase),
        samples: values.len() as u64,
    })
}

/// A state of the machine that affects the meaning of a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The device ran slower than it could, because of heat or power.
    Throttled,
    /// Its clock fell while the load stayed the same.
    ClockFell,
    /// The machine ran from its battery.
    OnBattery,
}

/// The finding in one channel's samples over a window of `window_s` seconds, if any.
pub fn findings(gauge: Gauge, samples: &[f64], window_s: f64) -> Option<Finding> {
    let figures = summarise(gauge, samples)?;
    let rose = figures.increase.unwrap_or(0.0);
    match gauge {
        Gauge::ThrottledS => (rose > THROTTLED_SHARE * window_s).then_some(Finding::Throttled),
        Gauge::ThrottleEvents => (rose > 0.0).then_some(Finding::Throttled),
        Gauge::OnBattery => (figures.max > 0.0).then_some(Finding::OnBattery),
        Gauge::ClockHz => clock_fell(samples).then_some(Finding::ClockFell),
        Gauge::TemperatureC | Gauge::PowerLimitW | Gauge::MemoryUsedBytes | Gauge::FanRpm => None,
    }
}

fn clock_fell(samples: &[f64]) -> bool {
    let third = samples.len() / 3;
    if third < MIN_THIRD {
        return false;
    }
    let early = stats::mean(&samples[..third]);
    let late = stats::mean(&samples[samples.len() - third..]);
    early
        .zip(late)
        .is_some_and(|(early, late)| early > 0.0 && late < early * (1.0 - CLOCK_FELL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_temperature_has_ends_and_extremes_and_no_increase() {
        let figures = summarise(Gauge::TemperatureC, &[40.0, f64::NAN, 55.0, 50.0]).unwrap();
        assert_eq!((figures.first, figures.last), (40.0, 50.0));
        assert_eq!((figures.min, figures.max, figures.samples), (40.0, 55.0, 3));
        assert!((figures.mean - 145.0 / 3.0).abs() < 1e-12);
        assert_eq!(figures.increase, None);
        assert_eq!(summarise(Gauge::TemperatureC, &[f64::NAN]), None);
        assert_eq!(findings(Gauge::TemperatureC, &[40.0, 99.0], 1.0), None);
    }

    #[test]
    fn a_count_that_restarts_loses_nothing_else() {
        let figures = summarise(Gauge::ThrottleEvents, &[5.0, 7.0, 0.0, 1.0]).unwrap();
        assert_eq!(figures.increase, Some(3.0));
    }

    #[test]
    fn each_finding_has_its_threshold() {
        use Finding::{ClockFell, OnBattery, Throttled};
        for (gauge, samples, found) in [
            (Gauge::ThrottledS, &[3.0, 3.009][..], None),
            (Gauge::ThrottledS, &[3.0, 3.011], Some(Throttled)),
            (Gauge::ThrottleEvents, &[3.0, 3.0], None),
            (Gauge::ThrottleEvents, &[3.0, 4.0], Some(Throttled)),
            (Gauge::OnBattery, &[0.0, 0.0], None),
            (Gauge::OnBattery, &[0.0, 1.0, 0.0], Some(OnBattery)),
            (Gauge::ClockHz, &[3e9, 3e9, 3e9, 3e9, 2.92e9, 2.92e9], None),
            (
                Gauge::ClockHz,
                &[3e9, 3e9, 3e9, 3e9, 2.9e9, 2.9e9],
                Some(ClockFell),
            ),
            (Gauge::ClockHz, &[2e9, 2e9, 2e9, 2e9, 3e9, 3e9], None),
            (Gauge::ClockHz, &[3e9, 1e9, 1e9], None),
        ] {
            assert_eq!(
                findings(gauge, samples, 10.0),
                found,
                "{gauge:?} {samples:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn figures_enclose_each_other(samples in prop::collection::vec(-1e6f64..1e6, 1..50)) {
            let figures = summarise(Gauge::ThrottleEvents, &samples).unwrap();
            prop_assert!(figures.min <= figures.mean + 1e-6 && figures.mean <= figures.max + 1e-6);
            prop_assert!(figures.increase.unwrap() >= figures.last - figures.first - 1e-6);
        }

        #[test]
        fn a_clock_in_another_unit_falls_the_same(
            samples in prop::collection::vec(1f64..5.0, 6..40), scale in 0.1f64..1e9,
        ) {
            let scaled: Vec<f64> = samples.iter().map(|v| v * scale).collect();
            let fell = |samples: &[f64]| findings(Gauge::ClockHz, samples, 1.0);
            // Exactly at the threshold, rounding decides.
            let third = samples.len() / 3;
            let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
            let ratio = mean(&samples[samples.len() - third..]) / mean(&samples[..third]);
            prop_assume!((ratio - 0.97).abs() > 1e-9);
            prop_assert_eq!(fell(&samples), fell(&scaled));
        }
    }
}
