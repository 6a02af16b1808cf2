//! The queue of a device while a library's products are measured.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use perwatt_gpu::pump::{DEPTH, Pumped};
use perwatt_matmul::Watch;
use perwatt_vendor::lt::{Device, Event, Fault};

use super::library_step::{Part, Step};
use crate::worker::{Load, RunError};

/// The intended length of a batch of steps in the queue.
const BATCH: Duration = Duration::from_millis(20);
/// The largest number of products in a batch: a queue holds about a thousand.
pub(super) const MOST_PRODUCTS: u64 = 256;

/// Keeps a device busy until the load is told to stop: batches of steps, several in the
/// queue. At random moments the queue is emptied and one step probed.
pub(super) fn drive(
    step: &mut Step,
    watch: &mut Watch,
    load: &mut Load,
) -> Result<Pumped, RunError> {
    let most = (MOST_PRODUCTS / step.products().max(1)).max(1);
    let mut queue = Queue::new(step.device)?;
    load.ready()?;
    queue.began = Instant::now();
    let (mut steps, mut probes) = (1, 0);
    loop {
        let more = !load.stopped();
        // Until a batch has completed, there is only one at a time.
        while more && queue.has_room() {
            queue.push(step, steps)?;
        }
        if !queue.pop()? {
            break;
        }
        steps = ((BATCH.as_secs_f64() / queue.step_s) as u64).clamp(1, most);
        if more && watch.due() {
            while queue.pop()? {}
            let number = probes % step.parts.len();
            probes += 1;
            let part = &mut step.parts[number];
            let probe = part.inputs.draw(watch);
            let before = part.plan.element(probe.at)?;
            let flipped = part.inputs.flip(probe.flipped);
            part.plan.poke(probe.flipped, &flipped)?;
            queue.push(step, 1)?;
            queue.pop()?;
            let Part { plan, inputs, .. } = &step.parts[number];
            watch.judge(probe, inputs.change(before, plan.element(probe.at)?));
        }
        load.progress(queue.pumped.pieces)?;
    }
    load.sample(queue.pumped.pieces)?;
    Ok(queue.pumped)
}

/// Batches of steps in the queue of a device, each between two events.
struct Queue<'d> {
    device: &'d Device<'d>,
    slots: Vec<(Event, Event)>,
    free: Vec<usize>,
    flights: VecDeque<Flight>,
    began: Instant,
    last_end: Option<Instant>,
    /// The time of a step by the device's clock in seconds.
    step_s: f64,
    pumped: Pumped,
}

struct Flight {
    slot: usize,
    steps: u64,
    queued: Instant,
}

impl<'d> Queue<'d> {
    fn new(device: &'d Device<'d>) -> Result<Self, Fault> {
        let slot = |_| Ok((device.event()?, device.event()?));
        Ok(Self {
            device,
            slots: (0..DEPTH).map(slot).collect::<Result<_, Fault>>()?,
            free: (0..DEPTH).collect(),
            flights: VecDeque::new(),
            began: Instant::now(),
            last_end: None,
            step_s: f64::INFINITY,
            pumped: Pumped {
                kernel: Some(Duration::ZERO),
                ..Pumped::default()
            },
        })
    }

    fn has_room(&self) -> bool {
        match self.pumped.dispatches {
            0 => self.flights.is_empty(),
            _ => !self.free.is_empty(),
        }
    }

    /// Queues a batch. There must be room.
    fn push(&mut self, step: &Step, steps: u64) -> Result<(), Fault> {
        let Some(slot) = self.free.pop() else {
            return Ok(());
        };
        let (begin, end) = self.slots[slot];
        let queued = Instant::now();
        self.device.mark(begin)?;
        step.enqueue(steps)?;
        self.device.mark(end)?;
        self.flights.push_back(Flight {
            slot,
            steps,
            queued,
        });
        Ok(())
    }

    /// Waits for the oldest batch and counts it; false if there is none.
    fn pop(&mut self) -> Result<bool, Fault> {
        let Some(flight) = self.flights.pop_front() else {
            return Ok(false);
        };
        let (begin, end) = self.slots[flight.slot];
        self.device.wait(end)?;
        let now = Instant::now();
        let since = self
            .last_end
            .map_or(flight.queued, |end| end.max(flight.queued));
        self.last_end = Some(now);
        let kernel = self.device.between(begin, end)?;
        self.step_s = kernel.as_secs_f64().max(1e-9) / flight.steps as f64;
        let pumped = &mut self.pumped;
        // A driver may state any time.
        pumped.kernel = pumped.kernel.map(|sum| sum.saturating_add(kernel));
        if pumped.dispatches > 0 {
            pumped.longest = pumped.longest.max(now - since);
        }
        pumped.pieces += flight.steps;
        pumped.dispatches += 1;
        pumped.wall = now - self.began;
        self.free.push(flight.slot);
        Ok(true)
    }
}
