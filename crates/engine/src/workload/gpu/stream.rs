//! Memory bandwidth on a GPU.

use perwatt_gpu::pump::FIRST_LIMIT;
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_record::schema::{Gpu, GpuKind, Proof};
use perwatt_record::work::{Family, Stream as Pass};

use super::planning::warning;
use super::running::{assigned, repeat};
use crate::device::{GpuFacts, WGSL, open};
use crate::plan::{BackendStatus, Suite, Wanted};
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
    let detail = "loads and stores of 16 bytes, arrays of f32";
    vec![BackendStatus {
        warning: warning(facts, Family::Stream.name()),
        unavailable: facts.lacks_shaders(),
        ..BackendStatus::new(WGSL, &facts.gpu.name, detail)
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

/// The size of an array in bytes, and the work in words: of the triad in a quick session, of
/// all kernels in others.
pub(in crate::workload) fn array(wanted: &Wanted<'_>, gpu: &Gpu) -> Option<(u64, String)> {
    let kernel = kernel(wanted.work.name())?;
    if wanted.suite == Suite::Quick && kernel != Kernel::Triad {
        return None;
    }
    let most = gpu.limits.get("max_storage_binding_bytes").copied();
    let size = match gpu.kind {
        GpuKind::Software => SOFTWARE_BYTES,
        _ => ARRAY_BYTES,
    };
    let bytes = 1 << size.min(most.unwrap_or(u64::MAX)).max(1 << 20).ilog2();
    let mib = bytes >> 20;
    Some((
        bytes,
        format!("{kernel} on {}, arrays of {mib} MiB", gpu.name),
    ))
}

/// Does one run.
pub(in crate::workload) fn run(assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    let entry = &assignment.entry;
    let kernel = kernel(&entry.workload.name)
        .ok_or_else(|| RunError::Refused(format!("no kernel {:?}", entry.workload.name)))?;
    let bytes = assignment.param("array_bytes")?;
    let (adapter, device) = open(assigned(assignment)?)?;
    let stream = Stream::new(&device, kernel, bytes, false)?;
    let (time, flags) = repeat(&device, adapter.kind, &stream, load)?;
    stream.verify(FIRST_LIMIT)?;
    Ok(Done {
        proof: Proof::Exact {
            elements: bytes / size_of::<f32>() as u64,
        },
        device_time: Some(time),
        flags,
    })
}
