//! A backend's own threads, apart from every other pool of the process.

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Backend, BackendError, ThreadStart};

/// Starts exactly `threads` threads, each of which calls the hook first.
pub(super) fn start(
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
