//! How often a reading changes, by watching it.

use crate::environment::Clock;

/// How long and how closely to watch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Watch {
    /// Longest watch, in seconds.
    pub longest_s: f64,
    /// A reading that has not moved by then is not worth more of the user's time.
    pub patience_s: f64,
}

impl Watch {
    /// For counters that step every few milliseconds.
    pub const FAST: Self = Self {
        longest_s: 0.06,
        patience_s: 0.03,
    };
}

/// Ends the watch even on a clock that stands still.
const MAX_READS: usize = 20_000;
/// Gaps that make a median trustworthy against a single interruption.
const MIN_GAPS: usize = 3;
const ENOUGH_GAPS: usize = 32;

/// Median time between changes of what `read` gives, in seconds; `None` when too
/// few changes were seen to tell, or a reading failed.
pub fn update_period_s<T: PartialEq>(
    clock: &dyn Clock,
    watch: Watch,
    mut read: impl FnMut() -> Option<T>,
) -> Option<f64> {
    let mut last = read()?;
    let start_s = clock.now_s();
    let mut changed_s = None;
    let mut gaps_s = Vec::new();
    for _ in 0..MAX_READS {
        let value = read()?;
        let now_s = clock.now_s();
        if value != last {
            last = value;
            // The first change ends an interval whose start nobody saw.
            gaps_s.extend(changed_s.map(|then_s| now_s - then_s));
            changed_s = Some(now_s);
        }
        let watched_s = now_s - start_s;
        if watched_s > watch.longest_s
            || gaps_s.len() >= ENOUGH_GAPS
            || changed_s.is_none() && watched_s > watch.patience_s
        {
            break;
        }
    }
    if gaps_s.len() < MIN_GAPS {
        return None;
    }
    gaps_s.sort_by(f64::total_cmp);
    Some(gaps_s[gaps_s.len() / 2])
}
