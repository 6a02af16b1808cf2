//! The idle machine: a stretch without load, to measure its idle power.

use std::time::{Duration, Instant};

use perwatt_host::clock;
use perwatt_record::schema::Idle;

use super::meters::Meters;
use super::observe::Observer;

/// Time between two checks for an interrupt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Waits for `idle_s` while the meters continue; `None` when interrupted.
pub fn idle(
    meters: &Meters,
    segment: u32,
    origin_ns: u64,
    after_runs: u32,
    idle_s: f64,
    observer: &mut dyn Observer,
    interrupted: &dyn Fn() -> bool,
) -> Option<Idle> {
    observer.idle_started(idle_s);
    let started_ns = clock::monotonic_ns();
    let began = Instant::now();
    let length = Duration::try_from_secs_f64(idle_s).unwrap_or_default();
    while let Some(left) = length
        .checked_sub(began.elapsed())
        .filter(|left| !left.is_zero())
    {
        if interrupted() {
            return None;
        }
        observer.tick();
        std::thread::sleep(left.min(POLL_INTERVAL));
    }
    let ended_ns = clock::monotonic_ns();
    Some(Idle {
        segment,
        after_runs,
        started_ns: started_ns - origin_ns,
        ended_ns: ended_ns - origin_ns,
        energy: meters.take(started_ns, origin_ns),
    })
}
