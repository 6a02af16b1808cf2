//! Counters of CPU time: of a process, of the machine, and of what kept them from it.
//!
//! Formats: `proc_stat(5)`, `proc_pid_stat(5)`, the kernel's `scheduler/sched-stats.rst`
//! (`schedstat` holds the time on a CPU and the time on a run queue, in nanoseconds) and
//! `admin-guide/cgroup-v2.rst` (`cpu.stat`).

use std::path::Path;

use crate::cpus::cgroup;
use crate::missing::Absent;
use crate::tree::Tree;

/// Length of a tick of `/proc`: `USER_HZ` is 100 on every architecture that is supported
/// here, whatever the kernel's own rate.
pub(crate) const TICK_NS: u64 = 10_000_000;

/// Counters of the time for which a process was kept from the CPUs. Only differences of
/// two readings mean something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contention {
    /// Time in which its threads were ready to run and others had their CPU, all threads
    /// together; absent where the kernel does not count it.
    pub waited_ns: Option<u64>,
    /// Time in which the hypervisor ran something else, all CPUs of the machine together.
    pub stolen_ns: Option<u64>,
    /// CPU time of all programs and the kernel, all CPUs together.
    pub busy_ns: Option<u64>,
    /// Time for which the quotas of this program's control groups stopped it, all CPUs
    /// together; absent without such a group.
    pub throttled_ns: Option<u64>,
}

impl Contention {
    /// Reads the counters of a process that this one started, below `root`.
    #[must_use]
    pub fn of(root: &Path, process: u32) -> Self {
        let tree = Tree::new(root);
        let ticks = MachineTicks::read(&tree).ok();
        Self {
            waited_ns: waited_ns(&tree, process),
            stolen_ns: ticks.map(|ticks| ticks.stolen * TICK_NS),
            busy_ns: ticks.map(|ticks| ticks.busy * TICK_NS),
            throttled_ns: throttled_ns(&tree),
        }
    }

    /// Subtracts an earlier reading. A counter that fell is absent: a thread
    /// has ended, and what it counted is lost.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let rose = |now: Option<u64>, then: Option<u64>| now?.checked_sub(then?);
        Self {
            waited_ns: rose(self.waited_ns, earlier.waited_ns),
            stolen_ns: rose(self.stolen_ns, earlier.stolen_ns),
            busy_ns: rose(self.busy_ns, earlier.busy_ns),
            throttled_ns: rose(self.throttled_ns, earlier.throttled_ns),
        }
    }
}

/// Ticks of all CPUs together since the machine started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MachineTicks {
    /// CPUs online.
    pub cpus: u32,
    /// In programs and in the kernel.
    pub busy: u64,
    /// Taken by the hypervisor.
    pub stolen: u64,
}

impl MachineTicks {
    pub(crate) fn read(tree: &Tree) -> Result<Self, Absent> {
        let path = "/proc/stat";
        let text = tree.text(path)?;
        let lines = || text.lines().filter(|line| line.starts_with("cpu"));
        let all = lines().find_map(|line| line.strip_prefix("cpu "));
        let ticks: Vec<u64> = all
            .unwrap_or_default()
            .split_whitespace()
            .map_while(|word| word.parse().ok())
            .collect();
        // user nice system idle iowait irq softirq steal; guests are part of user.
        let [user, nice, system, _, _, irq, softirq, stolen, ..] = ticks[..] else {
            return Err(Absent::because(format!(
                "{path} has no line of the CPUs' times"
            )));
        };
        Ok(Self {
            cpus: u32::try_from(lines().count().saturating_sub(1)).unwrap_or(u32::MAX),
            busy: user + nice + system + irq + softirq,
            stolen,
        })
    }
}

/// Ticks of this process.
pub(crate) fn own_ticks(tree: &Tree) -> Option<u64> {
    let stat = tree.text("/proc/self/stat").ok()?;
    // The name in parentheses before the numbers may contain any characters.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some(user + system)
}

fn waited_ns(tree: &Tree, process: u32) -> Option<u64> {
    let folder = format!("/proc/{process}/task");
    let tasks = tree.names(&folder);
    let of_task = |task: &String| -> Option<u64> {
        let text = tree.text(&format!("{folder}/{task}/schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    // A task that ended in between counts for nothing.
    let waits: Vec<u64> = tasks.iter().filter_map(of_task).collect();
    (!waits.is_empty()).then(|| waits.iter().sum())
}

/// Each group counts its own quota, so that times of nested groups add up.
pub(crate) fn throttled_ns(tree: &Tree) -> Option<u64> {
    let of_group = |folder: String| -> Option<u64> {
        let text = tree.text(&format!("{folder}/cpu.stat")).ok()?;
        let value = |name: &str| -> Option<u64> {
            let lines = text.lines().filter_map(|line| line.split_once(' '));
            let mut found = lines.filter(|(key, _)| *key == name);
            found.next()?.1.trim().parse().ok()
        };
        // Version 2 counts in microseconds, version 1 in nanoseconds.
        let version_2 = value("throttled_usec").map(|us| us.saturating_mul(1000));
        version_2.or_else(|| value("throttled_time"))
    };
    let times: Vec<u64> = cgroup::folders(tree)
        .into_iter()
        .filter_map(|(folder, _)| of_group(folder))
        .collect();
    (!times.is_empty()).then(|| times.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::fixture::tree_of;

    const STAT: &str = "cpu  100 20 30 4000 50 6 7 80 9 9\ncpu0 50 10 15 2000 25 3 3 40 4 4\ncpu1 50 10 15 2000 25 3 4 40 5 5\nintr 1\n";

    #[test]
    fn the_kernels_counters_are_read() {
        let root = tree_of(&[
            ("proc/stat", STAT),
            ("proc/7/task/7/schedstat", "1000 300 5\n"),
            ("proc/7/task/9/schedstat", "1000 40 5\n"),
            ("proc/7/task/10/schedstat", "nonsense\n"),
            (
                "proc/self/stat",
                "7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 250 31 0 0 20\n",
            ),
        ]);
        let expected = Contention {
            waited_ns: Some(340),
            stolen_ns: Some(800_000_000),
            busy_ns: Some(1_630_000_000),
            throttled_ns: None,
        };
        assert_eq!(Contention::of(root.path(), 7), expected);
        assert_eq!(Contention::of(root.path(), 8).waited_ns, None);
        let tree = Tree::new(root.path());
        let ticks = MachineTicks::read(&tree).unwrap();
        assert_eq!((ticks.cpus, ticks.busy, ticks.stolen), (2, 163, 80));
        assert_eq!(own_ticks(&tree), Some(281));
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let root = tree_of(&[("proc/stat", "cpu  1 2 3\n")]);
        assert_eq!(Contention::of(root.path(), 7), Contention::default());
        let reason = MachineTicks::read(&Tree::new(root.path()))
            .unwrap_err()
            .reason;
        assert!(reason.contains("/proc/stat"), "{reason}");
        assert_eq!(own_ticks(&Tree::new(root.path())), None);
    }

    #[test]
    fn quotas_of_nested_groups_add_up() {
        let mount = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let root = tree_of(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", mount),
            (
                "sys/fs/cgroup/a/b/cpu.stat",
                "usage_usec 5\nthrottled_usec 40\n",
            ),
            (
                "sys/fs/cgroup/a/cpu.stat",
                "nr_throttled 3\nthrottled_usec 2\n",
            ),
        ]);
        assert_eq!(Contention::of(root.path(), 7).throttled_ns, Some(42_000));
        let mount = "31 23 0:28 / /cg rw - cgroup cgroup rw,cpu\n";
        let root = tree_of(&[
            ("proc/self/cgroup", "4:cpu:/a\n"),
            ("proc/self/mountinfo", mount),
            ("cg/a/cpu.stat", "nr_throttled 3\nthrottled_time 17\n"),
        ]);
        assert_eq!(Contention::of(root.path(), 7).throttled_ns, Some(17));
    }

    #[test]
    fn a_counter_that_fell_is_absent() {
        let of = |waited, stolen| Contention {
            waited_ns: waited,
            stolen_ns: stolen,
            busy_ns: None,
            throttled_ns: None,
        };
        let rose = of(Some(5), Some(7)).since(&of(Some(9), Some(3)));
        assert_eq!(rose, of(None, Some(4)));
        assert_eq!(of(Some(5), None).since(&of(None, Some(1))), of(None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_counts() {
        let ticks = MachineTicks::read(&Tree::new(Path::new("/"))).unwrap();
        assert!(ticks.cpus > 0 && ticks.busy > 0);
    }
}
