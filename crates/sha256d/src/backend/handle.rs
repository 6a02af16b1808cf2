//! The choice among backends, and the proof that this CPU can run the chosen
//! one.

use std::fmt;

use super::descriptor::Descriptor;
use super::walk::{OnCandidate, OnRolledCandidate, Range};
use super::{BackendError, REGISTRY, portable};
use crate::job::{Job, Prepared};

/// A backend that this CPU can run.
///
/// Every value is made by [`Descriptor::backend`], which has checked the CPU's features, or
/// by [`Backend::portable`]; this makes the calls of kernels sound.
#[derive(Clone, Copy)]
pub struct Backend(&'static Descriptor);

impl Descriptor {
    /// The backend, if this CPU can run it.
    pub fn backend(&'static self) -> Option<Backend> {
        self.unavailable_reason().is_none().then_some(Backend(self))
    }
}

impl Backend {
    /// Every backend, best first, including those that this CPU cannot run.
    pub fn all() -> &'static [Descriptor] {
        REGISTRY
    }

    /// The best backend that this CPU can run.
    pub fn detect() -> Backend {
        Self::all()
            .iter()
            .find_map(Descriptor::backend)
            .unwrap_or_else(Self::portable)
    }

    /// The backends that this CPU can run, best first; never empty.
    pub fn available() -> Vec<Backend> {
        Self::all().iter().filter_map(Descriptor::backend).collect()
    }

    /// Plain integer arithmetic, one nonce at a time. Its functions are safe:
    /// every CPU can run them.
    pub fn portable() -> Backend {
        Self(&portable::BACKEND)
    }

    /// The backend of this name, if this CPU can run it.
    ///
    /// # Errors
    /// [`BackendError::Unknown`] or [`BackendError::Unavailable`].
    pub fn from_name(name: &str) -> Result<Backend, BackendError> {
        let descriptor = Self::all()
            .iter()
            .find(|descriptor| descriptor.name == name)
            .ok_or_else(|| BackendError::Unknown {
                name: name.to_owned(),
                known: Self::all().iter().map(Descriptor::name).collect(),
            })?;
        descriptor
            .backend()
            .ok_or_else(|| BackendError::Unavailable {
                name: descriptor.name,
                reason: descriptor.unavailable_reason().unwrap_or_default(),
                available: Self::available().into_iter().map(Self::name).collect(),
            })
    }

    /// Its description.
    pub fn descriptor(self) -> &'static Descriptor {
        self.0
    }

    /// The name under which it is selected and recorded.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Nonces decided together in one step of the kernel, for each of
    /// [`roll_width`](Self::roll_width) jobs.
    pub fn lanes(self) -> usize {
        // SAFETY: this CPU can run the backend, see `Backend`.
        unsafe { (self.0.lanes)() }
    }

    /// The number of jobs of a group that the kernel takes together; 1 for the
    /// backends that search one header at a time.
    pub fn roll_width(self) -> usize {
        self.0.rolled.as_ref().map_or(1, |rolled| rolled.width)
    }

    /// Runs the kernel on one job.
    pub(super) fn run(self, job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
        // SAFETY: this CPU can run the backend, see `Backend`.
        unsafe { (self.0.scan)(job, range, on_candidate) }
    }

    /// Runs the rolled kernel on [`roll_width`](Self::roll_width) jobs.
    ///
    /// # Panics
    /// When the backend has no rolled kernel, or for another number of jobs.
    pub(super) fn run_rolled(
        self,
        jobs: &[Job],
        range: Range,
        on_candidate: &mut OnRolledCandidate<'_>,
    ) {
        let Some(rolled) = &self.0.rolled else {
            unreachable!("{self} has no rolled kernel")
        };
        assert_eq!(jobs.len(), rolled.width, "jobs of a rolled kernel");
        // SAFETY: this CPU can run the backend, see `Backend`.
        unsafe { (rolled.scan)(jobs, range, on_candidate) }
    }
}

impl PartialEq for Backend {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Backend {}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Backend").field(&self.name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_comes_first_and_the_portable_one_is_always_there() {
        assert_eq!(Backend::available()[0], Backend::detect());
        assert!(Backend::available().contains(&Backend::portable()));
    }
}
