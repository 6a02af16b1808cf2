//! `stream`: bandwidth of main memory, the second axis of the roofline model. Bytes are
//! counted the STREAM way: those that the program names, so the line that a write first
//! fetches into the cache is not counted.

use perwatt_record::schema::{Entry, Flag, Proof, Unit, WorkloadKey};
use perwatt_record::work::{Family, Stream as Pass, Work};
use perwatt_stream::{Bench, Kernel, Size};

use super::gpu;
use super::pinning::pin_hook;
use super::runnable::{Done, Runnable};
use crate::device::{CPU, GpuFacts, MachineFacts};
use crate::plan::{self, BackendStatus, PlanError, Plannable, Suite};
use crate::worker::{Assignment, Load, RunError};

/// Largest total size of the triad's three arrays: virtual machines that own a part of a
/// cache report all of its hundreds of megabytes.
const MAX_TOTAL_BYTES: u64 = 3 << 29;
/// Arrays take at most this fraction of memory.
const MEMORY_SHARE: u64 = 8;

pub struct Stream;

impl Plannable for Stream {
    fn family(&self) -> &'static str {
        Family::Stream.name()
    }

    fn kinds(&self) -> &'static [&'static str] {
        const {
            &[
                Work::Stream(Pass::Read).name(),
                Work::Stream(Pass::Write).name(),
                Work::Stream(Pass::Copy).name(),
                Work::Stream(Pass::Triad).name(),
            ]
        }
    }

    fn description(&self) -> &'static str {
        "bandwidth of main memory in f64, of a GPU's in f32: bytes counted the STREAM way, without the write-allocate traffic; copy on GPUs alone"
    }

    fn unit(&self) -> Unit {
        Unit::Byte
    }

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        vec![BackendStatus {
            name: "simd".into(),
            device: CPU.into(),
            detail: "vectorised loops, one slice of each array per thread".into(),
            warning: None,
            unnamed_from: Some(Suite::Quick),
            trial_rate_per_s: None,
            variant: None,
            unavailable: None,
        }]
    }

    fn gpu_backends(&self, gpu: &GpuFacts) -> Vec<BackendStatus> {
        gpu::stream::backends(gpu)
    }

    fn entries(
        &self,
        kind: &'static str,
        params: Option<&str>,
        suite: Suite,
        backend: &BackendStatus,
        facts: &MachineFacts,
    ) -> Result<Vec<Entry>, PlanError> {
        if let Some(params) = params {
            return Err(PlanError::NoParams {
                workload: kind,
                params: params.into(),
            });
        }
        if let Some(on) = facts.gpu(&backend.device) {
            return Ok(gpu::stream::entries(kind, suite, backend, &on.gpu));
        }
        let (Some(pass), Some(kernel)) = (Pass::find(kind), kernel(kind)) else {
            return Ok(Vec::new());
        };
        let bytes = array_bytes(facts);
        let params = plan::params([
            ("array_bytes", bytes.to_string()),
            ("dtype", "f64".into()),
            ("counting", "STREAM".into()),
        ]);
        Ok(vec![Entry {
            id: format!("{kind}/cpu/{}", backend.name),
            workload: WorkloadKey::new(Work::Stream(pass), params),
            device: "cpu".into(),
            backend: backend.name.clone(),
            backend_detail: Some(backend.detail.clone()),
            variant: backend.variant.clone(),
            backend_warning: backend.warning.clone(),
            unit: self.unit(),
            work_per_step: bytes / size_of::<f64>() as u64 * kernel.bytes_per_element(),
            description: format!(
                "{}, arrays of {} MiB, all threads",
                formula(kernel),
                bytes >> 20
            ),
        }])
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
        let bytes: u64 = entry
            .workload
            .params
            .get("array_bytes")
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| RunError::Refused("the workload has no array_bytes".into()))?;
        let (hook, pinned) = pin_hook(assignment);
        let mut bench = Bench::new(kernel, bytes, assignment.threads as usize, Some(hook))
            .map_err(RunError::refused)?;
        pinned.check()?;

        load.ready()?;
        let mut passes = 0;
        while !load.stopped() {
            bench.pass();
            passes += 1;
            load.progress(passes)?;
        }
        load.sample(passes)?;
        bench
            .verify()
            .map_err(|mismatch| RunError::Unverified(mismatch.to_string()))?;
        let small = !Size::given(bytes, assignment.llc_bytes).exceeds_cache;
        let elements = bytes / size_of::<f64>() as u64 * kernel.arrays();
        let flags = small.then_some(Flag::SmallArray).into_iter().collect();
        Ok(Done {
            proof: Proof::Exact { elements },
            device_time: None,
            flags,
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

fn formula(kernel: Kernel) -> &'static str {
    match kernel {
        Kernel::Read => "sum of an array",
        Kernel::Write => "fill of an array",
        Kernel::Triad => "a = b + s\u{b7}c",
    }
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
