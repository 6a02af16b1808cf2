//! Differences of hardware counters that wrap; no other code computes them.
//!
//! An energy counter of 32 bits wraps every few minutes. Between two readings
//! `previous` and `current`, one wrap is invisible and legal; two wraps, a reset and a
//! glitch look the same. They are told apart by the energy that the hardware could have
//! used between the readings.

use crate::error::ReadError;

/// Properties of a counter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CounterDiff {
    /// Largest value of the counter, in microjoules; the next value is 0.
    pub range_uj: u64,
    /// Largest mean power the hardware can plausibly draw, in watts.
    pub max_w: f64,
    /// Largest delay of the counter, in seconds: two readings are accepted even if they
    /// are this much closer together than the energy between them allows.
    pub slack_s: f64,
}

impl CounterDiff {
    /// A counter that no real value fills, so that one that falls was reset.
    pub(crate) fn endless(max_w: f64, slack_s: f64) -> Self {
        Self {
            range_uj: u64::MAX,
            max_w,
            slack_s,
        }
    }

    /// Longest interval, in seconds, in which the counter can wrap at most once.
    pub fn max_interval_s(&self) -> f64 {
        self.range_uj as f64 * 1e-6 / self.max_w - self.slack_s
    }

    /// Energy in microjoules between two readings `elapsed_s` apart of the counter `what`.
    ///
    /// A wrap is computed as `range - previous + current`; the true modulus is larger
    /// by one hardware unit (below 62 µJ for RAPL), which the kernel's scaled values do
    /// not show.
    ///
    /// # Errors
    /// [`ReadError`] if the difference is not certain.
    pub fn between(
        &self,
        what: &str,
        previous_uj: u64,
        current_uj: u64,
        elapsed_s: f64,
    ) -> Result<u64, ReadError> {
        let (path, range_uj) = (what.to_owned(), self.range_uj);
        if let Some(above) = [previous_uj, current_uj]
            .into_iter()
            .find(|uj| *uj > range_uj)
        {
            let text = above.to_string();
            return Err(ReadError::Malformed { path, text });
        }
        // Written so that a NaN time is ambiguous as well.
        let max_interval_s = self.max_interval_s();
        if !(elapsed_s >= 0.0 && elapsed_s <= max_interval_s) {
            return Err(ReadError::Ambiguous {
                path,
                elapsed_s,
                max_interval_s,
            });
        }
        let allowed_s = elapsed_s + self.slack_s;
        let wrapped = current_uj < previous_uj;
        let delta_uj = match wrapped {
            true => range_uj - previous_uj + current_uj,
            false => current_uj - previous_uj,
        };
        if delta_uj as f64 <= self.max_w * allowed_s * 1e6 {
            return Ok(delta_uj);
        }
        Err(match wrapped {
            true => ReadError::WentBackwards {
                path,
                from_j: previous_uj as f64 * 1e-6,
                to_j: current_uj as f64 * 1e-6,
            },
            false => ReadError::Implausible {
                path,
                implied_w: delta_uj as f64 * 1e-6 / allowed_s,
                max_w: self.max_w,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// AMD's range, with a plausible power for a package.
    const AMD: CounterDiff = CounterDiff {
        range_uj: 65_532_610_987,
        max_w: 560.0,
        slack_s: 0.05,
    };

    #[test]
    fn a_wrap_counts_the_way_to_the_end_and_on() {
        assert_eq!(AMD.between("c", AMD.range_uj - 7, 5, 0.0), Ok(12));
        assert_eq!(AMD.between("c", AMD.range_uj, 0, 0.0), Ok(0));
        assert_eq!(AMD.between("c", 3, 3, 1.0), Ok(0));
    }

    #[test]
    fn time_that_makes_no_sense_is_ambiguous() {
        for elapsed_s in [f64::NAN, -1.0, f64::INFINITY, AMD.max_interval_s() * 1.001] {
            let diff = AMD.between("c", 0, 1, elapsed_s);
            assert!(
                matches!(diff, Err(ReadError::Ambiguous { .. })),
                "{elapsed_s}"
            );
        }
    }

    #[test]
    fn a_reading_above_the_range_is_refused_on_either_side() {
        let above = AMD.range_uj + 1;
        for (previous, current) in [(above, 0), (0, above), (u64::MAX, u64::MAX)] {
            let diff = AMD.between("c", previous, current, 1.0);
            assert!(matches!(diff, Err(ReadError::Malformed { .. })));
        }
    }

    proptest! {
        #[test]
        fn walks_through_many_wraps_add_up(
            start in 0..AMD.range_uj,
            // Each step is plausible by itself; hundreds of steps make tens of wraps.
            steps in prop::collection::vec((0.01..110.0f64, 0.0..1.0f64), 50..400),
        ) {
            let (mut true_uj, mut sum_uj, mut shown) = (0u64, 0u64, start);
            for (elapsed_s, load) in steps {
                let step_uj = (AMD.max_w * load * elapsed_s * 1e6) as u64;
                true_uj += step_uj;
                // The modulus as the code defines it: `range` steps per turn.
                let next = (start + true_uj) % AMD.range_uj;
                sum_uj += AMD.between("c", shown, next, elapsed_s).unwrap();
                shown = next;
            }
            prop_assert_eq!(sum_uj, true_uj);
        }

        #[test]
        fn the_kernels_scaled_counter_is_off_by_a_unit_a_wrap(
            start in 0..u64::from(u32::MAX),
            steps in prop::collection::vec(0u64..3_000_000_000, 1..100),
        ) {
            // 2^-16 J per step, truncated to 15258 nJ by the kernel; modulo 2^32.
            let shown = |units: u64| (units % (1 << 32)) * 15_258 / 1000;
            let (mut units, mut sum_uj) = (start, 0u64);
            for step in &steps {
                let before = shown(units);
                units += step;
                sum_uj += AMD.between("c", before, shown(units), 100.0).unwrap();
            }
            let true_uj = (units - start) as f64 * 15.258;
            let wraps = (units >> 32) - (start >> 32);
            let allowed_uj = 17.0 * wraps as f64 + 2.0;
            prop_assert!((sum_uj as f64 - true_uj).abs() <= allowed_uj);
        }

        #[test]
        fn a_fall_is_a_wrap_only_when_it_fits(
            previous in 0..=AMD.range_uj,
            current in 0..=AMD.range_uj,
            elapsed_s in 0.0..116.0f64,
        ) {
            prop_assume!(current < previous);
            let wrap_uj = AMD.range_uj - previous + current;
            let fits = wrap_uj as f64 <= AMD.max_w * (elapsed_s + AMD.slack_s) * 1e6;
            match AMD.between("c", previous, current, elapsed_s) {
                Ok(delta) => prop_assert!(fits && delta == wrap_uj),
                Err(ReadError::WentBackwards { .. }) => prop_assert!(!fits),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }

        #[test]
        fn two_wraps_never_pass_as_one(load in 0.5..1.0f64, previous in 0..AMD.range_uj) {
            // Long enough for two turns at this load, so longer than allowed.
            let elapsed_s = 2.0 * AMD.range_uj as f64 * 1e-6 / (AMD.max_w * load);
            let diff = AMD.between("c", previous, previous, elapsed_s);
            let ambiguous = matches!(diff, Err(ReadError::Ambiguous { .. }));
            prop_assert!(ambiguous);
        }

        #[test]
        fn nothing_panics(
            range_uj: u64, max_w: f64, slack_s: f64, previous: u64, current: u64, elapsed_s: f64,
        ) {
            let diff = CounterDiff { range_uj, max_w, slack_s };
            if let Ok(delta) = diff.between("c", previous, current, elapsed_s) {
                prop_assert!(delta <= range_uj);
            }
        }
    }
}
