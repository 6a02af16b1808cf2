//! A run on a GPU: its device, its load and its clocks.

use perwatt_gpu::adapter::Kind;
use perwatt_gpu::device::Device;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::pump::{FIRST_LIMIT, Pumped, Work, pump};
use perwatt_gpu::{Banded, Cycle};
use perwatt_record::schema::{DeviceTime, Flag, Gpu};

use crate::worker::{Assignment, Load, RunError};

/// The largest relative difference between the times of host and device.
const CLOCKS_AGREE: f64 = 0.05;

/// The GPU of an assignment.
pub(super) fn assigned(assignment: &Assignment) -> Result<&Gpu, RunError> {
    assignment.gpu.as_ref().ok_or_else(|| {
        RunError::Refused(format!(
            "the plan describes no device {:?}",
            assignment.entry.device
        ))
    })
}

/// Keeps a device busy until the load is told to stop; a step consists of several pieces,
/// or a piece of several steps.
pub(super) fn drive(
    device: &Device,
    work: &mut dyn Work,
    sizer: &mut DispatchSizer,
    load: &mut Load,
    steps: &dyn Fn(u64) -> u64,
) -> Result<Pumped, RunError> {
    load.ready()?;
    let pumped = pump::<RunError>(device, work, sizer, &mut |pieces| {
        load.progress(steps(pieces))?;
        Ok(!load.stopped())
    })?;
    load.sample(steps(pumped.pieces))?;
    Ok(pumped)
}

/// Repeats a step on a device until the load is told to stop, then once more in dispatches
/// of the same size: earlier results are overwritten, so that the result to check comes
/// from one pass.
pub(super) fn repeat(
    device: &Device,
    kind: Kind,
    step: &dyn Banded,
    load: &mut Load,
) -> Result<(DeviceTime, Vec<Flag>), RunError> {
    let bands = u64::from(step.bands());
    let mut sizer = DispatchSizer::new(kind, 1, 1, u64::MAX);
    let mut cycle = Cycle::new(step);
    let pumped = drive(device, &mut cycle, &mut sizer, load, &|done| done / bands)?;
    let at_once = u32::try_from(sizer.amount()).unwrap_or(u32::MAX);
    perwatt_gpu::run(device, step, at_once, FIRST_LIMIT)?;
    Ok(device_time(&pumped))
}

/// The times by both clocks, and the flag where they differ.
pub(super) fn device_time(pumped: &Pumped) -> (DeviceTime, Vec<Flag>) {
    let wall_s = pumped.wall.as_secs_f64();
    let kernel_s = pumped.kernel.map(|time| time.as_secs_f64());
    let differ = kernel_s.is_some_and(|kernel_s| (kernel_s - wall_s).abs() > CLOCKS_AGREE * wall_s);
    let time = DeviceTime {
        dispatches: pumped.dispatches,
        wall_s,
        kernel_s,
        longest_s: pumped.longest.as_secs_f64(),
    };
    (
        time,
        differ.then_some(Flag::ClocksDiffer).into_iter().collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn pumped(wall_ms: u64, kernel_ms: Option<u64>) -> Pumped {
        Pumped {
            pieces: 1,
            dispatches: 1,
            wall: Duration::from_millis(wall_ms),
            kernel: kernel_ms.map(Duration::from_millis),
            longest: Duration::ZERO,
        }
    }

    #[test]
    fn clocks_that_differ_are_flagged() {
        for (kernel, flags) in [(Some(1000), 0), (Some(951), 0), (Some(949), 1), (None, 0)] {
            assert_eq!(device_time(&pumped(1000, kernel)).1.len(), flags);
        }
    }
}
