//! Energy counters and limits of graphics cards, whatever their maker.

use super::meter::{Counted, Limits};
use super::{MeterInfo, Pace, ReadError, System};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;

/// Longest delay of the counter's updates, in seconds.
const SLACK_S: f64 = 0.25;
/// Seconds without a step after which the counter is taken as stopped: a running
/// card always uses some energy.
const FROZEN_S: f64 = 5.0;
/// Power accepted as plausible, as a multiple of the card's limit.
const LIMIT_FACTOR: f64 = 2.0;
/// Least plausible maximum, in watts: the limit may be that of a part only.
const MIN_PLAUSIBLE_W: f64 = 200.0;

/// Largest plausible power in watts by the first limit that can be believed;
/// `most_w`, above any card sold, if there is none.
pub(super) fn plausible_w(mut limits_w: impl Iterator<Item = f64>, most_w: f64) -> f64 {
    limits_w
        .find_map(|w| Some(LIMIT_FACTOR * w).filter(|w| *w > 0.0 && *w <= most_w))
        .map_or(most_w, |w| w.max(MIN_PLAUSIBLE_W))
}

/// The counter `what`, which shows microjoules.
pub(super) fn counted(
    system: &System,
    info: MeterInfo,
    what: impl Into<String>,
    max_w: f64,
    first_uj: u64,
    mut value_uj: impl FnMut() -> Result<u64, ReadError> + Send + 'static,
) -> Counted {
    let (diff, now_s) = (CounterDiff::endless(max_w, SLACK_S), system.clock.now_s());
    let counter = Accumulator::new(what, diff, Some(FROZEN_S), first_uj, now_s);
    Counted::start(
        info,
        system.clock.clone(),
        vec![counter],
        Box::new(move || Ok(vec![value_uj()?])),
        Limits::default(),
        Pace::LOCAL,
    )
}
