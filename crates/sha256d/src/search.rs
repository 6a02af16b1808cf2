//! The multi-threaded driver: all rolls, all nonces, every hash counted once.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::backend::{Backend, Hit};
use crate::group::JobGroup;
use crate::hash::Hash256;
use crate::progress::Progress;
use crate::rolls::Rolls;

/// Hashes between two checks of the cancel flag: under 30 ms even for the portable backend
/// on a slow core, half a millisecond for the SHA extensions.
pub(crate) const BATCH: u64 = 1 << 14;
/// Largest number of hashes that a thread takes at once.
const MAX_CHUNK: u64 = 1 << 20;

/// The settings of a search.
#[derive(Clone, Copy)]
pub struct SearchConfig<'a> {
    /// The kernel. A kernel that rolls versions searches several rolls together where they
    /// differ only in the version.
    pub backend: Backend,
    /// Worker threads. The calling thread only waits.
    pub threads: NonZeroUsize,
    /// First nonce of every roll.
    pub first_nonce: u32,
    /// Last nonce of every roll, included. If it is below `first_nonce`, there is nothing
    /// to search.
    pub last_nonce: u32,
    /// Called on each worker thread with its number before it starts, so that it can be
    /// pinned.
    pub on_thread_start: &'a (dyn Fn(usize) + Sync),
}

/// A header that meets the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The roll it belongs to.
    pub roll: u64,
    /// The header's version.
    pub version: u32,
    /// The header's time.
    pub time: u32,
    /// The extranonce behind the header's Merkle root.
    pub extranonce: u64,
    /// The header's nonce.
    pub nonce: u32,
    /// The header's hash.
    pub hash: Hash256,
}

/// The reason that a search returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// Every nonce of every roll was decided.
    Exhausted,
    /// [`Progress::cancel`] was called with nonces left.
    Cancelled,
    /// `on_share` broke.
    Stopped,
}

/// The result of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchOutcome {
    /// Hashes decided by this search: each nonce of each roll counted once.
    pub hashes: u64,
    /// The reason that it returned.
    pub finished: Finished,
}

/// Searches the nonces `config.first_nonce..=config.last_nonce` of every roll
/// of `rolls` until they run out, `progress` is cancelled, or `on_share`
/// breaks.
///
/// Threads take pieces of the work in ascending order from one counter, so none idles while
/// nonces remain. `on_share` is called from the worker threads, at most once per share, in
/// no particular order. When it breaks, or on cancellation, each thread ends within one
/// batch of 2¹⁴ hashes; shares of the batches in flight are still reported, and `progress`
/// counts exactly the hashes decided.
///
/// If the system refuses to start some of the threads, the others do the work; if it
/// refuses all, the calling thread does it.
///
/// # Panics
/// When a callback panics, with the same panic, after the other threads have ended.
pub fn search(
    rolls: &Rolls,
    config: &SearchConfig<'_>,
    progress: &Progress,
    on_share: &(dyn Fn(Share) -> ControlFlow<()> + Sync),
) -> SearchOutcome {
    let Some(work) = Work::new(rolls, config) else {
        return SearchOutcome {
            hashes: 0,
            finished: Finished::Exhausted,
        };
    };
    let stop = AtomicBool::new(false);
    let worker = |thread: usize| {
        let guard = StopOnPanic(&stop);
        (config.on_thread_start)(thread);
        let outcome = work.run(thread, progress, &stop, on_share);
        drop(guard);
        outcome
    };
    thread::scope(|scope| {
        let worker = &worker;
        let spawned: Vec<_> = (0..config.threads.get())
            .map_while(|thread| {
                thread::Builder::new()
                    .name(format!("sha256d-{thread}"))
                    .spawn_scoped(scope, move || worker(thread))
                    .ok()
            })
            .collect();
        if spawned.is_empty() {
            return worker(0);
        }
        let mut panic = None;
        let mut total = SearchOutcome {
            hashes: 0,
            finished: Finished::Exhausted,
        };
        for handle in spawned {
            match handle.join() {
                Ok(outcome) => total = total.and(outcome),
                Err(payload) => panic = panic.or(Some(payload)),
            }
        }
        match panic {
            Some(payload) => resume_unwind(payload),
            None => total,
        }
    })
}

impl SearchOutcome {
    /// The combined outcome of two threads.
    fn and(self, other: Self) -> Self {
        use Finished::{Cancelled, Exhausted, Stopped};
        Self {
            hashes: self.hashes + other.hashes,
            finished: match (self.finished, other.finished) {
                (Stopped, _) | (_, Stopped) => Stopped,
                (Cancelled, _) | (_, Cancelled) => Cancelled,
                (Exhausted, Exhausted) => Exhausted,
            },
        }
    }
}

/// Ends the other threads when its own thread unwinds.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// The search's work cut into chunks: numbers ascend through the nonces of
/// the first group of rolls, then the second, and so on.
struct Work<'a> {
    rolls: &'a Rolls,
    backend: Backend,
    first_nonce: u32,
    /// Nonces of each roll.
    nonces: u64,
    /// Rolls in a group. A run of rolls that differ only in the version ends in a smaller
    /// group when this does not divide it.
    width: u64,
    groups_per_run: u64,
    /// Nonces of each roll between two checks of the cancel flag.
    batch: u64,
    /// Nonces of each roll in a chunk.
    chunk: u64,
    chunks_per_group: u64,
    next: AtomicU64,
}

/// Nonces `first..first + len` of the rolls of `group`.
struct Chunk {
    first_roll: u64,
    group: JobGroup,
    first: u64,
    len: u64,
}

impl<'a> Work<'a> {
    /// Returns `None` when the nonce range is reversed.
    fn new(rolls: &'a Rolls, config: &SearchConfig<'_>) -> Option<Self> {
        Self::in_groups(rolls, config, config.backend.roll_width() as u64)
    }

    /// As [`new`](Self::new), with groups of `width` rolls, as far as consecutive rolls
    /// differ only in the version.
    fn in_groups(rolls: &'a Rolls, config: &SearchConfig<'_>, width: u64) -> Option<Self> {
        let nonces = u64::from(config.last_nonce.checked_sub(config.first_nonce)?) + 1;
        let width = rolls.versions().min(width);
        let batch = BATCH / width;
        // A small range is cut finer, so that every thread gets a part.
        let fair = nonces / (4 * config.threads.get() as u64);
        let chunk = fair.clamp(batch, MAX_CHUNK / width).next_multiple_of(batch);
        Some(Self {
            rolls,
            backend: config.backend,
            first_nonce: config.first_nonce,
            nonces,
            width,
            groups_per_run: rolls.versions().div_ceil(width),
            batch,
            chunk,
            chunks_per_group: nonces.div_ceil(chunk),
            next: AtomicU64::new(0),
        })
    }

    fn take(&self) -> Option<Chunk> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let offset = number % self.chunks_per_group * self.chunk;
        let group = number / self.chunks_per_group;
        let run = group / self.groups_per_run;
        let in_run = group % self.groups_per_run * self.width;
        let first_roll = run
            .checked_mul(self.rolls.versions())?
            .checked_add(in_run)?;
        Some(Chunk {
            first_roll,
            group: self.rolls.group(first_roll, self.width as usize)?,
            first: u64::from(self.first_nonce) + offset,
            len: self.chunk.min(self.nonces - offset),
        })
    }

    fn run(
        &self,
        thread: usize,
        progress: &Progress,
        stop: &AtomicBool,
        on_share: &(dyn Fn(Share) -> ControlFlow<()> + Sync),
    ) -> SearchOutcome {
        let mut hashes = 0;
        while let Some(chunk) = self.take() {
            let mut done = 0;
            while done < chunk.len {
                let finished = if stop.load(Ordering::Relaxed) {
                    Finished::Stopped
                } else if progress.is_cancelled() {
                    Finished::Cancelled
                } else {
                    let first = chunk.first + done;
                    let len = self.batch.min(chunk.len - done);
                    let (decided, flow) = self.batch(&chunk, first, len, on_share);
                    progress.add(thread, decided);
                    hashes += decided;
                    done += len;
                    if flow.is_continue() {
                        continue;
                    }
                    stop.store(true, Ordering::Relaxed);
                    Finished::Stopped
                };
                return SearchOutcome { hashes, finished };
            }
        }
        SearchOutcome {
            hashes,
            finished: Finished::Exhausted,
        }
    }

    /// Decides `len` nonces from `first` on, for each roll of the group; returns the number
    /// of hashes and whether to continue.
    fn batch(
        &self,
        chunk: &Chunk,
        first: u64,
        len: u64,
        on_share: &(dyn Fn(Share) -> ControlFlow<()> + Sync),
    ) -> (u64, ControlFlow<()>) {
        let mut flow = ControlFlow::Continue(());
        let last = first + len - 1;
        let on_hit = &mut |job: usize, hit: Hit| {
            let header = chunk.group.jobs()[job].header();
            flow = on_share(Share {
                roll: chunk.first_roll + job as u64,
                version: header.version,
                time: header.time,
                extranonce: self
                    .rolls
                    .coordinates(chunk.first_roll)
                    .map_or(0, |at| at.extranonce),
                nonce: hit.nonce,
                hash: hit.hash,
            });
            flow
        };
        let decided = self
            .backend
            .scan_rolled(&chunk.group, first as u32, last as u32, on_hit);
        (decided, flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Header;
    use crate::rolls::RollKinds;
    use crate::target::Target;
    use std::sync::{Arc, Mutex};

    /// 65,536 versions are not a multiple of these widths, so each run of them ends in a
    /// smaller group.
    #[test]
    fn group_tails_lose_and_repeat_no_roll() {
        let template = Header {
            time: u32::MAX - 1,
            ..Header::from_bytes(&[2; 80]).unwrap()
        };
        let kinds = RollKinds {
            extranonce: false,
            ..RollKinds::ALL
        };
        let rolls = Rolls::new(template, Target::MAX, Arc::new(|_| [2; 32]), kinds);
        let len = rolls.len().unwrap();
        let config = SearchConfig {
            backend: Backend::detect(),
            threads: NonZeroUsize::MIN,
            first_nonce: 9,
            last_nonce: 9,
            on_thread_start: &|_| (),
        };
        for width in [3, 7, 1000] {
            let work = Work::in_groups(&rolls, &config, width).unwrap();
            let progress = Progress::new(1);
            let seen = Mutex::new(Vec::new());
            let outcome = work.run(0, &progress, &AtomicBool::new(false), &|share| {
                assert_eq!(rolls.header(share.roll).unwrap().version, share.version);
                seen.lock().unwrap().push(share.roll);
                ControlFlow::Continue(())
            });
            assert_eq!((outcome.hashes, progress.hashes()), (len, len));
            let mut seen = seen.into_inner().unwrap();
            seen.sort_unstable();
            assert_eq!(seen, (0..len).collect::<Vec<_>>(), "groups of {width}");
        }
    }
}
