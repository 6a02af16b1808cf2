//! Driver interfaces other than files: NVIDIA's library and the kernel's perf counters.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The drivers that may be asked. The default asks none, as is right for a recorded tree.
#[derive(Clone, Default)]
pub struct Drivers {
    /// NVIDIA's management library (NVML): a path, or a name that the system's loader finds.
    pub nvml_library: Option<PathBuf>,
    /// Access to the kernel's perf counters.
    pub perf: Option<Arc<dyn PerfCounters>>,
}

impl Drivers {
    /// The drivers of the machine that runs this program.
    pub fn of_this_machine() -> Self {
        Self {
            nvml_library: nvml_library(),
            perf: perf(),
        }
    }
}

fn nvml_library() -> Option<PathBuf> {
    if cfg!(windows) {
        Some("nvml.dll".into())
    } else if cfg!(target_os = "linux") {
        Some("libnvidia-ml.so.1".into())
    } else {
        None
    }
}

/// Opens counters of the kernel's performance monitoring units.
pub trait PerfCounters: Send + Sync {
    /// Opens and starts the counter of event `config` of unit `unit_type`
    /// (`perf_event_attr.type`) on processor `cpu`, for every process.
    ///
    /// # Errors
    /// Errors of `perf_event_open`.
    fn open(&self, unit_type: u32, config: u64, cpu: usize) -> io::Result<Box<dyn PerfCounter>>;
}

/// One running counter.
pub trait PerfCounter: Send {
    /// The count since the counter was opened, in the unit's own steps.
    ///
    /// # Errors
    /// Errors of `read`.
    fn read(&mut self) -> io::Result<u64>;
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn perf() -> Option<Arc<dyn PerfCounters>> {
    None
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn perf() -> Option<Arc<dyn PerfCounters>> {
    Some(Arc::new(kernel::Kernel))
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod kernel {
    use super::{PerfCounter, PerfCounters};
    use perf_event::events::Software;
    use perf_event::{Builder, Counter};
    use std::io;

    /// Perf counters of the running kernel.
    pub struct Kernel;

    impl PerfCounters for Kernel {
        fn open(
            &self,
            unit_type: u32,
            config: u64,
            cpu: usize,
        ) -> io::Result<Box<dyn PerfCounter>> {
            let mut builder = Builder::new(Software::DUMMY);
            let attributes = builder.attrs_mut();
            attributes.type_ = unit_type;
            attributes.config = config;
            // An energy counter cannot separate the kernel's joules from the rest, and
            // rejects a request to exclude them.
            let mut counter = builder
                .exclude_kernel(false)
                .exclude_hv(false)
                .any_pid()
                .one_cpu(cpu)
                .build()?;
            counter.enable()?;
            Ok(Box::new(counter))
        }
    }

    impl PerfCounter for Counter {
        fn read(&mut self) -> io::Result<u64> {
            Counter::read(self)
        }
    }
}
