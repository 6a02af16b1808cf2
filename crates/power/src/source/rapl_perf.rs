//! Processor energy (RAPL) through the kernel's perf counters.
//!
//! Facts of the interface (Linux `arch/x86/events/rapl.c`):
//!
//! - The unit `power` in `/sys/bus/event_source/devices/` has the events
//!   `energy-pkg`, `energy-ram`, `energy-psys`, `energy-cores` and `energy-gpu`,
//!   as far as the processor has them. Each has a `.scale` (joules per step,
//!   2^-32) and a `.unit` (`Joules`). Newer kernels on AMD add the unit
//!   `power_core` with `energy-core`, one counter per core.
//! - `cpumask` lists one processor for each counter. An event is opened on each
//!   of them for all processes, and counts from 0.
//! - The kernel follows the 32-bit register by a timer, so that the visible count
//!   does not wrap.
//! - A package contains its cores and graphics but not its memory (`ram`); psys
//!   contains all of them.
//! - AMD and Hygon have one package counter per socket. Kernels that list a
//!   processor for each die show this counter once per die.
//! - Opening needs `CAP_PERFMON` or `kernel.perf_event_paranoid` of 0 or less.

mod absent;
mod pmu;

use super::meter::{Counted, Limits, note_period};
use super::{Entry, Pace, Query};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::drivers::PerfCounter;
use crate::error::ReadError;
use crate::info::{Boundary, Covers, MeterInfo, Quantity};
use crate::period::{self, Watch};
use crate::select::Found;
use crate::spec::SpecError;
use crate::system::System;
use crate::unavailable::Unavailable;
use pmu::{Event, Pmu};
use std::io;
use std::path::Path;

const ID: &str = "rapl-perf";

pub(super) const ENTRY: Entry = Entry::automatic(ID, probe).described(
    "processor energy counters through Linux perf (Intel, AMD, Hygon)",
    "rapl-perf[:psys|:cores]",
);

/// Longest delay of a counter, in seconds: it updates every millisecond, and the
/// rest is for a reader that is interrupted between its clock and its counter.
const SLACK_S: f64 = 0.05;
/// Seconds without a step after which a counter is taken as stopped: a processor
/// always uses some energy.
const FROZEN_S: f64 = 1.0;
/// Plausible maxima in watts: above any package, memory of a socket, single-board
/// platform and core sold.
const PACKAGE_MAX_W: f64 = 2000.0;
const RAM_MAX_W: f64 = 500.0;
const PSYS_MAX_W: f64 = 4000.0;
const CORE_MAX_W: f64 = 200.0;

fn probe(query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
    let system = query.system;
    let power = match pmu::read(system, "power") {
        Ok(power) => power,
        Err(why) => return Ok(vec![Found::Unavailable(absent::no_pmu(system, &why))]),
    };
    let mut found = vec![packages(system, &power)];
    if power.event("psys").is_some() {
        found.push(psys(system, &power));
    }
    // A processor without this unit has no core counters to report.
    if let Ok(core) = pmu::read(system, "power_core") {
        found.push(cores(system, &core));
    }
    let open = found.iter().any(Result::is_ok);
    let (sources, refused): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
    let refused: Vec<Unavailable> = refused.into_iter().filter_map(Result::err).collect();
    if !open {
        return Ok(vec![Found::Unavailable(absent::all_refused(
            system, refused,
        ))]);
    }
    Ok(sources
        .into_iter()
        .filter_map(Result::ok)
        .map(|source| Found::Available(Box::new(source)))
        .chain(refused.into_iter().map(Found::Unavailable))
        .collect())
}

/// An event to count, on some processors.
struct Wanted<'a> {
    event: &'a Event,
    cpus: Vec<usize>,
    max_w: f64,
    /// True if each counter must always advance. Only a core in deep sleep may use
    /// no energy for seconds.
    never_rests: bool,
}

/// Running counters, each with its joules per step and its name in errors.
struct Running {
    counters: Vec<(Box<dyn PerfCounter>, f64, String)>,
    /// Plausibility of each counter: its largest plausible power, and true if it
    /// must always advance.
    beliefs: Vec<(f64, bool)>,
}

impl Running {
    fn open(system: &System, pmu: &Pmu, wanted: &[Wanted<'_>]) -> io::Result<Self> {
        let perf = system
            .drivers
            .perf
            .as_ref()
            .ok_or(io::ErrorKind::Unsupported)?;
        let mut running = Self {
            counters: Vec::new(),
            beliefs: Vec::new(),
        };
        for want in wanted {
            for cpu in &want.cpus {
                let what = format!("{}/{}/ on cpu {cpu}", pmu.name, want.event.name);
                let counter = perf.open(pmu.unit_type, want.event.config, *cpu)?;
                running.counters.push((counter, want.event.scale_j, what));
                running.beliefs.push((want.max_w, want.never_rests));
            }
        }
        Ok(running)
    }

    /// Returns true if at least one counter has advanced, and all that must always
    /// advance.
    fn counts(&self, values_uj: &[u64]) -> bool {
        let resting = |(uj, (_, never_rests)): (&u64, &(f64, bool))| *uj == 0 && *never_rests;
        values_uj.iter().any(|uj| *uj > 0) && !values_uj.iter().zip(&self.beliefs).any(resting)
    }

    fn values(&mut self) -> Result<Vec<u64>, ReadError> {
        self.counters
            .iter_mut()
            .map(|(counter, scale_j, what)| {
                let steps = counter
                    .read()
                    .map_err(|e| ReadError::from_io(Path::new(what.as_str()), &e))?;
                let uj = steps as f64 * *scale_j * 1e6;
                // A step is far below a microjoule, so that no realistic count
                // reaches the limit of the type.
                match uj < u64::MAX as f64 {
                    true => Ok(uj as u64),
                    false => Err(ReadError::Malformed {
                        path: what.clone(),
                        text: steps.to_string(),
                    }),
                }
            })
            .collect()
    }
}

fn packages(system: &System, pmu: &Pmu) -> Result<Counted, Unavailable> {
    let Some(package) = pmu.event("pkg") else {
        return Err(absent::no_event(system, pmu, "energy-pkg"));
    };
    let package = package.as_ref().map_err(Clone::clone)?;
    let (cpus, mirrors) = pmu::sockets(system, &pmu.cpus);
    let mut excluded = mirrors;
    let mut wanted = vec![Wanted {
        event: package,
        cpus: cpus.clone(),
        max_w: PACKAGE_MAX_W,
        never_rests: true,
    }];
    let mut boundary = Boundary::Package;
    match pmu.event("ram") {
        Some(Ok(ram)) => match moves(system, pmu, ram, &cpus) {
            true => {
                boundary = Boundary::PackageDram;
                wanted.push(Wanted {
                    event: ram,
                    cpus,
                    max_w: RAM_MAX_W,
                    never_rests: true,
                });
            }
            false => excluded.push("energy-ram: its counter does not move".into()),
        },
        Some(Err(why)) => excluded.push(format!("energy-ram: {}", why.detail)),
        None => {}
    }
    for (part, reason) in [
        ("cores", "contained in energy-pkg"),
        ("gpu", "contained in energy-pkg"),
        ("psys", "contains the packages"),
    ] {
        if pmu.event(part).is_some() {
            excluded.push(format!("energy-{part}: {reason}"));
        }
    }
    let mut info = MeterInfo::new(
        ID,
        match boundary {
            Boundary::PackageDram => "processor packages and their memory (RAPL by perf)",
            _ => "processor packages (RAPL by perf)",
        },
        Covers::Cpu,
        boundary,
        Quantity::EnergyJ,
    );
    if boundary == Boundary::Package {
        info.notes.push("memory is not covered".into());
    }
    info.gain_uncertainty_rel = match system.cpu_info().vendor() {
        Some("GenuineIntel") => Some(0.03),
        Some("AuthenticAMD" | "HygonGenuine") => Some(0.08),
        _ => None,
    };
    info.notes.push(match info.gain_uncertainty_rel {
        Some(u) => format!(
            "scale error of {:.0} % (k=2) is perwatt's own allowance; the maker states none",
            u * 100.0
        ),
        None => "its scale error is not specified".into(),
    });
    info.excluded_domains = excluded;
    start(system, pmu, &wanted, info, Pace::LOCAL)
}

fn psys(system: &System, pmu: &Pmu) -> Result<Counted, Unavailable> {
    let mut info = MeterInfo::new(
        format!("{ID}:psys"),
        "platform energy as the board's maker wired it (RAPL by perf)",
        Covers::Cpu,
        Boundary::Platform,
        Quantity::EnergyJ,
    );
    info.excluded_domains = vec!["energy-pkg: contained in energy-psys".into()];
    info.notes.extend([
        "what psys covers besides packages and memory is the board maker's choice".into(),
        "its scale error is not specified".into(),
    ]);
    let event = match pmu.event("psys") {
        Some(event) => event.as_ref().map_err(|why| Unavailable {
            id: info.id.clone(),
            ..why.clone()
        })?,
        None => return Err(absent::no_event(system, pmu, "energy-psys")),
    };
    // The platform has one counter, which any processor can read.
    let wanted = [Wanted {
        event,
        cpus: pmu.cpus.iter().take(1).copied().collect(),
        max_w: PSYS_MAX_W,
        never_rests: true,
    }];
    start(system, pmu, &wanted, info, Pace::LOCAL)
}

fn cores(system: &System, pmu: &Pmu) -> Result<Counted, Unavailable> {
    let mut info = MeterInfo::new(
        format!("{ID}:cores"),
        "every processor core, without what they share (RAPL by perf)",
        Covers::Cpu,
        Boundary::Die,
        Quantity::EnergyJ,
    );
    info.notes.extend([
        "caches, memory controllers and links are not covered".into(),
        "its scale error is not specified".into(),
    ]);
    let Some(event) = pmu.event("core") else {
        return Err(absent::no_event(system, pmu, "energy-core"));
    };
    let event = event.as_ref().map_err(|why| Unavailable {
        id: info.id.clone(),
        ..why.clone()
    })?;
    let wanted = [Wanted {
        event,
        cpus: pmu.cpus.clone(),
        max_w: CORE_MAX_W,
        never_rests: false,
    }];
    // Each reading interrupts all cores, which disturbs the measured work.
    let pace = Pace {
        interval_s: 1.0,
        blocking: false,
    };
    start(system, pmu, &wanted, info, pace)
}

/// Returns true if all counters of an event advance.
fn moves(system: &System, pmu: &Pmu, event: &Event, cpus: &[usize]) -> bool {
    let wanted = [Wanted {
        event,
        cpus: cpus.to_vec(),
        max_w: RAM_MAX_W,
        never_rests: true,
    }];
    let Ok(mut running) = Running::open(system, pmu, &wanted) else {
        return false;
    };
    period::update_period_s(system.clock.as_ref(), Watch::FAST, || running.values().ok());
    running.values().is_ok_and(|values| running.counts(&values))
}

fn start(
    system: &System,
    pmu: &Pmu,
    wanted: &[Wanted<'_>],
    mut info: crate::info::MeterInfo,
    pace: Pace,
) -> Result<Counted, Unavailable> {
    let mut running = Running::open(system, pmu, wanted)
        .map_err(|e| absent::not_opened(system, &info.id, pmu, &e))?;
    let update_period_s = period::update_period_s(system.clock.as_ref(), Watch::FAST, || {
        // All counters update at the same rate, so the first is watched for all.
        running.values().ok().map(|values| values.first().copied())
    });
    match running.values() {
        Ok(values) if running.counts(&values) => {}
        Ok(_) => return Err(absent::stands_still(system, &info.id, pmu)),
        Err(error) => {
            let looked_for = pmu.dir();
            return Err(super::attribute::refusal(info.id, looked_for, &error, None));
        }
    }
    note_period(&mut info, update_period_s);
    info.domains = running
        .counters
        .iter()
        .map(|(_, _, what)| what.clone())
        .collect();
    info.quantum_j = wanted
        .iter()
        .map(|w| w.event.scale_j)
        .reduce(f64::max)
        // The register's own step is coarser than the scale. The kernel's files do
        // not state it, so it is at least the step of Intel's registers.
        .map(|scale_j| scale_j.max(REGISTER_STEP_J));
    let now_s = system.clock.now_s();
    let counters = running
        .counters
        .iter()
        .zip(&running.beliefs)
        .map(|((_, _, what), (max_w, never_rests))| {
            let diff = CounterDiff {
                range_uj: u64::MAX,
                max_w: *max_w,
                slack_s: SLACK_S,
            };
            let frozen_s = never_rests.then_some(FROZEN_S);
            Accumulator::new(what.clone(), diff, frozen_s, 0, now_s)
        })
        .collect();
    Ok(Counted::start(
        info,
        system.clock.clone(),
        counters,
        Box::new(move || running.values()),
        Limits::default(),
        pace,
    ))
}

/// 2^-14 J, the step of Intel's registers and the coarsest in use except for psys.
const REGISTER_STEP_J: f64 = 6.103_515_625e-5;
