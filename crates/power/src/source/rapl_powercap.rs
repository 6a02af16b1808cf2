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
mod period;
mod zone;

use super::{Entry, Source};
use crate::counter::{CounterDiff, DiffError};
use crate::environment::Environment;
use crate::error::ReadError;
use crate::info::MeterInfo;
use crate::select::{Found, MeterName, Selection};
use std::path::PathBuf;
use zone::parse_uj;

pub(super) const ENTRY: Entry = Entry {
    name: MeterName {
        name: "rapl",
        description: "processor energy counters through Linux powercap (Intel, AMD, Hygon)",
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

fn probe(_: &Selection, environment: &Environment) -> Vec<Found> {
    let zones = match zone::scan(environment) {
        Ok(zones) => zones,
        Err(why) => return vec![Found::Unavailable(absent::explain(environment, why))],
    };
    domains::sources(environment, &zones)
        .into_iter()
        .map(|plan| match plan {
            Ok(plan) => Found::Available(Box::new(Rapl::open(environment.clone(), plan))),
            Err(why) => Found::Unavailable(why),
        })
        .collect()
}

/// One counter of the sum.
struct Counter {
    path: PathBuf,
    diff: CounterDiff,
    last_uj: u64,
    moved_s: f64,
}

/// A legal sum of counters, found and described but not yet running.
struct Plan {
    info: MeterInfo,
    /// Path of `energy_uj`, its present value, and how it wraps.
    counters: Vec<(PathBuf, u64, CounterDiff)>,
}

struct Rapl {
    info: MeterInfo,
    environment: Environment,
    counters: Vec<Counter>,
    last_s: f64,
    total_uj: u64,
}

impl Rapl {
    fn open(environment: Environment, plan: Plan) -> Self {
        let now_s = environment.clock.now_s();
        let counters = plan
            .counters
            .into_iter()
            .map(|(path, last_uj, diff)| Counter {
                path,
                diff,
                last_uj,
                moved_s: now_s,
            })
            .collect();
        let mut rapl = Self {
            info: plan.info,
            environment,
            counters,
            last_s: now_s,
            total_uj: 0,
        };
        // The values in the plan are older than the clock reading; where the
        // counters can be read again, the count starts from here.
        if let Ok((values, now_s)) = rapl.values() {
            rapl.rebase(&values, now_s);
        }
        rapl
    }

    /// Every counter's value, and the time half-way through reading them.
    fn values(&self) -> Result<(Vec<u64>, f64), ReadError> {
        let before_s = self.environment.clock.now_s();
        let values = self
            .counters
            .iter()
            .map(|counter| {
                let text = self
                    .environment
                    .files
                    .read(&counter.path)
                    .map_err(|e| ReadError::from_io(&counter.path, &e))?;
                parse_uj(&text).ok_or_else(|| ReadError::malformed(&counter.path, &text))
            })
            .collect::<Result<_, _>>()?;
        let after_s = self.environment.clock.now_s();
        Ok((values, 0.5 * (before_s + after_s)))
    }

    /// The next difference starts at these values.
    fn rebase(&mut self, values: &[u64], now_s: f64) {
        for (counter, &value_uj) in self.counters.iter_mut().zip(values) {
            // A value above the range would poison every later difference.
            if value_uj > counter.diff.range_uj {
                continue;
            }
            if value_uj != counter.last_uj {
                counter.moved_s = now_s;
            }
            counter.last_uj = value_uj;
        }
        self.last_s = now_s;
    }
}

impl Counter {
    fn advance_uj(&self, value_uj: u64, now_s: f64, elapsed_s: f64) -> Result<u64, ReadError> {
        let path = || self.path.display().to_string();
        let delta_uj = self
            .diff
            .between(self.last_uj, value_uj, elapsed_s)
            .map_err(|e| match e {
                DiffError::OutOfRange { value_uj, .. } => {
                    ReadError::malformed(&self.path, &value_uj.to_string())
                }
                DiffError::WentBackwards { from_uj, to_uj } => ReadError::WentBackwards {
                    path: path(),
                    from_j: from_uj as f64 * 1e-6,
                    to_j: to_uj as f64 * 1e-6,
                },
                DiffError::Implausible { implied_w, max_w } => ReadError::Implausible {
                    path: path(),
                    implied_w,
                    max_w,
                },
                DiffError::Ambiguous {
                    elapsed_s,
                    max_interval_s,
                } => ReadError::Ambiguous {
                    path: path(),
                    elapsed_s,
                    max_interval_s,
                },
            })?;
        let still_s = now_s - self.moved_s;
        if delta_uj == 0 && still_s > FROZEN_S {
            return Err(ReadError::Frozen {
                path: path(),
                still_s,
            });
        }
        Ok(delta_uj)
    }
}

impl Source for Rapl {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let (values, now_s) = self.values()?;
        let elapsed_s = now_s - self.last_s;
        let sum_uj = self
            .counters
            .iter()
            .zip(&values)
            .map(|(counter, &value_uj)| counter.advance_uj(value_uj, now_s, elapsed_s))
            .sum::<Result<u64, _>>();
        // Good or bad, the next interval starts here: what a failed interval
        // held is lost, and must not be charged to the next one.
        self.rebase(&values, now_s);
        self.total_uj += sum_uj?;
        Ok(self.total_uj as f64 * 1e-6)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        self.counters
            .iter()
            .map(|c| c.diff.range_uj as f64 * 1e-6 / (READS_PER_WRAP * c.diff.max_w))
            .reduce(f64::min)
    }
}
