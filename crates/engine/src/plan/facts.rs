//! What planning needs to know about the machine.

use std::num::NonZeroUsize;
use std::path::Path;

use perwatt_host::{Environment, cpus};

use perwatt_record::schema::Plan;

use crate::device::{GpuFacts, ask_gpus, ask_tuning};
use crate::library::Library;
use crate::plan::Request;
use crate::worker::WorkerCommand;
use crate::workload::gpu;

/// What planning needs to know about the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// CPUs that this process may use, in the order to pin to them.
    pub cpus: Vec<u32>,
    /// Threads to use by default.
    pub default_threads: u32,
    /// Why so many.
    pub threads_reason: String,
    /// Size of the last-level caches together.
    pub llc_bytes: Option<u64>,
    /// Main memory.
    pub memory_bytes: Option<u64>,
    /// The GPUs, once a worker was asked.
    pub gpus: Vec<GpuFacts>,
    /// Why the GPUs are not known, if asking failed.
    pub gpu_trouble: Option<String>,
    /// The CBLAS library, once a worker was asked.
    pub library: Option<Library>,
}

impl Facts {
    /// Reads them below `root`; what is known of the host is given.
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
            gpu_trouble: None,
            library: None,
        }
    }

    /// Asks a worker which GPUs are there, if the request may want any.
    pub fn find_gpus(&mut self, command: &WorkerCommand, request: &Request) {
        if !request.may_want_gpus() {
            return;
        }
        match ask_gpus(command) {
            Ok(gpus) => self.gpus = gpus.into_iter().map(GpuFacts::new).collect(),
            Err(trouble) => self.gpu_trouble = Some(trouble),
        }
    }

    /// Has a worker try the CBLAS library, if the request may want it.
    pub fn find_library(&mut self, command: &WorkerCommand, request: &Request) {
        if request.may_want_library() {
            self.library = Some(Library::ask(command));
        }
    }

    /// A command whose workers find what the library needs.
    pub fn prepared(&self, mut command: WorkerCommand) -> WorkerCommand {
        let library = self.library.iter();
        command
            .envs
            .extend(library.flat_map(|found| found.environment.clone()));
        command
    }

    /// The GPU of this name.
    pub fn gpu(&self, name: &str) -> Option<&GpuFacts> {
        self.gpus.iter().find(|facts| facts.gpu.name == name)
    }

    /// Has the forms of the kernels of a plan's entries tried on their GPUs;
    /// `watch` is told before each. A plan that is made afterwards knows them.
    pub fn tune_gpus(
        &mut self,
        command: &WorkerCommand,
        plan: &Plan,
        watch: &mut dyn FnMut(&GpuFacts, &str),
    ) {
        for facts in &mut self.gpus {
            let own = plan.entries.iter().filter(|e| e.device == facts.gpu.name);
            let mut keys: Vec<String> = own.map(gpu::tuning_key).collect();
            keys.sort_unstable();
            keys.dedup();
            // Nothing to try is no trouble; what is wrong with a key is told by its run.
            keys.retain(|key| matches!(gpu::forms(key), Ok(Some(_))));
            for key in keys {
                watch(facts, &key);
                ask_tuning(command, facts, &key);
            }
        }
    }
}

/// Size of the last-level caches together; `None` where it cannot be read.
pub(crate) fn llc_bytes(host: &Environment) -> Option<u64> {
    let level = host.cpu.caches.iter().map(|cache| cache.level).max()?;
    let last = host.cpu.caches.iter().filter(|cache| cache.level == level);
    // The host may be described by a file, which may hold any numbers.
    let sizes = last.map(|cache| cache.size_bytes.saturating_mul(cache.instances.into()));
    Some(sizes.fold(0, u64::saturating_add))
}
