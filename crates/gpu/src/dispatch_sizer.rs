//! The size of dispatches: large enough to keep the device busy, small enough for every
//! watchdog.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::adapter::Kind;

/// Sizes dispatches by the time that earlier ones took.
///
/// Systems reset a GPU that works on one dispatch for too long: Windows after 2 s, i915
/// after 0.64 s if another process waits. A GPU that draws a desktop should not make it
/// stutter. Therefore a dispatch takes some tens of milliseconds; its size grows from a
/// small first one, fourfold at most in one step.
#[derive(Debug, Clone)]
pub struct DispatchSizer {
    amount: u64,
    granule: u64,
    most: u64,
    wanted: RangeInclusive<Duration>,
    recent: VecDeque<(u64, Duration)>,
}

/// The largest factor by which one step may increase the amount.
const GROWTH: f64 = 4.0;
/// The number of dispatches over which the rate is taken. A host that is late observes one
/// dispatch that took long and then some that took no time; their total is right.
const RECENT: usize = 4;

impl DispatchSizer {
    /// Starts with `first` pieces; a dispatch has a multiple of `granule` pieces and at
    /// most `most`.
    pub fn new(kind: Kind, first: u64, granule: u64, most: u64) -> Self {
        let ms = Duration::from_millis;
        let wanted = match kind {
            // These may also draw the screen.
            Kind::Integrated => ms(10)..=ms(20),
            Kind::Discrete | Kind::Virtual | Kind::Software | Kind::Unknown => ms(20)..=ms(50),
        };
        let granule = granule.max(1);
        let most = (most / granule * granule).max(granule);
        Self {
            amount: (first / granule * granule).clamp(granule, most),
            granule,
            most,
            wanted,
            recent: VecDeque::with_capacity(RECENT),
        }
    }

    /// Pieces of the next dispatch.
    pub fn amount(&self) -> u64 {
        self.amount
    }

    /// Records that a dispatch of `amount` pieces took `time`.
    pub fn observe(&mut self, amount: u64, time: Duration) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((amount, time));
        let amounts: u64 = self.recent.iter().map(|(amount, _)| amount).sum();
        let times: Duration = self.recent.iter().map(|(_, time)| time).sum();
        let per_piece_s = times.as_secs_f64().max(1e-9) / amounts.max(1) as f64;
        let (shortest, longest) = (
            self.wanted.start().as_secs_f64(),
            self.wanted.end().as_secs_f64(),
        );
        if (shortest..=longest).contains(&(self.amount as f64 * per_piece_s)) {
            return;
        }
        let ideal = (shortest + longest) / 2.0 / per_piece_s;
        let next = ideal.min(self.amount as f64 * GROWTH) as u64;
        self.amount = (next / self.granule * self.granule).clamp(self.granule, self.most);
    }

    /// Limits all further dispatches to `most` pieces.
    pub fn limit(&mut self, most: u64) {
        self.most = self
            .most
            .min((most / self.granule * self.granule).max(self.granule));
        self.amount = self.amount.min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Simulates dispatches until the amount is stable; returns it and the longest time.
    fn settle(mut sizer: DispatchSizer, pieces_per_ms: f64) -> (u64, Duration) {
        let mut longest = Duration::ZERO;
        for _ in 0..50 {
            let amount = sizer.amount();
            let time = MS.mul_f64(amount as f64 / pieces_per_ms);
            longest = longest.max(time);
            sizer.observe(amount, time);
        }
        (sizer.amount(), longest)
    }

    #[test]
    fn slow_and_fast_devices_end_in_the_range() {
        for rate in [100.0, 1e4, 1e7] {
            let sizer = DispatchSizer::new(Kind::Discrete, 1 << 10, 256, 1 << 40);
            let (amount, longest) = settle(sizer, rate);
            let ms = amount as f64 / rate;
            assert!((20.0..=50.0).contains(&ms), "{ms} ms at {rate}");
            assert!(longest <= 50 * MS, "{longest:?}");
        }
        let (amount, _) = settle(DispatchSizer::new(Kind::Integrated, 1, 1, u64::MAX), 1000.0);
        assert!((10_000..=20_000).contains(&amount));
    }

    #[test]
    fn amounts_are_whole_granules_within_the_bounds() {
        let mut sizer = DispatchSizer::new(Kind::Discrete, 5, 256, 1000);
        assert_eq!(sizer.amount(), 256);
        sizer.observe(256, Duration::ZERO);
        assert_eq!(sizer.amount(), 768);
        // One granule takes longer than wanted, and a dispatch cannot be smaller.
        sizer.observe(768, 10_000 * MS);
        assert_eq!(sizer.amount(), 256);
    }

    #[test]
    fn a_step_grows_fourfold_at_most_and_shrinks_at_once() {
        let mut sizer = DispatchSizer::new(Kind::Discrete, 1000, 1, u64::MAX);
        sizer.observe(1000, MS / 1000);
        assert_eq!(sizer.amount(), 4000);
        sizer.observe(4000, 35_000 * MS);
        assert_eq!(sizer.amount(), 4);
        sizer.limit(3);
        assert_eq!(sizer.amount(), 3);
    }

    /// The host observes only every second dispatch in time: one seems to take all the
    /// time, the next none.
    #[test]
    fn a_late_host_does_not_mislead() {
        let mut sizer = DispatchSizer::new(Kind::Discrete, 1000, 1, u64::MAX);
        for _ in 0..RECENT {
            sizer.observe(1000, 35 * MS);
        }
        for i in 0..40 {
            sizer.observe(1000, if i % 2 == 0 { 70 * MS } else { Duration::ZERO });
            assert_eq!(sizer.amount(), 1000);
        }
    }
}
