//! How often a counter changes, by watching it.

use super::zone::read_energy;
use crate::environment::Environment;
use std::path::Path;

/// Longest watch, in seconds.
const WATCH_S: f64 = 0.06;
/// A counter that has not moved by then is not worth more of the user's time.
const PATIENCE_S: f64 = 0.03;
/// Ends the watch even on a clock that stands still.
const MAX_READS: usize = 20_000;
/// Gaps that make a median trustworthy against a single interruption.
const MIN_GAPS: usize = 3;
const ENOUGH_GAPS: usize = 32;

/// Median time between changes of the counter at `path`, in seconds; `None`
/// when too few changes were seen to tell.
pub(super) fn update_period_s(environment: &Environment, path: &Path) -> Option<f64> {
    let mut last_uj = read_energy(environment, path).ok()?;
    let start_s = environment.clock.now_s();
    let mut changed_s = None;
    let mut gaps_s = Vec::new();
    for _ in 0..MAX_READS {
        let value_uj = read_energy(environment, path).ok()?;
        let now_s = environment.clock.now_s();
        if value_uj != last_uj {
            last_uj = value_uj;
            // The first change ends an interval whose start nobody saw.
            gaps_s.extend(changed_s.map(|then_s| now_s - then_s));
            changed_s = Some(now_s);
        }
        let watched_s = now_s - start_s;
        if watched_s > WATCH_S
            || gaps_s.len() >= ENOUGH_GAPS
            || changed_s.is_none() && watched_s > PATIENCE_S
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
