//! The thread pool for reading, comparing and computing.

use std::num::NonZero;
use std::sync::Once;
use std::sync::mpsc::{Sender, channel};
use std::thread::available_parallelism;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

const ASKED: &str = "RAYON_NUM_THREADS";

/// Creates rayon's pool for the whole process, unless it exists. It has as many threads as
/// the machine runs at once, or fewer if `RAYON_NUM_THREADS` is lower or the system refuses
/// some. By default rayon starts as many as the variable requests, and ends the process if
/// one of them cannot be started.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let most = available_parallelism().map_or(1, NonZero::get);
        let asked = std::env::var(ASKED).ok();
        start(count(asked.as_deref(), most));
    });
}

/// Starts the pool with as many of `count` threads as the system allows. A pool that failed
/// for lack of a thread cannot be built again, so the threads are started first.
fn start(count: usize) {
    let wait = || {
        let (hand, given) = channel::<ThreadBuilder>();
        let work = move || {
            // Receives an error if the pool already existed.
            let _ = given.recv().map(ThreadBuilder::run);
        };
        std::thread::Builder::new().spawn(work).ok().map(|_| hand)
    };
    let mut waiting: Vec<Sender<ThreadBuilder>> = (0..count).map_while(|_| wait()).collect();
    let pool = ThreadPoolBuilder::new().num_threads(waiting.len().max(1));
    // In both cases an error means that there is a pool already.
    let _ = match waiting.is_empty() {
        true => pool.use_current_thread().build_global(),
        false => pool
            .spawn_handler(|thread| {
                let _ = waiting.pop().map(|hand| hand.send(thread));
                Ok(())
            })
            .build_global(),
    };
}

/// Calls [`prepare`] if `RAYON_NUM_THREADS` is set: for processes that may never need the
/// pool.
pub fn prepare_if_asked() {
    if std::env::var_os(ASKED).is_some() {
        prepare();
    }
}

fn count(asked: Option<&str>, most: usize) -> usize {
    match asked.map(str::parse) {
        // Like rayon, ignores a value that is not a number; 0 stands for all threads.
        None | Some(Err(_) | Ok(0)) => most,
        Some(Ok(asked)) => most.min(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn no_more_threads_than_the_machine_runs_at_once() {
        for (asked, expected) in [
            (None, 8),
            (Some("2"), 2),
            (Some("0"), 8),
            (Some("5000000"), 8),
            (Some("18446744073709551616"), 8),
            (Some("-1"), 8),
            (Some("many"), 8),
        ] {
            assert_eq!(count(asked, 8), expected, "{asked:?}");
        }
    }
}
