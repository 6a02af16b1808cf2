//! The workloads on a GPU.

pub(super) mod product;
pub(super) mod sha256d;
pub(super) mod stream;

use perwatt_gpu::GpuError;
use perwatt_gpu::device::Device;
use perwatt_gpu::pace::Pace;
use perwatt_gpu::pump::{self, Pumped, pump};
use perwatt_record::schema::{DeviceTime, Entry, Flag, Gpu, GpuKind};
use perwatt_record::work::Work;

use super::RunError;
use crate::device::{GpuFacts, Tuned};
use crate::worker::{Assignment, Load};

/// What a reader must know of the figures of a software adapter.
const SOFTWARE: &str = "software adapter: the CPU does this work, and the figure says nothing of any GPU; it is never compared with hardware";

/// Host's and device's clock may differ by this part of the time.
const CLOCKS_AGREE: f64 = 0.05;

/// The forms of a workload's kernels, to be tried on a device.
pub(crate) trait Forms {
    /// The text of every form: when one changes, what was found before is void.
    fn texts(&self) -> Vec<String>;

    /// Opens the device and hands its forms to `then`.
    fn with_forms(&self, gpu: &Gpu, then: Then<'_>) -> Result<Vec<Tuned>, RunError>;
}

/// What tries the forms.
pub(crate) type Then<'t> =
    &'t mut dyn FnMut(Vec<crate::device::Form<'_>>) -> Result<Vec<Tuned>, RunError>;

/// What the forms of an entry's kernel are tried for: the workload, with its shape
/// where it has one, because the fastest form depends on it.
pub(crate) fn tuning_key(entry: &Entry) -> String {
    let params = &entry.workload.params;
    match params.get("model").or_else(|| params.get("shape")) {
        Some(shape) => format!("{}:{shape}", entry.workload.name),
        None => entry.workload.name.clone(),
    }
}

/// The forms to try for a key, if there are several.
///
/// # Errors
/// When the key names something that this perwatt does not have.
pub(crate) fn forms(key: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
    let (workload, shape) = key.split_once(':').unwrap_or((key, ""));
    let Some(work) = Work::find(workload) else {
        return Ok(None);
    };
    Ok(match work {
        Work::Sha256d => Some(Box::new(sha256d::SearchForms)),
        Work::Matmul(_) | Work::Gemv(_) => match product::Kind::of(work) {
            Some(kind) => Some(Box::new(product::ProductForms::new(kind, shape)?)),
            None => None,
        },
        Work::Stream(_) => None,
    })
}

/// The warning that the entries on this GPU carry, if any.
fn warning(facts: &GpuFacts, key: &str) -> Option<String> {
    let untuned = facts.untuned.iter().find(|(untuned, _)| untuned == key);
    let untuned = untuned.map(|(_, why)| {
        format!("no form of the kernel could be tried, so the first one runs: {why}")
    });
    let software = (facts.gpu.kind == GpuKind::Software).then(|| SOFTWARE.to_owned());
    match (software, untuned) {
        (Some(software), Some(untuned)) => Some(format!("{software}; {untuned}")),
        (one, other) => one.or(other),
    }
}

/// The GPU of an assignment.
fn assigned(assignment: &Assignment) -> Result<&Gpu, RunError> {
    assignment.gpu.as_ref().ok_or_else(|| {
        RunError::Refused(format!(
            "the plan describes no device {:?}",
            assignment.entry.device
        ))
    })
}

/// Keeps a device at work until the load is told to stop; a step is so many
/// pieces, or so many steps are one piece.
fn drive(
    device: &Device,
    work: &mut dyn pump::Work,
    pace: &mut Pace,
    load: &mut Load,
    steps: &dyn Fn(u64) -> u64,
) -> Result<Pumped, RunError> {
    load.ready()?;
    let pumped = pump::<RunError>(device, work, pace, &mut |pieces| {
        load.progress(steps(pieces))?;
        Ok(!load.stopped())
    })?;
    load.sample(steps(pumped.pieces))?;
    Ok(pumped)
}

/// What the clocks say, and the flag where they do not say the same.
fn device_time(pumped: &Pumped) -> (DeviceTime, Vec<Flag>) {
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

impl From<GpuError> for RunError {
    fn from(error: GpuError) -> Self {
        let message = error.to_string();
        match error {
            GpuError::Hung { .. } => Self::Hung(message),
            GpuError::Lost { .. } => Self::DeviceLost(message),
            GpuError::OutOfMemory { .. } => Self::OutOfMemory(message),
            GpuError::Wrong { .. } => Self::Unverified(message),
            _ => Self::Refused(message),
        }
    }
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

    #[test]
    fn what_went_wrong_keeps_its_class() {
        let adapter = || "card".to_owned();
        let reason = || "why".to_owned();
        let hung = GpuError::Hung {
            adapter: adapter(),
            waited: Duration::from_secs(10),
        };
        assert!(matches!(RunError::from(hung), RunError::Hung(text) if text.contains("card")));
        let lost = GpuError::Lost {
            adapter: adapter(),
            reason: reason(),
        };
        assert!(matches!(RunError::from(lost), RunError::DeviceLost(_)));
        let wrong = GpuError::Wrong {
            adapter: adapter(),
            what: reason(),
        };
        assert!(matches!(RunError::from(wrong), RunError::Unverified(_)));
    }
}
