//! CPU time of a run's worker, read at both ends of its window.

use std::path::Path;

use perwatt_host::Contention;
use perwatt_record::derive::most_cpu_s;
use perwatt_record::schema::CpuTime;

/// The readings of one run.
pub struct CpuWatch<'a> {
    /// The root of the tree with the counters; without one nothing is read.
    root: Option<&'a Path>,
    process: u32,
    start: Option<Reading>,
    end: Option<Reading>,
}

#[derive(Clone, Copy)]
struct Reading {
    t_ns: u64,
    worker_ns: u64,
    contention: Contention,
}

impl<'a> CpuWatch<'a> {
    /// A watch of a worker.
    pub fn new(root: Option<&'a Path>, process: u32) -> Self {
        Self {
            root,
            process,
            start: None,
            end: None,
        }
    }

    /// Reads the counters at the first sample of the window. `worker_ns` is what the worker
    /// says of its own CPU time at that sample.
    pub fn start(&mut self, t_ns: u64, worker_ns: Option<u64>) {
        self.start = self.read(t_ns, worker_ns);
    }

    /// As [`Self::start`], at the last sample of the window.
    pub fn end(&mut self, t_ns: u64, worker_ns: Option<u64>) {
        self.end = self.read(t_ns, worker_ns);
    }

    fn read(&self, t_ns: u64, worker_ns: Option<u64>) -> Option<Reading> {
        Some(Reading {
            t_ns,
            worker_ns: worker_ns?,
            contention: Contention::of(self.root?, self.process),
        })
    }

    /// The CPU time of a worker with so many threads within the window.
    pub fn cpu_time(&self, threads: u32) -> Option<CpuTime> {
        let (start, end) = (self.start?, self.end?);
        let seconds = |ns: u64| ns as f64 * 1e-9;
        let rose = end.contention.since(&start.contention);
        let worker_s = seconds(end.worker_ns.checked_sub(start.worker_ns)?);
        let window_s = seconds(end.t_ns.checked_sub(start.t_ns)?);
        // A library that starts more threads than it was told to: how many CPUs it would
        // have used is not known, and so nothing follows from its time.
        (worker_s <= most_cpu_s(threads, window_s)).then(|| CpuTime {
            worker_s,
            waited_s: rose.waited_ns.map(seconds),
            stolen_s: rose.stolen_ns.map(seconds),
            busy_s: rose.busy_ns.map(seconds),
            throttled_s: rose.throttled_ns.map(seconds),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn times_are_differences_of_the_two_ends() {
        let root = root();
        let root = root.path();
        let mut watch = CpuWatch::new(Some(root), 7);
        write(root, "proc/7/task/7/schedstat", "5 100000000 1\n");
        write(root, "proc/stat", "cpu  1 1 1 1 1 1 1 20\ncpu0 1\n");
        watch.start(1_000_000_000, Some(500_000_000));
        write(root, "proc/7/task/7/schedstat", "5 850000000 1\n");
        write(root, "proc/stat", "cpu  91 31 1 1 1 1 1 27\ncpu0 1\n");
        watch.end(2_000_000_000, Some(1_750_000_000));
        let found = watch.cpu_time(2).unwrap();
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-9;
        assert!(
            near(Some(found.worker_s), 1.25) && near(found.waited_s, 0.75),
            "{found:?}"
        );
        assert!(
            near(found.stolen_s, 0.07) && near(found.busy_s, 1.2) && found.throttled_s.is_none(),
            "{found:?}"
        );
        assert_eq!(watch.cpu_time(1), None, "more than one thread can get");
    }

    #[test]
    fn without_counters_or_without_the_workers_time_there_is_none() {
        let root = root();
        for (root, worker_ns) in [(None, Some(5)), (Some(root.path()), None)] {
            let mut watch = CpuWatch::new(root, 7);
            watch.start(0, worker_ns);
            watch.end(1_000_000_000, worker_ns);
            assert_eq!(watch.cpu_time(1), None);
        }
        // A system that counts CPU time and nothing else.
        let mut watch = CpuWatch::new(Some(root.path()), 7);
        watch.start(0, Some(0));
        watch.end(1_000_000_000, Some(900_000_000));
        let found = watch.cpu_time(1).unwrap();
        assert_eq!(
            (found.worker_s, found.waited_s, found.stolen_s),
            (0.9, None, None)
        );
    }
}
