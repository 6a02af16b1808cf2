//! Processor energy (RAPL) through the Linux powercap tree.
//!
//! Facts of the format (Linux `Documentation/power/powercap/powercap.rst` and
//! `drivers/powercap/intel_rapl_common.c`):
//!
//! - `/sys/class/powercap/` lists every zone side by side: `intel-rapl:N` for a
//!   top-level domain, `intel-rapl:N:M` for a part of it, and on some clients
//!   `intel-rapl-mmio:N`, the same counter by another path. AMD and Hygon
//!   processors appear under the same names.
//! - A zone holds `name` (`package-0`, `package-0-die-1`, `core`, `uncore`,
//!   `dram`, `psys`), `energy_uj` (microjoules, rising), `max_energy_range_uj`
//!   (after which `energy_uj` restarts at 0), `constraint_*_power_limit_uw`.
//! - `enabled` tells if the zone's power *limit* is in force. It does not concern
//!   the counter, which runs either way; AMD always shows 0.
//! - A package contains its core and uncore but not its dram; psys contains all of
//!   them. So `sum(package) + sum(dram)` is a valid sum, and psys by itself is one;
//!   there is no other.
//! - Since Linux 5.10 only root can read `energy_uj` (CVE-2020-8694: readings that
//!   are fine enough leak secrets); the other files stay readable.
//! - The hardware counter has 32 bits of a unit that differs between domains
//!   and generations. The kernel's microjoules are used as they are. The kernel
//!   truncates the unit to whole nanojoules (2^-16 J becomes 15258 nJ, 52 ppm low),
//!   far below the scale error of any counter.

mod absent;
mod domains;
mod mirror;
mod zone;

use super::meter::{Counted, Limits};
use super::rapl::{FROZEN_S, SLACK_S};
use super::{Entry, Found, MeterInfo, Opened, Pace, Query, System, Unavailable, attribute};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::period::{self, Watch};
use std::path::{Path, PathBuf};
use zone::read_energy;

pub(super) const ENTRY: Entry = Entry::local("rapl", probe).described(
    "processor energy counters through Linux powercap (Intel, AMD, Hygon)",
    "rapl[:psys]",
);

/// Least number of readings within the time of one wrap at the largest plausible power.
const READS_PER_WRAP: f64 = 4.0;

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let zones = zone::scan(system).map_err(|why| absent::explain(system, why))?;
    Ok(domains::sources(system, &zones)
        .into_iter()
        .map(|plan| plan.and_then(|plan| open(system, plan)).into())
        .collect())
}

/// A valid sum of counters, described but not yet running.
struct Plan {
    info: MeterInfo,
    /// Path of `energy_uj`, its present value, and its range and limits.
    counters: Vec<(PathBuf, u64, CounterDiff)>,
}

/// Time between two steps of the counter at `path`, in seconds.
fn update_period_s(system: &System, path: &Path) -> Option<f64> {
    period::update_period_s(system.clock.as_ref(), Watch::FAST, || {
        read_energy(system, path).ok()
    })
}

fn open(system: &System, plan: Plan) -> Opened {
    let clock = system.clock.clone();
    let now_s = clock.now_s();
    let read_within_s = plan
        .counters
        .iter()
        .map(|(_, _, diff)| diff.range_uj as f64 * 1e-6 / (READS_PER_WRAP * diff.max_w))
        .reduce(f64::min);
    let (paths, counters): (Vec<PathBuf>, Vec<Accumulator>) = plan
        .counters
        .into_iter()
        .map(|(path, first_uj, diff)| {
            let what = path.display().to_string();
            let counter = Accumulator::new(what, diff, Some(FROZEN_S), first_uj, now_s);
            (path, counter)
        })
        .unzip();
    let system = system.clone();
    let values = move || {
        let value_uj = |path: &PathBuf| attribute::unsigned(&system, path);
        paths.iter().map(value_uj).collect()
    };
    let limits = Limits {
        read_within_s,
        certain_for_s: None,
    };
    let values = Box::new(values);
    let counted = Counted::start(plan.info, clock, counters, values, limits, Pace::LOCAL);
    Ok(Box::new(counted))
}
