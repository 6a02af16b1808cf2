//! The two forms of local sources: accumulated counters, and power readings.

use super::attribute::malformed;
use super::{MeterInfo, Pace, ReadError, Source};
use crate::accumulate::Accumulator;
use crate::system::Clock;
use std::sync::Arc;

/// Sets the update period that was observed, or adds a note that it could not be.
pub(super) fn note_period(info: &mut MeterInfo, update_period_s: Option<f64>) {
    info.update_period_s = update_period_s;
    if update_period_s.is_none() {
        info.notes
            .push("its update period could not be seen while it was opened".into());
    }
}

/// Reads the values of all counters in microjoules.
pub(super) type Values = Box<dyn FnMut() -> Result<Vec<u64>, ReadError> + Send>;

/// Counters whose sum is the reading.
pub(super) struct Counted {
    pub info: MeterInfo,
    pub clock: Arc<dyn Clock>,
    /// In the same order as the values that `values` returns.
    pub counters: Vec<Accumulator>,
    pub values: Values,
    pub limits: Limits,
    pub pace: Pace,
    /// Sum over the intervals in which all counters had a valid difference.
    total_uj: u64,
    last_s: f64,
}

/// Limits on the time between two readings of the counters.
#[derive(Clone, Copy, Default)]
pub(super) struct Limits {
    /// The value of [`Source::max_read_interval_s`].
    pub read_within_s: Option<f64>,
    /// Seconds after which a counter may have wrapped unnoticed.
    pub certain_for_s: Option<f64>,
}

impl Counted {
    /// Starts from the present values of the counters, or from those that the
    /// accumulators hold where they cannot be read.
    pub fn start(
        info: MeterInfo,
        clock: Arc<dyn Clock>,
        counters: Vec<Accumulator>,
        values: Values,
        limits: Limits,
        pace: Pace,
    ) -> Self {
        let mut counted = Self {
            last_s: clock.now_s(),
            info,
            clock,
            counters,
            values,
            limits,
            pace,
            total_uj: 0,
        };
        if let Ok((values, now_s)) = counted.values() {
            counted.rebase(&values, now_s);
        }
        counted
    }

    /// The values of all counters, and the time half-way through reading them.
    fn values(&mut self) -> Result<(Vec<u64>, f64), ReadError> {
        let before_s = self.clock.now_s();
        let values = (self.values)()?;
        Ok((values, 0.5 * (before_s + self.clock.now_s())))
    }

    fn rebase(&mut self, values: &[u64], now_s: f64) {
        self.last_s = now_s;
        for (counter, value_uj) in self.counters.iter_mut().zip(values) {
            counter.rebase(*value_uj, now_s);
        }
    }
}

impl Source for Counted {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let (values, now_s) = self.values()?;
        let elapsed_s = now_s - self.last_s;
        if let Some(max_interval_s) = self.limits.certain_for_s.filter(|max| elapsed_s > *max) {
            self.rebase(&values, now_s);
            return Err(ReadError::Ambiguous {
                path: self.info.id.clone(),
                elapsed_s,
                max_interval_s,
            });
        }
        self.last_s = now_s;
        let (mut bad, mut sum_uj) = (None, 0);
        // All counters advance, also after one of them fails.
        for (counter, value_uj) in self.counters.iter_mut().zip(values) {
            let before_uj = counter.total_uj();
            if let Err(error) = counter.advance(value_uj, now_s) {
                bad = bad.or(Some(error));
            }
            sum_uj += counter.total_uj() - before_uj;
        }
        if let Some(error) = bad {
            return Err(error);
        }
        self.total_uj = self.total_uj.saturating_add(sum_uj);
        Ok(self.total_uj as f64 * 1e-6)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        self.limits.read_within_s
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

/// Reads the present power in watts.
pub(super) type ReadWatts = Box<dyn FnMut() -> Result<f64, ReadError> + Send>;

/// A power reading with a check of plausibility.
pub(super) struct Watts {
    pub info: MeterInfo,
    /// The name of the reading in errors.
    pub what: String,
    pub watts: ReadWatts,
    /// Largest plausible power in watts.
    pub max_w: f64,
    pub pace: Pace,
}

/// Returns `watts` if a running machine can draw it. Running hardware always draws
/// more than 0 W, so a 0 comes from a sensor that does not work.
pub(super) fn believed(what: &str, watts: f64, max_w: f64) -> Result<f64, ReadError> {
    if watts > max_w {
        return Err(ReadError::Implausible {
            path: what.to_owned(),
            implied_w: watts,
            max_w,
        });
    }
    // The comparison also refuses a NaN.
    if watts > 0.0 {
        return Ok(watts);
    }
    Err(malformed(what, format!("{watts} W")))
}

impl Source for Watts {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        believed(&self.what, (self.watts)()?, self.max_w)
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_that_cannot_be_is_an_error() {
        assert_eq!(believed("m", 12.5, 100.0), Ok(12.5));
        for watts in [0.0, -0.0, -3.0, f64::NAN, f64::NEG_INFINITY] {
            let error = believed("m", watts, 100.0).unwrap_err();
            assert!(matches!(error, ReadError::Malformed { .. }), "{error}");
        }
        for watts in [100.1, 65535.0, 4.294e9, f64::INFINITY] {
            let error = believed("m", watts, 100.0).unwrap_err();
            assert!(matches!(error, ReadError::Implausible { .. }), "{error}");
        }
    }
}
