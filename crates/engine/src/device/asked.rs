//! Questions to several workers at once.

use std::thread::{Builder, Scope, ScopedJoinHandle};

/// A question that a thread waits for, or its answer where the system starts no thread.
pub(super) enum Asked<'scope, T> {
    Waiting(ScopedJoinHandle<'scope, T>),
    Answered(T),
}

impl<'scope, T: Send + 'scope> Asked<'scope, T> {
    pub(super) fn start<F>(scope: &'scope Scope<'scope, '_>, ask: F) -> Self
    where
        F: FnOnce() -> T + Copy + Send + 'scope,
    {
        match Builder::new().spawn_scoped(scope, ask) {
            Ok(waiting) => Self::Waiting(waiting),
            Err(_) => Self::Answered(ask()),
        }
    }

    /// None if the thread panicked.
    pub(super) fn answer(self) -> Option<T> {
        match self {
            Self::Waiting(thread) => thread.join().ok(),
            Self::Answered(answer) => Some(answer),
        }
    }
}
