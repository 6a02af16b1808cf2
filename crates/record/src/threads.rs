//! The threads that read, compare and compute at once.

use std::num::NonZero;
use std::sync::Once;
use std::thread::available_parallelism;

use rayon::ThreadPoolBuilder;

const ASKED: &str = "RAYON_NUM_THREADS";

/// Makes rayon's pool for the whole process, if nobody did before: with as many threads
/// as the machine runs at once, or fewer where `RAYON_NUM_THREADS` asks for fewer. Left to
/// itself rayon starts as many as that asks for, and ends the process where one cannot
/// be started.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let most = available_parallelism().map_or(1, NonZero::get);
        let asked = std::env::var(ASKED).ok();
        let count = count(asked.as_deref(), most);
        let pool = || ThreadPoolBuilder::new().num_threads(count);
        if pool().build_global().is_err() {
            // Either a pool is there, or no thread can be had: then this one does all.
            let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread();
            let _ = alone.build_global();
        }
    });
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
