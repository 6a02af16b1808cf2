//! Conversion of a hardware counter into joules since it was opened.

use crate::counter::CounterDiff;
use crate::error::ReadError;

/// A counter across successive readings: each good reading adds the difference from the
/// previous one, and a failed reading costs the interval that it ends.
#[derive(Clone, Debug)]
pub struct Accumulator {
    what: String,
    diff: CounterDiff,
    /// Longest time, in seconds, that a working counter may show the same value.
    frozen_s: Option<f64>,
    last_uj: u64,
    last_s: f64,
    moved_s: f64,
    total_uj: u64,
    /// Energy counted beyond the largest power times the elapsed time. A late counter
    /// may be ahead by its slack once, not again at each reading.
    lead_uj: f64,
}

impl Accumulator {
    /// Starts at the counter's value `first_uj` (microjoules) at time `now_s`; `what`
    /// is its name in errors.
    pub fn new(
        what: impl Into<String>,
        diff: CounterDiff,
        frozen_s: Option<f64>,
        first_uj: u64,
        now_s: f64,
    ) -> Self {
        Self {
            what: what.into(),
            diff,
            frozen_s,
            last_uj: first_uj,
            last_s: now_s,
            moved_s: now_s,
            total_uj: 0,
            lead_uj: 0.0,
        }
    }

    /// The counter's range, largest power and slack.
    pub fn diff(&self) -> &CounterDiff {
        &self.diff
    }

    /// Microjoules since the start, without failed intervals.
    pub fn total_uj(&self) -> u64 {
        self.total_uj
    }

    /// Takes the value at `now_s` and returns the joules since the start.
    ///
    /// In either case, the next interval starts here: the energy of a failed interval
    /// is lost, and must not be charged to the next one.
    ///
    /// # Errors
    /// [`ReadError`] if the energy of the interval that this value ends is not certain.
    pub fn advance(&mut self, value_uj: u64, now_s: f64) -> Result<f64, ReadError> {
        let elapsed_s = now_s - self.last_s;
        let delta_uj = self.difference_uj(value_uj, now_s);
        self.rebase(value_uj, now_s);
        let delta_uj = delta_uj?;
        let lead_uj = self.lead_uj + delta_uj as f64;
        let allowed_s = elapsed_s.max(0.0) + self.diff.slack_s;
        if lead_uj > self.diff.max_w * allowed_s * 1e6 {
            return Err(ReadError::Implausible {
                path: self.what.clone(),
                implied_w: lead_uj * 1e-6 / allowed_s,
                max_w: self.diff.max_w,
            });
        }
        self.lead_uj = (lead_uj - self.diff.max_w * elapsed_s * 1e6).max(0.0);
        self.total_uj = self.total_uj.saturating_add(delta_uj);
        Ok(self.total_uj as f64 * 1e-6)
    }

    /// Starts the next interval at `value_uj` and counts no energy for this one.
    pub fn rebase(&mut self, value_uj: u64, now_s: f64) {
        self.last_s = now_s;
        // A value above the range would make every later difference fail.
        if value_uj > self.diff.range_uj {
            return;
        }
        if value_uj != self.last_uj {
            self.moved_s = now_s;
        }
        self.last_uj = value_uj;
    }

    fn difference_uj(&self, value_uj: u64, now_s: f64) -> Result<u64, ReadError> {
        let elapsed_s = now_s - self.last_s;
        let delta_uj = self
            .diff
            .between(&self.what, self.last_uj, value_uj, elapsed_s)?;
        let still_s = now_s - self.moved_s;
        match self.frozen_s {
            Some(longest_s) if delta_uj == 0 && still_s > longest_s => Err(ReadError::Frozen {
                path: self.what.clone(),
                still_s,
            }),
            _ => Ok(delta_uj),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accumulator() -> Accumulator {
        let diff = CounterDiff {
            range_uj: 1_000_000_000,
            max_w: 500.0,
            slack_s: 0.0,
        };
        Accumulator::new("counter", diff, Some(1.0), 10, 0.0)
    }

    #[test]
    fn a_bad_interval_is_lost_and_the_next_one_is_whole() {
        let mut counter = accumulator();
        assert_eq!(counter.advance(1_000_010, 0.1), Ok(1.0));
        let fell = counter.advance(7, 0.2);
        assert!(matches!(fell, Err(ReadError::WentBackwards { .. })));
        assert_eq!(counter.advance(2_000_007, 0.3), Ok(3.0));
        let above = counter.advance(u64::MAX, 0.4);
        assert!(matches!(above, Err(ReadError::Malformed { .. })));
        assert!(counter.advance(2_000_008, 0.5).is_ok());
        assert_eq!(counter.total_uj(), 3_000_001);
    }

    #[test]
    fn a_late_counter_is_ahead_once_by_its_slack() {
        let diff = CounterDiff {
            range_uj: u64::MAX,
            max_w: 1e6,
            slack_s: 120.0,
        };
        let mut counter = Accumulator::new("counter", diff, None, 0, 0.0);
        // 20 kWh at each second: 72 MW.
        let mut believes = |n: u32| {
            let uj = u64::from(n) * 72_000_000_000_000;
            counter.advance(uj, f64::from(n)).is_ok()
        };
        let believed: Vec<bool> = (1..=600).map(&mut believes).collect();
        assert!(believed[0], "a minute's energy may come at once");
        assert!(!believed[1] && !believed[2]);
        let most_j = 1e6 * (600.0 + 120.0);
        assert!(counter.total_uj() as f64 * 1e-6 <= most_j);
        // A counter that is late by a minute is accepted once a minute.
        let mut counter = Accumulator::new("counter", diff, None, 0, 0.0);
        for minute in 1..=60u32 {
            let (uj, s) = (u64::from(minute) * 30_000_000_000_000, minute * 60);
            assert!(counter.advance(uj, f64::from(s)).is_ok(), "{minute}");
            assert!(counter.advance(uj, f64::from(s + 1)).is_ok());
        }
    }

    #[test]
    fn a_counter_that_stands_still_is_not_zero_watts() {
        let mut counter = accumulator();
        assert_eq!(counter.advance(10, 0.9), Ok(0.0));
        let still = counter.advance(10, 1.1).unwrap_err();
        assert!(matches!(still, ReadError::Frozen { .. }), "{still}");
        assert!(counter.advance(11, 1.2).is_ok());
    }
}
