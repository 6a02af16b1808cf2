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
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Pace, Quantity};
use super::{Query, ReadError, System, Unavailable, attribute, rapl};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::drivers::PerfCounter;
use crate::period::{self, Watch};
use pmu::{Event, Pmu};
use std::io;
use std::path::Path;

const ID: &str = "rapl-perf";

pub(super) const ENTRY: Entry = Entry::local(ID, probe).described(
    "processor energy counters through Linux perf (Intel, AMD, Hygon)",
    "rapl-perf[:psys|:cores]",
);

/// Largest plausible power of a core in watts, above that of any core sold.
const CORE_MAX_W: f64 = 200.0;

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let power = pmu::read(system, "power").map_err(|why| absent::no_pmu(system, &why))?;
    let mut found = vec![packages(system, &power)];
    if power.event("psys").is_some() {
        found.push(psys(system, &power));
    }
    // A processor without this unit has no core counters to report.
    if let Ok(core) = pmu::read(system, "power_core") {
        found.push(cores(system, &core));
    }
    if found.iter().all(Result::is_err) {
        let refused = found.into_iter().filter_map(Result::err).collect();
        return Err(absent::all_refused(system, refused));
    }
    // What can be read comes first.
    found.sort_by_key(Result::is_err);
    Ok(found.into_iter().map(Found::from).collect())
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

impl<'a> Wanted<'a> {
    /// A counter that must always advance.
    fn of(event: &'a Event, cpus: Vec<usize>, max_w: f64) -> Self {
        Self {
            event,
            cpus,
            max_w,
            never_rests: true,
        }
    }
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
        let perf = system.drivers.perf.as_ref();
        let perf = perf.ok_or(io::ErrorKind::Unsupported)?;
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
                    false => Err(attribute::malformed(what, steps.to_string())),
                }
            })
            .collect()
    }
}

/// The event `energy-PART` for the source `id`.
fn event<'a>(
    system: &System,
    pmu: &'a Pmu,
    part: &str,
    id: &str,
) -> Result<&'a Event, Unavailable> {
    let event = pmu.event(part);
    let event = event.ok_or_else(|| absent::no_event(system, pmu, &format!("energy-{part}")))?;
    event.as_ref().map_err(|why| Unavailable {
        id: id.to_owned(),
        ..why.clone()
    })
}

fn packages(system: &System, pmu: &Pmu) -> Opened {
    let package = event(system, pmu, "pkg", ID)?;
    let (cpus, mirrors) = pmu::sockets(system, &pmu.cpus);
    let mut excluded = mirrors;
    let mut wanted = vec![Wanted::of(package, cpus.clone(), rapl::PACKAGE_MAX_W)];
    let mut boundary = Boundary::Package;
    match pmu.event("ram") {
        Some(Ok(ram)) => match moves(system, pmu, ram, &cpus) {
            true => {
                boundary = Boundary::PackageDram;
                wanted.push(Wanted::of(ram, cpus, rapl::DRAM_MAX_W));
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
    let what = match boundary {
        Boundary::PackageDram => "processor packages and their memory",
        _ => "processor packages",
    };
    let mut info = describe(ID, what, boundary);
    if boundary == Boundary::Package {
        info.notes.push("memory is not covered".into());
    }
    let (gain, note) = rapl::scale_error(system);
    info.gain_uncertainty_rel = gain;
    info.notes.push(note);
    info.excluded_domains = excluded;
    start(system, pmu, &wanted, info, Pace::LOCAL)
}

/// The description of the source `id`, which counts `what`.
fn describe(id: &str, what: &str, boundary: Boundary) -> MeterInfo {
    let description = format!("{what} (RAPL by perf)");
    MeterInfo::new(id, description, Covers::Cpu, boundary, Quantity::EnergyJ)
}

fn psys(system: &System, pmu: &Pmu) -> Opened {
    let what = "platform energy as the board's maker wired it";
    let mut info = describe(&format!("{ID}:psys"), what, Boundary::Platform);
    info.excluded_domains = vec!["energy-pkg: contained in energy-psys".into()];
    info.notes = [rapl::PSYS_NOTE, NO_SCALE_ERROR].map(Into::into).into();
    let event = event(system, pmu, "psys", &info.id)?;
    // The platform has one counter, which any processor can read.
    let cpus = pmu.cpus.iter().take(1).copied().collect();
    let wanted = [Wanted::of(event, cpus, rapl::PSYS_MAX_W)];
    start(system, pmu, &wanted, info, Pace::LOCAL)
}

fn cores(system: &System, pmu: &Pmu) -> Opened {
    let what = "every processor core, without what they share";
    let mut info = describe(&format!("{ID}:cores"), what, Boundary::Die);
    info.notes.extend([
        "caches, memory controllers and links are not covered".into(),
        NO_SCALE_ERROR.into(),
    ]);
    let event = event(system, pmu, "core", &info.id)?;
    let wanted = [Wanted {
        never_rests: false,
        ..Wanted::of(event, pmu.cpus.clone(), CORE_MAX_W)
    }];
    // Each reading interrupts all cores, which disturbs the measured work.
    let pace = Pace {
        interval_s: 1.0,
        blocking: false,
        answer_s: 0.0,
    };
    start(system, pmu, &wanted, info, pace)
}

/// Returns true if all counters of an event advance.
fn moves(system: &System, pmu: &Pmu, event: &Event, cpus: &[usize]) -> bool {
    let wanted = [Wanted::of(event, cpus.to_vec(), rapl::DRAM_MAX_W)];
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
    mut info: MeterInfo,
    pace: Pace,
) -> Opened {
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
            return Err(attribute::refusal(info.id, pmu.dir(), &error));
        }
    }
    note_period(&mut info, update_period_s);
    let counters = running.counters.iter();
    info.domains = counters.map(|(_, _, what)| what.clone()).collect();
    // The register's own step is coarser than the scale. The kernel's files do
    // not state it, so it is at least the step of Intel's registers.
    let scales_j = wanted.iter().map(|w| w.event.scale_j);
    let coarsest_j = scales_j.reduce(f64::max);
    info.quantum_j = coarsest_j.map(|scale_j| scale_j.max(REGISTER_STEP_J));
    let now_s = system.clock.now_s();
    let counters = running
        .counters
        .iter()
        .zip(&running.beliefs)
        .map(|((_, _, what), (max_w, never_rests))| {
            let diff = CounterDiff::endless(*max_w, rapl::SLACK_S);
            let frozen_s = never_rests.then_some(rapl::FROZEN_S);
            Accumulator::new(what.clone(), diff, frozen_s, 0, now_s)
        })
        .collect();
    Ok(Box::new(Counted::start(
        info,
        system.clock.clone(),
        counters,
        Box::new(move || running.values()),
        Limits::default(),
        pace,
    )))
}

/// 2^-14 J, the step of Intel's registers and the coarsest in use except for psys.
const REGISTER_STEP_J: f64 = 6.103_515_625e-5;
