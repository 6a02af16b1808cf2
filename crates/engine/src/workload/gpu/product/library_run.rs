//! Products by the library of a GPU's vendor: runs, and the trial of its algorithms.

use std::cell::RefCell;
use std::time::Duration;

use perwatt_matmul::{LayerSet, Watch};
use perwatt_record::schema::{Gpu, Proof};
use perwatt_record::work::rounding;
use perwatt_vendor::lt::{Device, Fault, Format};

use super::kind::Kind;
use super::library_inputs::FREIVALDS_ROUNDS;
use super::library_queue::{MOST_PRODUCTS, drive};
use super::library_step::{Part, Step};
use super::work::Work;
use crate::device::{Form, Forms, Then, open_road, road_name, try_road};
use crate::worker::{Assignment, Load, RunError, Tuned};
use crate::workload::gpu::running::{assigned, device_time};
use crate::workload::runnable::Done;

/// Batches between two probes of the result on average; each empties the queue.
const BATCHES_BETWEEN: u64 = 5;
/// The length of one turn of a trial.
const TURN: Duration = Duration::from_millis(60);

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
    let (format, work) = (format(kind)?, Work::of(kind, &entry.workload)?);
    let mut step = Step::new(&device, format, &work.set)?;
    if let Some(variant) = &entry.variant {
        step.choose_named(variant)?;
    }

    let mut watch = Watch::every(BATCHES_BETWEEN, assignment.check_seed);
    let pumped = drive(&mut step, &mut watch, load)?;
    let probes = watch.end().map_err(RunError::unverified)?;
    let rounding = rounding(kind.work, &entry.backend);
    let mut max_ratio = 0.0_f64;
    for Part { plan, inputs, .. } in &step.parts {
        plan.fill(inputs.untouched())?;
        plan.enqueue()?;
        let agreement = inputs
            .verify(&plan.result()?, rounding, assignment.check_seed)
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
            tolerance: rounding.map(Into::into),
        },
        device_time: Some(time),
        flags,
    })
}

/// The format of a kind.
fn format(kind: &Kind) -> Result<Format, RunError> {
    kind.library_format()
        .ok_or_else(|| RunError::Refused(format!("vendors' libraries have no {}", kind.name)))
}

/// The algorithms of a library for a shape as entries name it.
pub(in crate::workload) fn forms(
    kind: &'static Kind,
    backend: &str,
    name: &str,
) -> Result<Box<dyn Forms>, RunError> {
    Ok(Box::new(Algorithms {
        backend: road_name(backend)
            .ok_or_else(|| RunError::Refused(format!("no backend {backend:?}")))?,
        format: format(kind)?,
        set: Work::find(kind, name).map_err(RunError::Refused)?.set,
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
