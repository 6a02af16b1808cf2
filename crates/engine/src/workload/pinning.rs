//! Pinning of a run's threads to CPUs.

use std::sync::{Arc, Mutex};

use perwatt_host::lock;

use crate::worker::{Assignment, RunError};

/// A hook for the threads of a run: pins thread `i` to the `i`-th given CPU. A failure to
/// pin is an error of the run, never a silent change of the measurement, so it is reported
/// through the returned slot.
pub(super) fn pin_hook(assignment: &Assignment) -> (ThreadHook, PinFailure) {
    let failure = PinFailure::default();
    let cpus = assignment.pinned_cpus.clone();
    let slot = failure.clone();
    let hook = Arc::new(move |thread: usize| {
        let Some(cpu) = cpus.as_ref().and_then(|cpus| cpus.get(thread)) else {
            return;
        };
        if let Err(error) = perwatt_host::cpus::pin_current_thread(*cpu as usize) {
            *lock(&slot.0) = Some(error.to_string());
        }
    });
    (hook, failure)
}

pub(super) type ThreadHook = Arc<dyn Fn(usize) + Send + Sync>;

/// The first pinning that failed, if any did.
#[derive(Debug, Default, Clone)]
pub(super) struct PinFailure(Arc<Mutex<Option<String>>>);

impl PinFailure {
    pub(super) fn check(&self) -> Result<(), RunError> {
        match &*lock(&self.0) {
            Some(error) => Err(RunError::Refused(error.clone())),
            None => Ok(()),
        }
    }
}
