//! The windows of miners, which work all the time while the clock cuts windows out of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_host::clock;
use perwatt_record::WriteError;
use perwatt_record::derive::covers;
use perwatt_record::order::order_of_round;
use perwatt_record::schema::{EnergySeries, Record, Status};
use perwatt_stratum::Event;

use super::rounds::{Finished, SessionError};
use super::run::judge;
use super::start::Session;
use super::window::{Arrivals, Window};
use crate::pool::Pool;

/// Time between two looks at what arrived.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Distance of work samples.
const SAMPLE_NS: u64 = 1_000_000_000;
/// Between the first jobs of a session and its first window: miners hold work of the jobs
/// before them for a second or two.
const SETTLE_S: f64 = 10.0;
/// Of a window shorter than three times that, the settling is this part: such windows are
/// trials.
const SETTLE_OF_WINDOW: f64 = 1.0 / 3.0;
/// Numbers of jobs that a segment may use: of 64 miners, four days of keepalives.
const JOBS_OF_SEGMENT: u32 = 1 << 20;
/// After the end of a window until the last events of it are there.
const DRAIN: Duration = Duration::from_millis(200);

/// Observes a session of miners.
pub trait MineObserver {
    /// The file exists.
    fn started(&mut self, _record: &Record, _path: &std::path::Path) {}
    /// Something happened on a connection.
    fn event(&mut self, _event: &Event) {}
    /// About once a second within a window: the number of the window, from 0, the seconds
    /// since it began, and the shares in it of each worker that has an entry.
    fn progress(&mut self, _round: u32, _elapsed_s: f64, _shares: &[(String, u64)]) {}
    /// A window has ended and its runs are in the record.
    fn window_ended(&mut self, _record: &Record, _round: u32) {}
    /// The record could not be written; measuring goes on.
    fn write_failed(&mut self, _error: &WriteError) {}
}

impl Session {
    /// Measures the windows that are missing. `interrupt` ends the session and discards the
    /// window in progress; those before it are kept.
    pub fn mine(
        mut self,
        pool: &Pool,
        observer: &mut dyn MineObserver,
        interrupt: &AtomicBool,
    ) -> Result<Finished, SessionError> {
        observer.started(&self.record, self.file.path());
        let interrupted = || interrupt.load(Ordering::Relaxed);
        let segment = self.record.session.segments.len() - 1;
        let origin_ns = self.record.session.segments[segment].clock_origin_ns;
        let mut arrivals = Arrivals::new(&self.record, pool.epoch_ns(), origin_ns);
        pool.begin(&self.record.session.id, first_job(&self.record));
        let settle_s = SETTLE_S.min(self.record.config.protocol.window_s * SETTLE_OF_WINDOW);
        self.wait(pool, &mut arrivals, settle_s, observer, &interrupted);
        for round in 0..self.record.config.rounds {
            if self.record.runs.iter().any(|run| run.round == round) {
                continue;
            }
            if interrupted() {
                break;
            }
            let Some(window) = self.window(pool, &mut arrivals, round, observer, &interrupted)
            else {
                break;
            };
            self.push(&window, &mut arrivals, (round, segment as u32), origin_ns);
            observer.window_ended(&self.record, round);
            if let Err(error) = self.write() {
                observer.write_failed(&error);
            }
        }
        self.finish(segment)
    }

    /// Takes what arrives for some seconds.
    fn wait(
        &self,
        pool: &Pool,
        arrivals: &mut Arrivals,
        seconds: f64,
        observer: &mut dyn MineObserver,
        interrupted: &dyn Fn() -> bool,
    ) {
        let until_ns = clock::monotonic_ns() + (seconds * 1e9) as u64;
        while clock::monotonic_ns() < until_ns && !interrupted() {
            drain(pool, arrivals, observer);
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    /// One window; `None` when interrupted.
    fn window(
        &self,
        pool: &Pool,
        arrivals: &mut Arrivals,
        round: u32,
        observer: &mut dyn MineObserver,
        interrupted: &dyn Fn() -> bool,
    ) -> Option<Window> {
        let length_ns = (self.record.config.protocol.window_s * 1e9) as u64;
        let mut window = Window::begin(self.record.plan.entries.len());
        let began_ns = window.started_ns;
        let mut next_ns = began_ns;
        loop {
            if interrupted() {
                return None;
            }
            drain(pool, arrivals, observer);
            let now_ns = clock::monotonic_ns();
            let is_full = now_ns >= began_ns + length_ns;
            if now_ns >= next_ns || is_full {
                next_ns += SAMPLE_NS;
                window.sample();
                let elapsed_s = (now_ns - began_ns) as f64 * 1e-9;
                observer.progress(round, elapsed_s, &arrivals.since(began_ns));
            }
            // Every entry's own last sample is past the length.
            if is_full && window.is_full(length_ns) {
                break;
            }
            let left_ns = next_ns.min(began_ns + length_ns).saturating_sub(now_ns);
            std::thread::sleep(POLL_INTERVAL.min(Duration::from_nanos(left_ns)));
        }
        std::thread::sleep(DRAIN);
        drain(pool, arrivals, observer);
        Some(window)
    }

    /// Adds the runs of a window, in the order that the seed gives.
    fn push(
        &mut self,
        window: &Window,
        arrivals: &mut Arrivals,
        place: (u32, u32),
        origin_ns: u64,
    ) {
        let (round, segment) = place;
        let readings = self.meters.take(window.started_ns, origin_ns);
        let runs = window.runs(&self.record, arrivals, origin_ns);
        let order = order_of_round(self.record.session.seed, round, runs.len() as u32);
        let first = self.record.runs.len();
        for (position, entry) in (0..).zip(order) {
            let mut run = runs[entry as usize].clone();
            (run.round, run.position, run.segment) = (round, position, segment);
            let covers = |series: &&EnergySeries| {
                let info = self.record.meters.get(series.meter as usize);
                let entry = &self.record.plan.entries[entry as usize];
                info.is_some_and(|info| covers(&info.covers, entry, &self.record.plan.gpus))
            };
            run.energy = readings.iter().filter(covers).cloned().collect();
            self.record.runs.push(run);
        }
        // A sum is judged by the runs of its members, so all are in the record by now.
        for at in first..self.record.runs.len() {
            let mut run = self.record.runs[at].clone();
            if run.status == Status::Ok
                && let Err(failure) = judge(&self.record, &mut run)
            {
                (run.status, run.measured, run.steady) = (Status::Failed(failure), None, None);
            }
            self.record.runs[at] = run;
        }
    }
}

/// Takes all events that arrived.
fn drain(pool: &Pool, arrivals: &mut Arrivals, observer: &mut dyn MineObserver) {
    for event in pool.events() {
        observer.event(&event);
        arrivals.take(event);
    }
}

/// The number of the first job: after those of the pool before the session, and after all that
/// the segments before may have had, so that none comes twice.
fn first_job(record: &Record) -> u32 {
    let segments = record.session.segments.len() as u32;
    segments.saturating_mul(JOBS_OF_SEGMENT).saturating_add(1)
}
