//! Measurement of a reading's update period.

use crate::system::Clock;
use perwatt_stats::upper_median;

/// Duration and precision of a measurement of the update period.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Watch {
    /// Longest duration, in seconds.
    pub longest_s: f64,
    /// A reading that has not changed by then, in seconds, is given up, to save the
    /// user's time.
    pub patience_s: f64,
    /// The least number of intervals between changes whose median is reported.
    pub min_gaps: usize,
}

impl Watch {
    /// For counters that change every few milliseconds.
    pub const FAST: Self = Self {
        longest_s: 0.06,
        patience_s: 0.03,
        // Enough to outweigh a single interruption.
        min_gaps: 3,
    };

    /// For values that a device refreshes ten times a second. Only one interval is
    /// certain to be seen within a reasonable duration.
    pub const SLOW: Self = Self {
        longest_s: 0.25,
        patience_s: 0.25,
        min_gaps: 1,
    };
}

/// Ends the measurement even if the clock stands still.
const MAX_READS: usize = 20_000;
const ENOUGH_GAPS: usize = 32;

/// Median time between changes of the values of `read`, in seconds; `None` if too few
/// changes were seen, or a reading failed.
pub fn update_period_s<T: PartialEq>(
    clock: &dyn Clock,
    watch: Watch,
    mut read: impl FnMut() -> Option<T>,
) -> Option<f64> {
    update_periods_s(clock, watch, || vec![read()]).pop()?
}

/// [`update_period_s`] of several readings at the same time, so that many take no
/// longer than one. `read` must return the same number of values each time.
pub fn update_periods_s<T: PartialEq>(
    clock: &dyn Clock,
    watch: Watch,
    mut read: impl FnMut() -> Vec<Option<T>>,
) -> Vec<Option<f64>> {
    let start_s = clock.now_s();
    let mut watched: Vec<Changes<T>> = read().into_iter().map(Changes::of).collect();
    for _ in 0..MAX_READS {
        let values = read();
        let now_s = clock.now_s();
        for (changes, value) in watched.iter_mut().zip(values) {
            changes.see(value, now_s);
        }
        let elapsed_s = now_s - start_s;
        if elapsed_s > watch.longest_s || watched.iter().all(|c| c.is_done(watch, elapsed_s)) {
            break;
        }
    }
    watched
        .into_iter()
        .map(|changes| changes.median_s(watch.min_gaps))
        .collect()
}

/// The changes of one reading seen so far.
struct Changes<T> {
    /// `None` once a reading has failed.
    last: Option<T>,
    changed_s: Option<f64>,
    gaps_s: Vec<f64>,
}

impl<T: PartialEq> Changes<T> {
    fn of(first: Option<T>) -> Self {
        Self {
            last: first,
            changed_s: None,
            gaps_s: Vec::new(),
        }
    }

    fn see(&mut self, value: Option<T>, now_s: f64) {
        if self.last.is_none() || value == self.last {
            return;
        }
        self.last = value;
        // The first change ends an interval whose start was not observed.
        self.gaps_s
            .extend(self.changed_s.map(|then_s| now_s - then_s));
        self.changed_s = Some(now_s);
    }

    fn is_done(&self, watch: Watch, elapsed_s: f64) -> bool {
        self.last.is_none()
            || self.gaps_s.len() >= ENOUGH_GAPS
            || self.changed_s.is_none() && elapsed_s > watch.patience_s
    }

    fn median_s(self, min_gaps: usize) -> Option<f64> {
        if self.last.is_none() || self.gaps_s.len() < min_gaps {
            return None;
        }
        upper_median(self.gaps_s, f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A clock that advances by a millisecond at each call.
    #[derive(Default)]
    struct Ticking(AtomicU64);

    impl Clock for Ticking {
        fn now_s(&self) -> f64 {
            self.0.fetch_add(1, Ordering::Relaxed) as f64 * 1e-3
        }
    }

    #[test]
    fn several_readings_are_watched_at_the_same_time() {
        let clock = Ticking::default();
        let steps = Cell::new(0u64);
        let periods_s = update_periods_s(&clock, Watch::SLOW, || {
            steps.set(steps.get() + 1);
            let step = steps.get();
            vec![
                Some(step / 100),
                Some(step / 20),
                Some(7),
                None,
                (step < 50).then_some(step / 10),
            ]
        });
        assert!((periods_s[0].unwrap() - 0.1).abs() < 1e-9, "{periods_s:?}");
        assert!((periods_s[1].unwrap() - 0.02).abs() < 1e-9, "{periods_s:?}");
        assert_eq!(periods_s[2..], [None, None, None]);
        assert!(clock.now_s() < 2.0 * Watch::SLOW.longest_s);
    }

    #[test]
    fn a_watch_ends_on_a_clock_that_stands_still() {
        struct Still;
        impl Clock for Still {
            fn now_s(&self) -> f64 {
                1.0
            }
        }
        assert_eq!(update_period_s(&Still, Watch::FAST, || Some(1)), None);
    }
}
