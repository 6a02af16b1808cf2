//! The progress of a running search, and its cancellation.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A counter on its own cache lines: 128 bytes, because x86 fetches lines in pairs and some
/// Arm cores have lines of that size. Threads that share a line would slow each other down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded(AtomicU64);

/// Hash counters, one per thread, and a cancel flag.
///
/// Counters only grow; they can be read from any thread at any time.
#[derive(Debug)]
pub struct Progress {
    counters: Box<[Padded]>,
    cancelled: AtomicBool,
}

impl Progress {
    /// Counters for `threads` threads (at least one), all zero.
    pub fn new(threads: usize) -> Self {
        Self {
            counters: (0..threads.max(1)).map(|_| Padded::default()).collect(),
            cancelled: AtomicBool::new(false),
        }
    }

    /// Nonces decided by all threads.
    pub fn hashes(&self) -> u64 {
        self.counters
            .iter()
            .map(|counter| counter.0.load(Ordering::Relaxed))
            .sum()
    }

    /// Nonces decided by thread number `thread`; 0 when there is no such thread.
    pub fn hashes_of(&self, thread: usize) -> u64 {
        self.counters
            .get(thread)
            .map_or(0, |counter| counter.0.load(Ordering::Relaxed))
    }

    /// The number of counters.
    pub fn threads(&self) -> usize {
        self.counters.len()
    }

    /// Ends every search that uses this, now and later.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// True if [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Adds to a thread's counter. Threads beyond the last counter share counters.
    pub(crate) fn add(&self, thread: usize, hashes: u64) {
        self.counters[thread % self.counters.len()]
            .0
            .fetch_add(hashes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_thread_and_in_all() {
        let progress = Progress::new(2);
        progress.add(0, 5);
        progress.add(1, 7);
        progress.add(2, 1);
        assert_eq!((progress.hashes_of(0), progress.hashes_of(1)), (6, 7));
        assert_eq!((progress.hashes(), progress.hashes_of(2)), (13, 0));
        assert_eq!(Progress::new(0).threads(), 1);
        assert!(!progress.is_cancelled());
        progress.cancel();
        assert!(progress.is_cancelled());
    }
}
