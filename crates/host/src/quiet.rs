//! The one definition of a quiet machine, and a short observation of this one.

use std::path::Path;
use std::time::Duration;

use crate::clock;
use crate::cpu_time::{self, MachineTicks, TICK_NS};
use crate::obstacle::{Obstacle, percent};
use crate::tree::Tree;

/// Length of an observation: a hundred ticks of each CPU show a percent of one.
pub const OBSERVATION: Duration = Duration::from_secs(1);
/// Share of the CPUs that other programs may use on a quiet machine: an idle desktop or a
/// server's monitoring stays below, and one busy thread is more on machines of up to 32
/// CPUs. On larger ones a single thread among so many costs a session less than this.
pub const OTHERS_MOST: f64 = 0.03;
/// Share of the CPUs that the hypervisor may take: less than the smallest margin that
/// comparisons are asked for.
pub const STOLEN_MOST: f64 = 0.01;
/// Share of the CPUs' time for which a quota may stop this program while it does nothing:
/// others of its control group used the quota up.
pub const THROTTLED_MOST: f64 = 0.01;

/// Load average for each CPU above which processes wait for something other than CPUs. A
/// session that has just ended leaves one of about 1.
const LOAD_MOST: f64 = 1.5;

/// The counters at one moment.
#[derive(Clone, Copy, Debug)]
pub struct CpuCounters {
    at_ns: u64,
    machine: MachineTicks,
    own_ticks: u64,
    throttled_ns: Option<u64>,
}

/// Shares of all CPUs that other programs, the hypervisor and quotas took between two
/// readings of the counters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// CPUs online.
    pub cpus: u32,
    /// Of other programs.
    pub others: f64,
    /// Of the hypervisor.
    pub stolen: f64,
    /// Of quotas.
    pub throttled: f64,
    /// Runnable processes averaged over a minute, where it is known.
    pub load_average: Option<f64>,
}

impl CpuCounters {
    /// Reads the counters below `root`.
    ///
    /// # Errors
    /// The reason that it cannot be told whether this machine is quiet, in words.
    pub fn read(root: &Path) -> Result<Self, String> {
        let tree = Tree::new(root);
        let machine = MachineTicks::read(&tree).map_err(|absent| absent.reason)?;
        Ok(Self {
            at_ns: clock::monotonic_ns(),
            machine,
            own_ticks: cpu_time::own_ticks(&tree).unwrap_or(0),
            throttled_ns: cpu_time::throttled_ns(&tree),
        })
    }

    /// Returns the shares between an earlier reading and this one.
    #[must_use]
    pub fn since(&self, earlier: &Self, root: &Path) -> Observation {
        let cpus = self.machine.cpus.max(1);
        let wall_ns = self.at_ns.saturating_sub(earlier.at_ns);
        let all_ns = (f64::from(cpus) * wall_ns as f64).max(1.0);
        let rose = |now: u64, then: u64| now.saturating_sub(then);
        let ticks = |ticks: u64| (ticks * TICK_NS) as f64 / all_ns;
        let busy = rose(self.machine.busy, earlier.machine.busy);
        let own = rose(self.own_ticks, earlier.own_ticks);
        let throttled_ns = self.throttled_ns.zip(earlier.throttled_ns);
        Observation {
            cpus,
            others: ticks(busy.saturating_sub(own)),
            stolen: ticks(rose(self.machine.stolen, earlier.machine.stolen)),
            throttled: throttled_ns.map_or(0.0, |(now, then)| rose(now, then) as f64 / all_ns),
            load_average: load_average(root),
        }
    }
}

fn load_average(root: &Path) -> Option<f64> {
    let text = Tree::new(root).text("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

impl Observation {
    /// Reasons that the machine is not quiet, each with its value and a remedy; empty on a
    /// quiet machine.
    #[must_use]
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let mut all = Vec::new();
        let cpus = f64::from(self.cpus);
        if self.others >= OTHERS_MOST {
            let load = self.load_average;
            let load = load.map_or_else(String::new, |load| format!(", load average {load:.1}"));
            all.push(Obstacle::new(
                format!(
                    "other programs use {:.2} of {} CPUs{load}",
                    self.others * cpus,
                    self.cpus
                ),
                "end them, or wait for them (--wait-quiet)",
            ));
        }
        if self.stolen >= STOLEN_MOST {
            all.push(Obstacle::new(
                format!(
                    "the hypervisor takes {} of the CPUs (steal)",
                    percent(self.stolen)
                ),
                "measure when its other guests are idle (--wait-quiet), or on a dedicated host",
            ));
        }
        if self.throttled >= THROTTLED_MOST {
            all.push(Obstacle::new(
                "a control group's quota stops this program even while it is idle",
                "end the other programs of the group, or raise cpu.max",
            ));
        }
        all
    }

    /// A load average that is high while the CPUs are idle. It does not make the machine
    /// other than quiet: processes that wait for a disk take no CPU.
    #[must_use]
    pub fn idle_load(&self) -> Option<Obstacle> {
        let cpus = f64::from(self.cpus);
        let high = |load: &f64| self.others < OTHERS_MOST && *load > LOAD_MOST * cpus;
        self.load_average.filter(high).map(|load| {
            Obstacle::new(
                format!(
                    "load average {load:.1} on {} CPUs that are idle now",
                    self.cpus
                ),
                "see what waits for disks or comes back (top), and let it end",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::fixture::tree_of;

    fn observed(others: f64, stolen: f64, throttled: f64) -> Observation {
        Observation {
            cpus: 2,
            others,
            stolen,
            throttled,
            load_average: Some(6.96),
        }
    }

    #[test]
    fn each_limit_makes_the_machine_other_than_quiet() {
        assert!(observed(0.029, 0.009, 0.009).obstacles().is_empty());
        for (observed, part) in [
            (
                observed(0.5, 0.0, 0.0),
                "other programs use 1.00 of 2 CPUs, load average 7.0: ",
            ),
            (
                observed(0.0, 0.02, 0.0),
                "the hypervisor takes 2.0 % of the CPUs",
            ),
            (observed(0.0, 0.0, 0.5), "a control group's quota"),
        ] {
            let found = observed.obstacles();
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].to_string().contains(part), "{}", found[0]);
        }
        assert_eq!(observed(1.0, 1.0, 1.0).obstacles().len(), 3);
        let said = observed(0.0, 0.0, 0.0).idle_load().unwrap().to_string();
        assert!(said.starts_with("load average 7.0 on 2 CPUs"), "{said}");
        assert_eq!(
            observed(0.5, 0.0, 0.0).idle_load(),
            None,
            "it is part of the other line"
        );
        let load_average = Some(2.9);
        assert_eq!(
            Observation {
                load_average,
                ..observed(0.0, 0.0, 0.0)
            }
            .idle_load(),
            None
        );
    }

    #[test]
    fn a_look_is_the_difference_of_two_glances_without_this_program() {
        let glance = |at_ns, busy, stolen, own_ticks, throttled_ns| CpuCounters {
            at_ns,
            machine: MachineTicks {
                cpus: 4,
                busy,
                stolen,
            },
            own_ticks,
            throttled_ns,
        };
        let before = glance(0, 100, 5, 7, Some(3));
        let after = glance(1_000_000_000, 250, 13, 57, Some(200_000_003));
        let root = tree_of(&[("proc/loadavg", "2.50 1.0 1.0 1/2 3\n")]);
        let found = after.since(&before, root.path());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(found.others, 0.25), "100 of 400 ticks: {found:?}");
        assert!(
            near(found.stolen, 0.02) && near(found.throttled, 0.05),
            "{found:?}"
        );
        assert_eq!((found.cpus, found.load_average), (4, Some(2.5)));
    }

    #[test]
    fn without_counters_nothing_is_told() {
        let root = tree_of(&[]);
        let reason = CpuCounters::read(root.path()).unwrap_err();
        assert!(reason.contains("/proc/stat does not exist"), "{reason}");
    }
}
