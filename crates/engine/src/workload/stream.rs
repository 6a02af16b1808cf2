//! `stream`: bandwidth of main memory, the second axis of the roofline model. Bytes are
//! counted the STREAM way: those that the program names, so the line that a write first
//! fetches into the cache is not counted.

use perwatt_record::schema::{Entry, Flag, Proof};
use perwatt_record::work::{Stream as Pass, Work};
use perwatt_stream::{Bench, Kernel, Size};

use super::gpu;
use super::pinning::pin_hook;
use super::runnable::{Done, Runnable};
use crate::device::{CPU, GpuFacts, MachineFacts};
use crate::plan::{BackendStatus, PlanError, Plannable, Wanted};
use crate::worker::{Assignment, Load, RunError};

/// Largest total size of the triad's three arrays: virtual machines that own a part of a
/// cache report all of its hundreds of megabytes.
const MAX_TOTAL_BYTES: u64 = 3 << 29;
/// Arrays take at most this fraction of memory.
const MEMORY_SHARE: u64 = 8;

pub struct Stream;

impl Plannable for Stream {
    fn works(&self) -> &'static [Work] {
        &[
            Work::Stream(Pass::Read),
            Work::Stream(Pass::Write),
            Work::Stream(Pass::Copy),
            Work::Stream(Pass::Triad),
        ]
    }

    fn description(&self) -> &'static str {
        "bandwidth of main memory in f64, of a GPU's in f32: bytes counted the STREAM way, without the write-allocate traffic; copy on GPUs alone"
    }

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        let detail = "vectorised loops, one slice of each array per thread";
        vec![BackendStatus::new("simd", CPU, detail)]
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        gpu::stream::backends(gpu)
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        wanted.no_params()?;
        let (dtype, array) = match wanted.facts.gpu(&wanted.backend.device) {
            Some(on) => ("f32", gpu::stream::array(wanted, &on.gpu)),
            None => ("f64", array(wanted)),
        };
        let Some((bytes, about)) = array else {
            return Ok(Vec::new());
        };
        let params = [
            ("array_bytes", bytes.to_string()),
            ("dtype", dtype.into()),
            ("counting", "STREAM".into()),
        ];
        Ok(vec![wanted.entry("", params, about)?])
    }
}

impl Runnable for Stream {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        let entry = &assignment.entry;
        if entry.device != CPU {
            return gpu::stream::run(assignment, load);
        }
        let kernel = kernel(&entry.workload.name)
            .ok_or_else(|| RunError::Refused(format!("no kernel {:?}", entry.workload.name)))?;
        let bytes = assignment.param("array_bytes")?;
        let (hook, pinned) = pin_hook(assignment);
        let mut bench = Bench::new(kernel, bytes, assignment.threads as usize, Some(hook))
            .map_err(RunError::refused)?;
        pinned.check()?;

        load.run(|| bench.pass())?;
        bench.verify().map_err(RunError::unverified)?;
        let small = !Size::given(bytes, assignment.llc_bytes).exceeds_cache;
        let elements = bytes / size_of::<f64>() as u64 * kernel.arrays();
        Ok(Done {
            flags: small.then_some(Flag::SmallArray).into_iter().collect(),
            ..Done::by(Proof::Exact { elements })
        })
    }
}

fn kernel(kind: &str) -> Option<Kernel> {
    match Pass::find(kind)? {
        Pass::Read => Some(Kernel::Read),
        Pass::Write => Some(Kernel::Write),
        Pass::Copy => None,
        Pass::Triad => Some(Kernel::Triad),
    }
}

/// The size of an array in bytes, and the work in words.
fn array(wanted: &Wanted<'_>) -> Option<(u64, String)> {
    let formula = match kernel(wanted.work.name())? {
        Kernel::Read => "sum of an array",
        Kernel::Write => "fill of an array",
        Kernel::Triad => "a = b + s\u{b7}c",
    };
    let bytes = array_bytes(wanted.facts);
    let mib = bytes >> 20;
    Some((
        bytes,
        format!("{formula}, arrays of {mib} MiB, all threads"),
    ))
}

/// One size for every kernel, a power of two so that machines with almost equal caches stay
/// comparable.
fn array_bytes(facts: &MachineFacts) -> u64 {
    let limit = facts.memory_bytes.map_or(MAX_TOTAL_BYTES, |memory| {
        MAX_TOTAL_BYTES.min(memory / MEMORY_SHARE)
    });
    let size = Size::plan(Kernel::Triad, facts.llc_bytes, limit);
    1 << size.bytes_per_array.max(1 << 20).ilog2()
}
