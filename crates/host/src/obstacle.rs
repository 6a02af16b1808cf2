//! Settings and states of the machine that keep it from its full speed: capped clocks,
//! power limits, heat, the battery, quotas.
//!
//! Formats: the kernel's `admin-guide/pm/cpufreq.rst` (clocks in kHz),
//! `power/powercap/powercap.rst` (limits in microwatts), `driver-api/thermal/sysfs-api.rst`
//! (temperatures in millidegrees).

use std::fmt;
use std::path::Path;

use crate::PowerSource;
use crate::cpus::cgroup;
use crate::missing::Gaps;
use crate::power_supply::PowerSupply;
use crate::tree::Tree;

/// Relative difference below which a limit is that of the hardware, rounded.
const ROUNDED: f64 = 0.01;
/// Distance from a temperature limit at which an idle machine will reach it under load.
const NEAR_LIMIT_C: f64 = 5.0;

/// Something that keeps the machine from its full speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The setting or state, with its value.
    pub what: String,
    /// The remedy.
    pub remedy: String,
}

impl Obstacle {
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.remedy)
    }
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Every obstacle below `root` that does not pass by itself, at most one of each kind.
/// `threads` is the number of threads that are to run.
#[must_use]
pub fn obstacles(root: &Path, threads: u32) -> Vec<Obstacle> {
    let tree = Tree::new(root);
    [
        quota(&tree, threads),
        capped_clock(&tree),
        power_limit(&tree),
        heat(&tree),
        battery(&tree),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn quota(tree: &Tree, threads: u32) -> Option<Obstacle> {
    let limits = cgroup::read(tree);
    let cores = limits.cpu_quota_cores?;
    let file = match limits.version {
        Some(1) => "cpu.cfs_quota_us",
        _ => "cpu.max",
    };
    let of_threads = match threads {
        1 => "1 thread".to_owned(),
        n => format!("{n} threads"),
    };
    let fewer = match (threads, cores.floor()) {
        (1, _) => String::new(),
        (_, whole) => format!(", or run --threads {:.0}", whole.max(1.0)),
    };
    (cores < f64::from(threads)).then(|| {
        Obstacle::new(
            format!("a control group grants {cores:.2} CPUs to {of_threads} ({file})"),
            format!("raise {file}{fewer}"),
        )
    })
}

fn capped_clock(tree: &Tree) -> Option<Obstacle> {
    let folder = "/sys/devices/system/cpu/cpufreq";
    let policies = tree.names(folder).into_iter();
    let mut capped = policies
        .filter(|name| name.starts_with("policy"))
        .filter_map(|policy| {
            let khz = |file: &str| {
                tree.number::<f64>(&format!("{folder}/{policy}/{file}"))
                    .ok()
            };
            let (now, most) = (khz("scaling_max_freq")?, khz("cpuinfo_max_freq")?);
            (now < most * (1.0 - ROUNDED)).then_some((now, most))
        });
    let (now, most) = capped.next()?;
    let policies = match capped.count() {
        0 => "one group".to_owned(),
        more => format!("{} groups", more + 1),
    };
    Some(Obstacle::new(
        format!(
            "the clock is capped at {:.2} of {:.2} GHz in {policies} of CPUs (scaling_max_freq)",
            now / 1e6,
            most / 1e6
        ),
        format!("cpupower frequency-set --max {most:.0}"),
    ))
}

fn power_limit(tree: &Tree) -> Option<Obstacle> {
    let class = "/sys/class/powercap";
    let zones = tree.names(class).into_iter();
    zones
        .filter(|zone| zone.starts_with("intel-rapl:"))
        .find_map(|zone| {
            let name = tree.text(&format!("{class}/{zone}/name")).ok()?;
            let package = name.strip_prefix("package-")?.to_owned();
            let constraint = (0..8).find(|i| {
                let name = tree.text(&format!("{class}/{zone}/constraint_{i}_name"));
                name.is_ok_and(|name| name == "long_term")
            })?;
            let watts = |file: &str| -> Option<f64> {
                let path = format!("{class}/{zone}/constraint_{constraint}_{file}_uw");
                let uw: f64 = tree.number(&path).ok()?;
                (uw > 0.0).then_some(uw * 1e-6)
            };
            let (now, most) = (watts("power_limit")?, watts("max_power")?);
            (now < most * (1.0 - ROUNDED)).then(|| {
                Obstacle::new(
                    format!("processor package {package} is limited to {now:.0} of {most:.0} W (powercap)"),
                    "raise the limit in the firmware or in /sys/class/powercap, or take the figure as one of this limit",
                )
            })
        })
}

fn heat(tree: &Tree) -> Option<Obstacle> {
    let class = "/sys/class/thermal";
    let names = tree.names(class);
    let remedy = "let the machine cool, and look at its fans";
    let text = |name: &str, file: &str| tree.text(&format!("{class}/{name}/{file}")).ok();
    let number = |name: &str, file: &str| text(name, file)?.parse::<f64>().ok();
    let slowed = names.iter().any(|name| {
        text(name, "type").as_deref() == Some("Processor")
            && number(name, "cur_state").is_some_and(|state| state > 0.0)
    });
    if slowed {
        let what = "the processors are slowed because of heat (cooling device Processor)";
        return Some(Obstacle::new(what, remedy));
    }
    let near = names.iter().find_map(|zone| {
        let kind = text(zone, "type")?;
        let of_cpu = ["x86_pkg_temp", "cpu", "soc", "TCPU"];
        if !of_cpu.iter().any(|part| kind.starts_with(part)) {
            return None;
        }
        let now_c = number(zone, "temp")? * 1e-3;
        let limits = (0..16).filter_map(|i| {
            let kind = text(zone, &format!("trip_point_{i}_type"))?;
            let limit_c = number(zone, &format!("trip_point_{i}_temp"))? * 1e-3;
            // Unused points are at zero or below.
            (["passive", "hot", "critical"].contains(&kind.as_str()) && limit_c > 0.0)
                .then_some(limit_c)
        });
        let limit_c = limits.min_by(f64::total_cmp)?;
        (now_c > limit_c - NEAR_LIMIT_C).then_some((now_c, limit_c))
    });
    near.map(|(now_c, limit_c)| {
        let what =
            format!("the processor is at {now_c:.0} \u{b0}C, and slowed at {limit_c:.0} \u{b0}C");
        Obstacle::new(what, remedy)
    })
}

fn battery(tree: &Tree) -> Option<Obstacle> {
    let supply = PowerSupply::collect(tree, &mut Gaps::default());
    (supply.source == PowerSource::Battery).then(|| {
        Obstacle::new(
            "the machine runs from its battery",
            "connect its adapter: many machines are slower without one",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::fixture::tree_of;

    const QUIET: &[(&str, &str)] = &[
        ("proc/self/cgroup", "0::/\n"),
        (
            "proc/self/mountinfo",
            "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n",
        ),
        ("cg/cpu.max", "200000 100000\n"),
        (
            "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq",
            "4500000\n",
        ),
        (
            "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq",
            "4500000\n",
        ),
        (
            "sys/devices/system/cpu/cpufreq/policy1/scaling_max_freq",
            "4500000\n",
        ),
        (
            "sys/devices/system/cpu/cpufreq/policy1/cpuinfo_max_freq",
            "4500000\n",
        ),
        ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
        (
            "sys/class/powercap/intel-rapl:0/constraint_0_name",
            "long_term\n",
        ),
        (
            "sys/class/powercap/intel-rapl:0/constraint_0_power_limit_uw",
            "28000000\n",
        ),
        (
            "sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw",
            "28000000\n",
        ),
        ("sys/class/thermal/cooling_device0/type", "Processor\n"),
        ("sys/class/thermal/cooling_device0/cur_state", "0\n"),
        ("sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n"),
        ("sys/class/thermal/thermal_zone0/temp", "60000\n"),
        (
            "sys/class/thermal/thermal_zone0/trip_point_0_type",
            "passive\n",
        ),
        ("sys/class/thermal/thermal_zone0/trip_point_0_temp", "0\n"),
        (
            "sys/class/thermal/thermal_zone0/trip_point_1_type",
            "critical\n",
        ),
        (
            "sys/class/thermal/thermal_zone0/trip_point_1_temp",
            "100000\n",
        ),
        ("sys/class/power_supply/AC/type", "Mains\n"),
        ("sys/class/power_supply/AC/online", "1\n"),
    ];

    #[test]
    fn a_machine_at_its_full_speed_has_none() {
        assert_eq!(obstacles(tree_of(QUIET).path(), 2), []);
        assert_eq!(obstacles(tree_of(&[]).path(), 2), []);
    }

    #[test]
    fn a_quota_is_named_by_its_file_and_only_possible_threads_are_advised() {
        let of = |threads: u32, files: &[(&str, &str)]| {
            let found = obstacles(tree_of(files).path(), threads);
            found.first().map(ToString::to_string)
        };
        let v2 = |max: &'static str| [QUIET[0], QUIET[1], ("cg/cpu.max", max)];
        let one = "a control group grants 0.20 CPUs to 1 thread (cpu.max): raise cpu.max";
        assert_eq!(of(1, &v2("20000 100000\n")).as_deref(), Some(one));
        let two = of(2, &v2("20000 100000\n")).unwrap();
        assert!(two.ends_with("to 2 threads (cpu.max): raise cpu.max, or run --threads 1"));
        let v1 = [
            ("proc/self/cgroup", "4:cpu:/\n"),
            (
                "proc/self/mountinfo",
                "31 23 0:28 / /cg rw - cgroup cgroup rw,cpu\n",
            ),
            ("cg/cpu.cfs_quota_us", "250000\n"),
            ("cg/cpu.cfs_period_us", "100000\n"),
        ];
        let v1 = of(4, &v1).unwrap();
        assert!(
            v1.ends_with("(cpu.cfs_quota_us): raise cpu.cfs_quota_us, or run --threads 2"),
            "{v1}"
        );
    }

    #[test]
    fn each_obstacle_is_named_with_its_value_and_a_remedy() {
        let cpufreq = "sys/devices/system/cpu/cpufreq/policy1/scaling_max_freq";
        let limit = "sys/class/powercap/intel-rapl:0/constraint_0_power_limit_uw";
        for (path, text, parts) in [
            (
                "cg/cpu.max",
                "150000 100000\n",
                ["1.50 CPUs to 2 threads", "raise cpu.max"],
            ),
            (
                cpufreq,
                "2000000\n",
                ["2.00 of 4.50 GHz in one group", "--max 4500000"],
            ),
            (limit, "15000000\n", ["limited to 15 of 28 W", "firmware"]),
            (
                "sys/class/thermal/cooling_device0/cur_state",
                "3\n",
                ["slowed because of heat", "cool"],
            ),
            (
                "sys/class/thermal/thermal_zone0/temp",
                "96500\n",
                ["at 96 \u{b0}C, and slowed at 100 \u{b0}C", "cool"],
            ),
            (
                "sys/class/power_supply/AC/online",
                "0\n",
                ["from its battery", "adapter"],
            ),
        ] {
            let root = tree_of(QUIET);
            std::fs::write(root.path().join(path), text).unwrap();
            let found = obstacles(root.path(), 2);
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            for part in parts {
                assert!(found[0].to_string().contains(part), "{part}: {}", found[0]);
            }
        }
    }
}
