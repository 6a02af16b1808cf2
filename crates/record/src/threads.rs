//! The threads that read, compare and compute at once.

use std::num::NonZero;
use std::sync::Once;
use std::sync::mpsc::{Sender, channel};
use std::thread::available_parallelism;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

const ASKED: &str = "RAYON_NUM_THREADS";

/// Makes rayon's pool for the whole process, if nobody did before: with as many threads
/// as the machine runs at once, or fewer where `RAYON_NUM_THREADS` asks for fewer or the
/// system refuses some. Left to itself rayon starts as many as that asks for, and ends
/// the process where one cannot be started.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let most = available_parallelism().map_or(1, NonZero::get);
        let asked = std::env::var(ASKED).ok();
        start(count(asked.as_deref(), most));
    });
}

/// Starts the pool with as many of `count` threads as the system allows. A pool that
/// fails for the lack of one cannot be made again, so the threads come first.
fn start(count: usize) {
    let wait = || {
        let (hand, given) = channel::<ThreadBuilder>();
        let work = move || {
            // Nothing is given where somebody else has made the pool.
            let _ = given.recv().map(ThreadBuilder::run);
        };
        std::thread::Builder::new().spawn(work).ok().map(|_| hand)
    };
    let mut waiting: Vec<Sender<ThreadBuilder>> = (0..count).map_while(|_| wait()).collect();
    let pool = ThreadPoolBuilder::new().num_threads(waiting.len().max(1));
    // Either way an error says that there is a pool already.
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

/// As [`prepare`], where `RAYON_NUM_THREADS` is set: for processes that may never need
/// the pool.
pub fn prepare_if_asked() {
    if std::env::var_os(ASKED).is_some() {
        prepare();
    }
}

fn count(asked: Option<&str>, most: usize) -> usize {
    match asked.map(str::parse) {
        // Of what is no number, rayon takes no notice either; 0 asks for all.
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
