//! Facts about a machine, as data: planning reads them and asks nobody.

use std::num::NonZeroUsize;
use std::path::Path;

use perwatt_host::{Environment, cpus};
use perwatt_record::schema::Gpu;

use crate::worker::{Library, Tuned};

/// The name of the CPU as a device.
pub const CPU: &str = "cpu";

/// The kernels' backend on a GPU.
pub const WGSL: &str = "wgsl";

/// The backend that a CBLAS library is.
pub const CBLAS: &str = "cblas";

/// Everything about a machine that a plan depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineFacts {
    /// CPUs that this process may use, in the order to pin to them.
    pub cpus: Vec<u32>,
    /// Threads to use by default.
    pub default_threads: u32,
    /// The reason for this number of threads.
    pub threads_reason: String,
    /// Size of the last-level caches together.
    pub llc_bytes: Option<u64>,
    /// Main memory.
    pub memory_bytes: Option<u64>,
    /// The GPUs, once a worker was asked.
    pub gpus: Vec<GpuFacts>,
    /// The reason that the GPUs are not known, if asking failed.
    pub gpu_error: Option<String>,
    /// The CBLAS library, once a worker was asked.
    pub library: Option<Library>,
}

impl MachineFacts {
    /// Reads the facts that files below `root` and the description of the host tell:
    /// everything but GPUs and library.
    pub fn collect(root: &Path, host: &Environment) -> Self {
        let allowed = cpus::allowed(root);
        let count = NonZeroUsize::new(allowed.cpus.len()).unwrap_or(allowed.default_threads);
        let threads_reason = if allowed.notes.is_empty() {
            format!("one for each of the {count} CPUs that this process may use")
        } else {
            allowed.notes.join("; ")
        };
        Self {
            cpus: cpus::pin_order(&allowed, root, count)
                .into_iter()
                .map(|cpu| cpu as u32)
                .collect(),
            default_threads: allowed.default_threads.get() as u32,
            threads_reason,
            llc_bytes: llc_bytes(host),
            memory_bytes: host.memory.total_bytes,
            gpus: Vec::new(),
            gpu_error: None,
            library: None,
        }
    }

    /// The GPU of this name.
    pub fn gpu(&self, name: &str) -> Option<&GpuFacts> {
        self.gpus.iter().find(|facts| facts.gpu.name == name)
    }
}

/// A GPU and the fastest forms of the kernels on it.
#[derive(Debug, Clone, PartialEq)]
pub struct GpuFacts {
    /// Its description.
    pub gpu: Gpu,
    /// Results of tuning; empty before that.
    pub tuned: Vec<Tuned>,
    /// Tuning keys that could not be tried, and the reason.
    pub untuned: Vec<(String, String)>,
}

impl GpuFacts {
    /// A GPU on which nothing was tried yet.
    pub fn new(gpu: Gpu) -> Self {
        Self {
            gpu,
            tuned: Vec::new(),
            untuned: Vec::new(),
        }
    }

    /// The result of tuning one backend of a workload.
    pub fn tuned(&self, workload: &str, backend: &str) -> Option<&Tuned> {
        self.tuned
            .iter()
            .find(|tuned| tuned.workload == workload && tuned.backend == backend)
    }
}

/// The facts that have to be asked for, because drivers and libraries may crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inquiry {
    /// The list of GPUs.
    pub gpus: bool,
    /// The CBLAS library, and whether it multiplies.
    pub library: bool,
}

impl Inquiry {
    /// Everything.
    pub const ALL: Self = Self {
        gpus: true,
        library: true,
    };
}

/// Kernels to be tried on a GPU, because the fastest form depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// Name of the GPU.
    pub gpu: String,
    /// The workload, with its shape where it has one.
    pub key: String,
}

/// Size of the last-level caches together; `None` where it cannot be read.
pub(crate) fn llc_bytes(host: &Environment) -> Option<u64> {
    let level = host.cpu.caches.iter().map(|cache| cache.level).max()?;
    let last = host.cpu.caches.iter().filter(|cache| cache.level == level);
    // The host may be described by a file, which may hold any numbers.
    let sizes = last.map(|cache| cache.size_bytes.saturating_mul(cache.instances.into()));
    Some(sizes.fold(0, u64::saturating_add))
}

/// A GPU of which little is known.
#[cfg(test)]
pub(crate) fn test_gpu(name: &str) -> Gpu {
    Gpu {
        name: name.into(),
        model: "a card".into(),
        kind: perwatt_record::schema::GpuKind::Discrete,
        interface: "vulkan".into(),
        driver: "a driver".into(),
        driver_info: "1.0".into(),
        vendor_id: 0x10de,
        device_id: 1,
        pci_address: None,
        features: Vec::new(),
        limits: std::collections::BTreeMap::new(),
    }
}
