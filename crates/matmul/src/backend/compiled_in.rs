//! A backend that is part of this program, on threads of its own.

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Backend, BackendError, Description, Multiply, ThreadStart};
use crate::problem::Problem;

/// The library behind such a backend.
#[derive(Debug)]
pub(super) struct CompiledIn {
    pub(super) library: &'static str,
    /// The version in the manifest; a test compares it with the lock file.
    pub(super) version: &'static str,
    /// The choice of kernels.
    pub(super) config: Option<&'static str>,
    /// Computes one product on the threads of the pool.
    pub(super) multiply: fn(&ThreadPool, &Problem, &mut [f32]),
}

impl CompiledIn {
    /// Its description for the record.
    pub(super) fn describe(&self, name: &str, threads: usize) -> Description {
        Description {
            name: name.to_owned(),
            library: self.library.to_owned(),
            version: self.version.to_owned(),
            path: None,
            config: self.config.map(str::to_owned),
            threads,
            threads_known: true,
            thread_hook: true,
            warning: None,
        }
    }

    /// Starts the threads.
    pub(super) fn open(
        &'static self,
        name: &'static str,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply>, BackendError> {
        Ok(Box::new(Opened {
            name,
            library: self,
            pool: start(name, threads, on_thread_start)?,
        }))
    }
}

/// The library and its threads.
struct Opened {
    name: &'static str,
    library: &'static CompiledIn,
    pool: ThreadPool,
}

impl Multiply for Opened {
    fn describe(&self) -> Description {
        let threads = self.pool.current_num_threads();
        self.library.describe(self.name, threads)
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        (self.library.multiply)(&self.pool, problem, c);
    }
}

/// Starts a pool separate from every other of the process: exactly `threads` threads, each
/// of which calls the hook first.
fn start(
    name: &'static str,
    threads: usize,
    on_thread_start: Option<ThreadStart>,
) -> Result<ThreadPool, BackendError> {
    let mut builder = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |index| format!("{name}-{index}"));
    if let Some(hook) = on_thread_start {
        builder = builder.start_handler(move |index| hook(index));
    }
    let pool = builder.build().map_err(|error| BackendError::Threads {
        name,
        threads,
        reason: error.to_string(),
        max: Backend::MAX_THREADS,
    })?;
    // Returns when every thread has answered, hence after every hook has run.
    pool.broadcast(|_| ());
    Ok(pool)
}
