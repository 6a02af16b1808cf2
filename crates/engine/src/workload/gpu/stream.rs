//! Memory bandwidth on a GPU.

use perwatt_gpu::Cycle;
use perwatt_gpu::pace::Pace;
use perwatt_gpu::pump::FIRST_LIMIT;
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_record::schema::{Entry, Gpu, GpuKind, Proof, WorkloadKey};
use perwatt_record::work::{Family, Stream as Pass, Work};

use super::planning::warning;
use super::running::{assigned, device_time, drive};
use crate::device::{GpuFacts, WGSL, open};
use crate::plan::{BackendStatus, Suite, params};
use crate::worker::{Assignment, Load, RunError};
use crate::workload::runnable::Done;

/// An array's size in bytes: twice the largest cache of any GPU today (256 MiB) and four
/// times a card's, so that no cache serves a pass; three of them fit in the memory of small
/// cards.
const ARRAY_BYTES: u64 = 1 << 29;
/// The size for a software adapter, whose arrays are in main memory. `simd` measures that
/// bandwidth better.
const SOFTWARE_BYTES: u64 = 1 << 25;

/// The backend on a GPU.
pub(in crate::workload) fn backends(facts: &GpuFacts) -> Vec<BackendStatus> {
    vec![BackendStatus {
        name: WGSL.into(),
        device: facts.gpu.name.clone(),
        detail: "loads and stores of 16 bytes, arrays of f32".into(),
        warning: warning(facts, Family::Stream.name()),
        unnamed_from: Some(Suite::Quick),
        trial_rate_per_s: None,
        variant: None,
        unavailable: None,
    }]
}

/// The kernel of a kind, such as `stream/triad`.
fn kernel(kind: &str) -> Option<Kernel> {
    Some(match Pass::find(kind)? {
        Pass::Read => Kernel::Read,
        Pass::Write => Kernel::Write,
        Pass::Copy => Kernel::Copy,
        Pass::Triad => Kernel::Triad,
    })
}

/// The entries of a kind: the triad in a quick session, all in others.
pub(in crate::workload) fn entries(
    kind: &str,
    suite: Suite,
    backend: &BackendStatus,
    gpu: &Gpu,
) -> Vec<Entry> {
    let (Some(pass), Some(kernel)) = (Pass::find(kind), kernel(kind)) else {
        return Vec::new();
    };
    if suite == Suite::Quick && kernel != Kernel::Triad {
        return Vec::new();
    }
    let most = gpu.limits.get("max_storage_binding_bytes").copied();
    let wanted = match gpu.kind {
        GpuKind::Software => SOFTWARE_BYTES,
        _ => ARRAY_BYTES,
    };
    let bytes = 1 << wanted.min(most.unwrap_or(u64::MAX)).max(1 << 20).ilog2();
    let params = params([
        ("array_bytes", format!("{bytes}")),
        ("dtype", "f32".into()),
        ("counting", "STREAM".into()),
    ]);
    vec![Entry {
        id: format!("{kind}/{}/{}", gpu.name, backend.name),
        workload: WorkloadKey::new(Work::Stream(pass), params),
        device: gpu.name.clone(),
        backend: backend.name.clone(),
        backend_detail: Some(backend.detail.clone()),
        variant: None,
        backend_warning: backend.warning.clone(),
        unit: perwatt_record::schema::Unit::Byte,
        work_per_step: bytes / size_of::<f32>() as u64 * kernel.bytes_per_element(),
        description: format!("{kernel} on {}, arrays of {} MiB", gpu.name, bytes >> 20),
    }]
}

/// Does one run.
pub(in crate::workload) fn run(assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    let entry = &assignment.entry;
    let kernel = kernel(&entry.workload.name)
        .ok_or_else(|| RunError::Refused(format!("no kernel {:?}", entry.workload.name)))?;
    let bytes: u64 = entry
        .workload
        .params
        .get("array_bytes")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| RunError::Refused("the workload has no array_bytes".into()))?;
    let (adapter, device) = open(assigned(assignment)?)?;
    let stream = Stream::new(&device, kernel, bytes, false)?;
    let bands = u64::from(perwatt_gpu::Banded::bands(&stream));
    let mut pace = Pace::new(adapter.kind, 1, 1, u64::MAX);
    let mut cycle = Cycle::new(&stream);
    let pumped = drive(&device, &mut cycle, &mut pace, load, &|done| done / bands)?;
    let (time, flags) = device_time(&pumped);

    let at_once = u32::try_from(pace.amount()).unwrap_or(u32::MAX);
    perwatt_gpu::run(&device, &stream, at_once, FIRST_LIMIT)?;
    stream.verify(FIRST_LIMIT)?;
    Ok(Done {
        proof: Proof::Exact {
            elements: bytes / size_of::<f32>() as u64,
        },
        device_time: Some(time),
        flags,
    })
}
