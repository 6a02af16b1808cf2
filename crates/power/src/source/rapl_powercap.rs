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
//! - `enabled` tells whether the zone's power *limit* is in force. It says
//!   nothing about the counter, which runs either way; AMD always shows 0.
//! - A package contains its core and uncore and does not contain its dram; psys
//!   contains all of them. So `sum(package) + sum(dram)` is a legal sum, and
//!   psys alone is one; no other is.
//! - `energy_uj` is readable by root only since Linux 5.10 (CVE-2020-8694: fine
//!   enough readings leak secrets); the other files stay readable.
//! - The hardware counter has 32 bits of a unit that differs between domains
//!   and generations. The kernel's microjoules are taken as they are. It cuts
//!   the unit to whole nanojoules (2^-16 J becomes 15258 nJ, 52 ppm low), far
//!   below any counter's own scale error.

mod absent;
mod domains;
mod mirror;
mod zone;

use super::{Entry, Query, Source};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::environment::Environment;
use crate::error::ReadError;
use crate::info::MeterInfo;
use crate::period::{self, Watch};
use crate::select::{Found, MeterName};
use crate::spec::SpecError;
use std::path::{Path, PathBuf};
use zone::{parse_uj, read_energy};

pub(super) const ENTRY: Entry = Entry {
    name: MeterName {
        name: "rapl",
        description: "processor energy counters through Linux powercap (Intel, AMD, Hygon)",
        usage: "rapl[:psys]",
        automatic: true,
    },
    probe,
};

/// How late a counter may be, in seconds. RAPL updates every millisecond; the
/// rest allows for a reader that is interrupted between its clock and its file.
const SLACK_S: f64 = 0.05;

/// A processor always uses some energy: a counter that stands still for this
/// many seconds is not counting.
const FROZEN_S: f64 = 1.0;

/// Reads at least this many times within the time of one wrap at the largest
/// plausible power.
const READS_PER_WRAP: f64 = 4.0;

fn probe(query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
    let environment = query.environment;
    let zones = match zone::scan(environment) {
        Ok(zones) => zones,
        Err(why) => return Ok(vec![Found::Unavailable(absent::explain(environment, why))]),
    };
    Ok(domains::sources(environment, &zones)
        .into_iter()
        .map(|plan| match plan {
            Ok(plan) => Found::Available(Box::new(Rapl::open(environment.clone(), plan))),
            Err(why) => Found::Unavailable(why),
        })
        .collect())
}

/// A legal sum of counters, found and described but not yet running.
struct Plan {
    info: MeterInfo,
    /// Path of `energy_uj`, its present value, and how it wraps.
    counters: Vec<(PathBuf, u64, CounterDiff)>,
}

/// How often the counter at `path` steps.
fn update_period_s(environment: &Environment, path: &Path) -> Option<f64> {
    period::update_period_s(environment.clock.as_ref(), Watch::FAST, || {
        read_energy(environment, path).ok()
    })
}

struct Rapl {
    info: MeterInfo,
    environment: Environment,
    /// Each with the file that it follows.
    counters: Vec<(PathBuf, Accumulator)>,
    /// Of the intervals in which every counter was good.
    total_uj: u64,
}

impl Rapl {
    fn open(environment: Environment, plan: Plan) -> Self {
        let now_s = environment.clock.now_s();
        let counters = plan
            .counters
            .into_iter()
            .map(|(path, first_uj, diff)| {
                let what = path.display().to_string();
                let counter = Accumulator::new(what, diff, Some(FROZEN_S), first_uj, now_s);
                (path, counter)
            })
            .collect();
        let mut rapl = Self {
            info: plan.info,
            environment,
            counters,
            total_uj: 0,
        };
        // The values in the plan are older than the clock reading; where the
        // counters can be read again, the count starts from here.
        if let Ok((values, now_s)) = rapl.values() {
            for ((_, counter), value_uj) in rapl.counters.iter_mut().zip(values) {
                counter.rebase(value_uj, now_s);
            }
        }
        rapl
    }

    /// Every counter's value, and the time half-way through reading them.
    fn values(&self) -> Result<(Vec<u64>, f64), ReadError> {
        let before_s = self.environment.clock.now_s();
        let values = self
            .counters
            .iter()
            .map(|(path, _)| {
                let text = self
                    .environment
                    .files
                    .read(path)
                    .map_err(|e| ReadError::from_io(path, &e))?;
                parse_uj(&text).ok_or_else(|| ReadError::malformed(path, &text))
            })
            .collect::<Result<_, _>>()?;
        let after_s = self.environment.clock.now_s();
        Ok((values, 0.5 * (before_s + after_s)))
    }
}

impl Source for Rapl {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let (values, now_s) = self.values()?;
        let (mut bad, mut sum_uj) = (None, 0);
        // Every counter moves on, also past another's failure.
        for ((_, counter), value_uj) in self.counters.iter_mut().zip(values) {
            let before_uj = counter.total_uj();
            if let Err(error) = counter.advance(value_uj, now_s) {
                bad = bad.or(Some(error));
            }
            sum_uj += counter.total_uj() - before_uj;
        }
        if let Some(error) = bad {
            return Err(error);
        }
        self.total_uj += sum_uj;
        Ok(self.total_uj as f64 * 1e-6)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        self.counters
            .iter()
            .map(|(_, c)| c.diff().range_uj as f64 * 1e-6 / (READS_PER_WRAP * c.diff().max_w))
            .reduce(f64::min)
    }
}
