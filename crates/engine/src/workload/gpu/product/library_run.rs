//! Products by the library of a GPU's vendor: runs, and the trial of its algorithms.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use perwatt_gpu::pump::{DEPTH, Pumped};
use perwatt_matmul::{LayerSet, Watch};
use perwatt_record::schema::{Gpu, Proof};
use perwatt_vendor::lt::{Device, Event, Fault, Format, Operands, Plan};

use super::kind::Kind;
use super::library::copies;
use super::library_inputs::{FREIVALDS_ROUNDS, Inputs};
use super::work::Work;
use crate::device::{Form, Forms, Then, open_road, road_name, try_road};
use crate::worker::{Assignment, Load, RunError, Tuned};
use crate::workload::gpu::running::{assigned, device_time};
use crate::workload::runnable::Done;

/// The intended length of a batch of steps in the queue.
const BATCH: Duration = Duration::from_millis(20);
/// The largest number of products in a batch: a queue holds about a thousand.
const MOST_PRODUCTS: u64 = 256;
/// Batches between two probes of the result on average; each empties the queue.
const BATCHES_BETWEEN: u64 = 5;
/// The length of one turn of a trial.
const TURN: Duration = Duration::from_millis(60);

/// The products of a step on a device, with their inputs and repetitions.
struct Step<'d> {
    device: &'d Device<'d>,
    parts: Vec<Part<'d>>,
}

struct Part<'d> {
    plan: Plan<'d>,
    inputs: Inputs,
    repeats: u32,
}

impl<'d> Step<'d> {
    fn new(device: &'d Device<'d>, format: Format, set: &LayerSet) -> Result<Self, RunError> {
        let part = |&(shape, repeats)| {
            let inputs = Inputs::generate(format, device.has_fnuz(), shape);
            let inputs = inputs.map_err(RunError::refused)?;
            let (a, b) = inputs.operands();
            let operands = Operands {
                a: &a,
                b: &b,
                copies: copies(format, &shape, device.card()) as usize,
            };
            let plan = Plan::new(device, format, [shape.m, shape.n, shape.k], operands)?;
            Ok(Part {
                plan,
                inputs,
                repeats,
            })
        };
        let parts = set.products.iter().map(part);
        Ok(Self {
            device,
            parts: parts.collect::<Result<_, RunError>>()?,
        })
    }

    /// Products of one step.
    fn products(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.repeats)).sum()
    }

    fn enqueue(&self, steps: u64) -> Result<(), Fault> {
        for _ in 0..steps {
            for part in &self.parts {
                (0..part.repeats).try_for_each(|_| part.plan.enqueue())?;
            }
        }
        Ok(())
    }

    /// The name of a choice of algorithms, one for each product.
    fn name(&self, chosen: &[usize]) -> String {
        let of = |part: &Part| part.plan.algorithms().len();
        let count = self.parts.iter().map(of).max().unwrap_or(0);
        let used = self.parts.iter().zip(chosen);
        let used = used.filter_map(|(part, index)| part.plan.algorithms().get(*index));
        let most = used.map(|algorithm| algorithm.workspace_bytes).max();
        let numbers: Vec<String> = chosen.iter().map(|index| (index + 1).to_string()).collect();
        format!(
            "algorithm{} {} of {count}, workspace {} MiB",
            if numbers.len() == 1 { "" } else { "s" },
            numbers.join("+"),
            most.unwrap_or(0).div_ceil(1 << 20)
        )
    }

    fn choose(&mut self, chosen: &[usize]) -> Result<(), Fault> {
        let mut parts = self.parts.iter_mut().zip(chosen);
        parts.try_for_each(|(part, index)| part.plan.choose(*index))
    }

    /// Chooses the algorithms that a variant names.
    fn choose_named(&mut self, variant: &str) -> Result<(), RunError> {
        let unknown = || RunError::Refused(format!("the library has no {variant:?} here"));
        let (_, rest) = variant.split_once(' ').ok_or_else(unknown)?;
        let (numbers, _) = rest.split_once(' ').ok_or_else(unknown)?;
        let number = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
        let chosen: Option<Vec<usize>> = numbers.split('+').map(number).collect();
        let chosen = chosen.ok_or_else(unknown)?;
        self.choose(&chosen)?;
        match self.name(&chosen) == variant {
            true => Ok(()),
            false => Err(unknown()),
        }
    }
}

/// Does one run.
pub(in crate::workload) fn run(
    kind: &Kind,
    assignment: &Assignment,
    load: &mut Load,
) -> Result<Done, RunError> {
    let entry = &assignment.entry;
    let planned = entry.backend_detail.as_deref();
    let (road, index) = open_road(assigned(assignment)?, &entry.backend, planned)?;
    let device = road.device(index)?;
    let params = &entry.workload.params;
    let name = params.get("model").or_else(|| params.get("shape"));
    let name = name.ok_or_else(|| RunError::Refused("the workload has no shape".into()))?;
    let (format, work) = named(kind, name)?;
    let mut step = Step::new(&device, format, &work.set)?;
    if let Some(variant) = &entry.variant {
        step.choose_named(variant)?;
    }

    let mut watch = Watch::every(BATCHES_BETWEEN, assignment.check_seed);
    let pumped = drive(&mut step, &mut watch, load)?;
    let probes = watch.end().map_err(RunError::unverified)?;
    let mut max_ratio = 0.0_f64;
    for Part { plan, inputs, .. } in &step.parts {
        plan.fill(inputs.untouched())?;
        plan.enqueue()?;
        let agreement = inputs
            .verify(&plan.result()?, assignment.check_seed)
            .map_err(|mismatch| RunError::Unverified(format!("{}: {mismatch}", inputs.shape())))?;
        max_ratio = max_ratio.max(agreement.max_ratio);
    }
    let (time, flags) = device_time(&pumped);
    Ok(Done {
        proof: Proof::Freivalds {
            rounds: FREIVALDS_ROUNDS,
            seed: assignment.check_seed,
            max_ratio,
            probes: Some(probes),
        },
        device_time: Some(time),
        flags,
    })
}

/// The format of a kind, and the work of this name.
fn named(kind: &Kind, name: &str) -> Result<(Format, Work), RunError> {
    let format = kind
        .library_format()
        .ok_or_else(|| RunError::Refused(format!("vendors' libraries have no {}", kind.name)))?;
    let work = Work::find(kind, name).map_err(RunError::Refused)?;
    Ok((format, work))
}

/// Keeps a device busy until the load is told to stop: batches of steps, several in the
/// queue. At random moments the queue is emptied and one step probed.
fn drive(step: &mut Step, watch: &mut Watch, load: &mut Load) -> Result<Pumped, RunError> {
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
        pumped.kernel = pumped.kernel.map(|sum| sum + kernel);
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

/// The algorithms of a library for a shape as entries name it.
pub(in crate::workload) fn forms(
    kind: &'static Kind,
    backend: &str,
    name: &str,
) -> Result<Box<dyn Forms>, RunError> {
    let (format, work) = named(kind, name)?;
    Ok(Box::new(Algorithms {
        backend: road_name(backend)
            .ok_or_else(|| RunError::Refused(format!("no backend {backend:?}")))?,
        format,
        set: work.set,
    }))
}

struct Algorithms {
    backend: &'static str,
    format: Format,
    set: LayerSet,
}

impl Forms for Algorithms {
    fn texts(&self) -> Vec<String> {
        // The algorithms are those of a library of this version, on this driver.
        let library = try_road(self.backend);
        vec![
            library.detail,
            self.set.shapes(),
            format!("{:?}", self.format),
        ]
    }

    fn with_forms(&self, gpu: &Gpu, then: Then<'_>) -> Result<Vec<Tuned>, RunError> {
        let (road, index) = open_road(gpu, self.backend, None)?;
        let device = road.device(index)?;
        let step = RefCell::new(Step::new(&device, self.format, &self.set)?);
        let form = |chosen: Vec<usize>| {
            let step = &step;
            Form {
                backend: self.backend,
                variant: step.borrow().name(&chosen),
                prepare: Box::new(move || {
                    Ok(Box::new(move || {
                        step.borrow_mut().choose(&chosen)?;
                        rate(&step.borrow())
                    }))
                }),
            }
        };
        let parts = step.borrow().parts.len();
        if parts == 1 {
            let count = step.borrow().parts[0].plan.algorithms().len();
            return then((0..count).map(|index| form(vec![index])).collect());
        }
        // A model's products each have their own algorithm, found one by one.
        let best = (0..parts).map(|part| fastest(&mut step.borrow_mut(), part));
        let best = best.collect::<Result<Vec<_>, _>>()?;
        then(vec![form(best)])
    }
}

/// The fastest algorithm of one product.
fn fastest(step: &mut Step, part: usize) -> Result<usize, RunError> {
    let device = step.device;
    let plan = &mut step.parts[part].plan;
    let mut best = (0, f64::NEG_INFINITY);
    for index in 0..plan.algorithms().len() {
        plan.choose(index)?;
        let per_s = steps_per_s(device, |count| (0..count).try_for_each(|_| plan.enqueue()))?;
        if per_s > best.1 {
            best = (index, per_s);
        }
    }
    Ok(best.0)
}

fn rate(step: &Step) -> Result<f64, RunError> {
    steps_per_s(step.device, |steps| step.enqueue(steps))
}

/// Steps per second by the device's clock over a turn, after one step that loads the kernel;
/// 0 where the library does not support it after all.
fn steps_per_s(
    device: &Device<'_>,
    enqueue: impl Fn(u64) -> Result<(), Fault>,
) -> Result<f64, RunError> {
    let (begin, end) = (device.event()?, device.event()?);
    let time = |steps: u64| {
        device.mark(begin)?;
        enqueue(steps)?;
        device.mark(end)?;
        device.wait(end)?;
        Ok(device.between(begin, end)?.as_secs_f64().max(1e-9))
    };
    let measured = time(1).and_then(|_| time(1)).and_then(|once| {
        let steps = ((TURN.as_secs_f64() / once) as u64).clamp(1, MOST_PRODUCTS);
        Ok(steps as f64 / time(steps)?)
    });
    match measured {
        Err(Fault::NotSupported { .. }) => Ok(0.0),
        other => Ok(other?),
    }
}
