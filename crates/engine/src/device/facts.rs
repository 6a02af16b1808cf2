//! Facts about a machine, as data: planning only reads them.

use std::num::NonZeroUsize;
use std::path::Path;

use perwatt_host::{Environment, cpus};
use perwatt_record::schema::Gpu;
use perwatt_vendor::lt::Card;

use crate::worker::{Library, Road, Tuned};

/// The name of the CPU as a device.
pub const CPU: &str = "cpu";

/// The kernels' backend on a GPU.
pub const WGSL: &str = "wgsl";

/// Everything about a machine that a plan depends on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MachineFacts {
    /// CPUs that this process may use, in the order to pin to them.
    pub cpus: Vec<u32>,
    /// The default number of threads.
    pub default_threads: u32,
    /// The reason for this number of threads.
    pub threads_reason: String,
    /// Total size of the last-level caches in bytes.
    pub llc_bytes: Option<u64>,
    /// Size of main memory in bytes.
    pub memory_bytes: Option<u64>,
    /// The GPUs; empty until a worker has listed them.
    pub gpus: Vec<GpuFacts>,
    /// The reason that the GPUs are not known, if listing them failed.
    pub gpu_error: Option<String>,
    /// The libraries of GPU vendors; empty until workers have looked for them.
    pub roads: Vec<Road>,
    /// The matrix libraries for CPUs, once for each format of products; empty until workers
    /// have tried them.
    pub libraries: Vec<Library>,
}

impl MachineFacts {
    /// Reads the facts from the files below `root` and from the description of the host:
    /// everything except GPUs and libraries.
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
            memory_bytes: usable_bytes(host),
            ..Self::default()
        }
    }

    /// The library of a backend of the CPU for products of a format.
    pub fn library(&self, backend: &str, format: &str) -> Library {
        let mut libraries = self.libraries.iter();
        let found = libraries.find(|one| one.backend == backend && one.format == format);
        found.cloned().unwrap_or_else(|| {
            Library::unavailable(backend, format, "it was not looked for".into())
        })
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
    /// The road by its vendor's library; `None` for a device of another vendor.
    pub road: Option<GpuRoad>,
    /// Results of tuning; empty before tuning.
    pub tuned: Vec<Tuned>,
    /// Tuning keys whose forms could not be timed, and the reasons.
    pub untuned: Vec<(String, String)>,
}

impl GpuFacts {
    /// A GPU without results of tuning.
    pub fn new(gpu: Gpu) -> Self {
        Self {
            gpu,
            road: None,
            tuned: Vec::new(),
            untuned: Vec::new(),
        }
    }

    /// The reason that no shader runs on it, if none does.
    pub fn lacks_shaders(&self) -> Option<String> {
        let by_library = self.road.as_ref()?;
        (by_library.interface == self.gpu.interface).then(|| {
            "no driver of Vulkan shows this card; install the vendor's Vulkan driver and libvulkan1".into()
        })
    }

    /// The result of tuning one backend of a workload.
    pub fn tuned(&self, workload: &str, backend: &str) -> Option<&Tuned> {
        self.tuned
            .iter()
            .find(|tuned| tuned.workload == workload && tuned.backend == backend)
    }
}

/// The road to a GPU by its vendor's library.
#[derive(Debug, Clone, PartialEq)]
pub struct GpuRoad {
    /// The backend of the library.
    pub backend: &'static str,
    /// The interface of devices that only this road reaches.
    pub interface: &'static str,
    /// Name, version and file of the library, and the version of the driver.
    pub detail: String,
    /// The card, or the reason that the library does not reach it, and a remedy.
    pub card: Result<Card, String>,
}

/// The facts that only workers determine, because drivers and libraries may crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inquiry {
    /// The list of GPUs.
    pub gpus: bool,
    /// The matrix libraries for CPUs, and a test that each multiplies.
    pub library: bool,
    /// The matrix libraries of GPU vendors, and their cards.
    pub roads: bool,
}

impl Inquiry {
    /// Everything.
    pub const ALL: Self = Self {
        gpus: true,
        library: true,
        roads: true,
    };
}

/// Kernels to be tuned on a GPU, because the fastest form depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// Name of the GPU.
    pub gpu: String,
    /// The workload, with its shape where it has one.
    pub key: String,
}

/// The machine's memory, or the limit of the control group where that is less.
fn usable_bytes(host: &Environment) -> Option<u64> {
    let limit = host.os.cgroup.memory_max_bytes;
    let total = host.memory.total_bytes?;
    Some(limit.map_or(total, |limit| limit.min(total)))
}

/// Total size of the last-level caches; `None` where it cannot be read.
pub(crate) fn llc_bytes(host: &Environment) -> Option<u64> {
    let level = host.cpu.caches.iter().map(|cache| cache.level).max()?;
    let last = host.cpu.caches.iter().filter(|cache| cache.level == level);
    // The description of the host may come from a file, which may contain any numbers.
    let sizes = last.map(|cache| cache.size_bytes.saturating_mul(cache.instances.into()));
    Some(sizes.fold(0, u64::saturating_add))
}

/// A GPU with few known facts.
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
