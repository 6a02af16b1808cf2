//! The persistent threads and their passes.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

use thiserror::Error;

use crate::kernel::Kernel;
use crate::worker::{self, Command, Reply};

/// Called with a thread's index (from 0) on each thread before it allocates, so that
/// the caller can pin it.
pub type ThreadStart = Arc<dyn Fn(usize) + Send + Sync>;

/// The reasons that a bandwidth bench cannot run or that its result does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StreamError {
    /// No kernel has this name.
    #[error("there is no stream kernel '{name}': use one of read, write, triad")]
    UnknownKernel {
        /// The name given.
        name: String,
    },
    /// The array has fewer elements than there are threads, or there are no threads.
    #[error(
        "{bytes_per_array} bytes per array cannot be shared by {threads} threads: give at least 1 thread and 8 bytes for each"
    )]
    TooSmall {
        /// The size given.
        bytes_per_array: u64,
        /// The number of threads given.
        threads: usize,
    },
    /// The arrays do not fit in memory.
    #[error(
        "{arrays} arrays of {bytes_per_array} bytes could not be allocated: give a smaller size"
    )]
    NoMemory {
        /// The number of arrays of the kernel.
        arrays: u64,
        /// Size of each array in bytes.
        bytes_per_array: u64,
    },
    /// The system refused to start a thread, or a thread ended by itself.
    #[error("thread {index} of {threads} does not run: {reason}; use fewer threads")]
    Thread {
        /// Index of the thread, from 0.
        index: usize,
        /// Threads asked for.
        threads: usize,
        /// The system's message.
        reason: String,
    },
    /// A result is wrong, so that the rate does not count.
    #[error(
        "the {kernel} kernel gave a wrong result in {}; the measurement cannot be used",
        element.map_or_else(|| format!("the sum of pass {pass}"), |e| format!("element {e} of pass {pass}"))
    )]
    Wrong {
        /// The kernel's name.
        kernel: &'static str,
        /// Number of the pass, from 1.
        pass: u64,
        /// The wrong element; `None` when a sum was wrong.
        element: Option<usize>,
    },
}

/// A kernel with its arrays and threads, ready to run passes.
pub struct Bench {
    kernel: Kernel,
    elements: usize,
    passes: u64,
    failure: Option<StreamError>,
    threads: Vec<Thread>,
}

/// One running thread. Dropping the sender ends it.
struct Thread {
    commands: Option<Sender<Command>>,
    replies: Receiver<Reply>,
    handle: Option<JoinHandle<()>>,
}

impl Bench {
    /// Starts `threads` threads and lets each allocate and fill its part of arrays of
    /// `bytes_per_array` bytes (rounded down to whole elements of 8 bytes).
    ///
    /// The caller keeps the size within the machine's memory: a system that
    /// overcommits grants more and then kills the process.
    ///
    /// # Errors
    /// [`StreamError::TooSmall`], [`StreamError::NoMemory`] and
    /// [`StreamError::Thread`].
    pub fn new(
        kernel: Kernel,
        bytes_per_array: u64,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Self, StreamError> {
        let no_memory = StreamError::NoMemory {
            arrays: kernel.arrays(),
            bytes_per_array,
        };
        let elements = usize::try_from(bytes_per_array / 8).map_err(|_| no_memory.clone())?;
        if threads == 0 || elements < threads {
            return Err(StreamError::TooSmall {
                bytes_per_array,
                threads,
            });
        }
        if bytes_per_array.checked_mul(kernel.arrays()).is_none() {
            return Err(no_memory);
        }
        let mut bench = Self {
            kernel,
            elements,
            passes: 0,
            failure: None,
            threads: Vec::new(),
        };
        let start = Arc::new(Barrier::new(threads));
        for index in 0..threads {
            let hook = on_thread_start.clone();
            let thread = bench.spawn(index, threads, Arc::clone(&start), hook)?;
            bench.threads.push(thread);
        }
        for index in 0..threads {
            if bench.reply(index)? != Reply::Right {
                return Err(bench.no_memory());
            }
        }
        Ok(bench)
    }

    fn spawn(
        &self,
        index: usize,
        threads: usize,
        start: Arc<Barrier>,
        hook: Option<ThreadStart>,
    ) -> Result<Thread, StreamError> {
        // In 128 bits, because elements × threads may exceed 64.
        let bound = |part: usize| (self.elements as u128 * part as u128 / threads as u128) as usize;
        let range = bound(index)..bound(index + 1);
        let (commands, received) = channel();
        let (reply, replies) = channel();
        let kernel = self.kernel;
        let handle = std::thread::Builder::new()
            .name(format!("stream-{index}"))
            .spawn(move || {
                if let Some(hook) = hook {
                    hook(index);
                }
                worker::run(kernel, range, &start, &received, &reply);
            })
            .map_err(|error| StreamError::Thread {
                index,
                threads,
                reason: error.to_string(),
            })?;
        Ok(Thread {
            commands: Some(commands),
            replies,
            handle: Some(handle),
        })
    }

    fn reply(&self, index: usize) -> Result<Reply, StreamError> {
        self.threads[index]
            .replies
            .recv()
            .map_err(|_| StreamError::Thread {
                index,
                threads: self.threads.len(),
                reason: "it ended on its own".to_owned(),
            })
    }

    /// Gives every thread the command, waits for the last of them and returns the first
    /// failure.
    fn command(&self, command: Command) -> Option<StreamError> {
        for thread in &self.threads {
            if let Some(commands) = &thread.commands {
                // A thread that has ended shows by its missing reply.
                let _ = commands.send(command);
            }
        }
        let outcomes: Vec<_> = (0..self.threads.len())
            .map(|index| self.reply(index))
            .collect();
        outcomes.into_iter().find_map(|outcome| match outcome {
            Ok(Reply::Right) => None,
            Ok(Reply::Wrong(element)) => Some(StreamError::Wrong {
                kernel: self.kernel.name(),
                pass: self.passes,
                element,
            }),
            Ok(Reply::NoMemory) => Some(self.no_memory()),
            Err(error) => Some(error),
        })
    }

    fn no_memory(&self) -> StreamError {
        StreamError::NoMemory {
            arrays: self.kernel.arrays(),
            bytes_per_array: self.bytes_per_array(),
        }
    }

    /// Runs one full pass over all threads and returns when the last has finished.
    pub fn pass(&mut self) {
        self.passes += 1;
        let wrong = self.command(Command::Pass(self.passes));
        // Kept for `verify`: the caller's loop is being timed.
        self.failure = self.failure.take().or(wrong);
    }

    /// Passes run so far.
    #[must_use]
    pub fn passes(&self) -> u64 {
        self.passes
    }

    /// Bytes counted for one pass: 8, 8 or 24 per element (read, write, triad).
    #[must_use]
    pub fn bytes_per_pass(&self) -> u64 {
        self.elements as u64 * self.kernel.bytes_per_element()
    }

    /// Bytes of each array.
    #[must_use]
    pub fn bytes_per_array(&self) -> u64 {
        self.elements as u64 * size_of::<f64>() as u64
    }

    /// Checks every element against its expected value after the last pass, and that every
    /// pass so far found the right sum. Exact, without tolerance. It reads all memory, so
    /// call it outside the measured window.
    ///
    /// # Errors
    /// [`StreamError::Wrong`] with the first wrong pass or element.
    pub fn verify(&self) -> Result<(), StreamError> {
        let wrong = || self.command(Command::Verify(self.passes));
        self.failure.clone().or_else(wrong).map_or(Ok(()), Err)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        for thread in &mut self.threads {
            thread.commands = None;
        }
        for thread in &mut self.threads {
            if let Some(handle) = thread.handle.take() {
                // A panic of the hook was already reported as a thread without an answer.
                let _ = handle.join();
            }
        }
    }
}
