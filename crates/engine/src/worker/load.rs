//! The worker's side: the workload's connection to the coordinator.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_host::clock;

use super::message::FromWorker;

/// Time between reports of work: short enough to detect within a second that the rate has
/// settled, long enough to cost nothing.
pub const SAMPLE_PERIOD: Duration = Duration::from_millis(50);

/// The running load: the workload reports its progress to it.
pub struct Load<'a> {
    send: &'a mut dyn FnMut(&FromWorker) -> io::Result<()>,
    stop: Arc<AtomicBool>,
    last_sent_ns: u64,
}

impl<'a> Load<'a> {
    /// A load that reports through `send` and ends when `stop` is set.
    pub fn new(
        send: &'a mut dyn FnMut(&FromWorker) -> io::Result<()>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            send,
            stop,
            last_sent_ns: 0,
        }
    }

    /// Does steps until the coordinator has enough, and reports them.
    pub fn run(&mut self, mut step: impl FnMut()) -> io::Result<()> {
        self.ready()?;
        let mut steps = 0;
        while !self.stopped() {
            step();
            steps += 1;
            self.progress(steps)?;
        }
        self.sample(steps)
    }

    /// Reports that the inputs are ready; from here on all work is load.
    pub fn ready(&mut self) -> io::Result<()> {
        (self.send)(&FromWorker::Ready)?;
        self.sample(0)
    }

    /// Reports the steps done so far, at most once per `SAMPLE_PERIOD`.
    pub fn progress(&mut self, steps: u64) -> io::Result<()> {
        let due = self.last_sent_ns + SAMPLE_PERIOD.as_nanos() as u64;
        if clock::monotonic_ns() >= due {
            self.sample(steps)
        } else {
            Ok(())
        }
    }

    /// Reports the steps done so far, always.
    pub fn sample(&mut self, steps: u64) -> io::Result<()> {
        let t_ns = clock::monotonic_ns();
        self.last_sent_ns = t_ns;
        let cpu_ns = clock::process_cpu_ns();
        (self.send)(&FromWorker::Work {
            t_ns,
            steps,
            cpu_ns,
        })
    }

    /// True once the coordinator has enough samples.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
