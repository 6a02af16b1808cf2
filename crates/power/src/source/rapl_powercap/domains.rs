//! The domain tree, and the sums of counters that are valid in it.

use super::zone::{Zone, ZoneFault};
use super::{Plan, SLACK_S, mirror, update_period_s};
use crate::counter::CounterDiff;
use crate::source::{Boundary, Covers, MeterInfo, NO_SCALE_ERROR, Quantity, Reason, System};
use crate::source::{Unavailable, rapl};

/// Power accepted as plausible, as a multiple of the zone's power limit: short
/// boosts pass the limit, and nothing passes twice the limit for long.
const LIMIT_FACTOR: f64 = 2.0;
/// Least plausible maximum, in watts, so that a limit set for a battery does
/// not reject real power.
const MIN_PLAUSIBLE_W: f64 = 100.0;

/// Number of steps of the hardware's 32-bit counter.
const COUNTER_STEPS: f64 = u32::MAX as f64;

/// All sources that these zones offer: `rapl` (packages, with dram if all counted
/// packages have it), then one for each psys zone.
pub(super) fn sources(system: &System, zones: &[Zone]) -> Vec<Result<Plan, Unavailable>> {
    let (zones, twins) = without_twins(zones);
    let roots = || zones.iter().copied().filter(|z| z.parent_id().is_none());
    let packages: Vec<&Zone> = roots().filter(|z| z.name.starts_with("package")).collect();
    // Older kernels list psys below a package, but it is never part of one.
    let psys: Vec<&Zone> = zones.iter().copied().filter(|z| is_psys(z)).collect();

    let mut found = vec![package_sum(system, &zones, &packages, &twins)];
    for zone in psys {
        let contained = packages
            .iter()
            .map(|p| format!("{}: contained in {}", p.name, zone.name));
        let name = &zone.name;
        let sum = Sum {
            id: format!("rapl:{name}"),
            description: format!("platform energy as the board's maker wired it ({name})"),
            boundary: Boundary::Platform,
            counted: vec![(zone, name.clone())],
            excluded: contained.collect(),
            notes: vec![rapl::PSYS_NOTE.into()],
        };
        found.push(plan(system, sum));
    }
    found
}

fn is_psys(zone: &Zone) -> bool {
    zone.name == "psys" || zone.name.starts_with("psys-")
}

/// One zone per domain: of two with the same name in the same place, the one that
/// can be read, and the plain one in preference to the memory-mapped one.
fn without_twins(zones: &[Zone]) -> (Vec<&Zone>, Vec<String>) {
    let place = |zone: &Zone| {
        let parent = zone
            .parent_id()
            .and_then(|id| zones.iter().find(|z| z.id == id))
            .map(|z| z.name.clone());
        (parent, zone.name.clone())
    };
    let mut order: Vec<&Zone> = zones.iter().collect();
    order.sort_by_key(|z| (!z.is_usable(), z.is_mmio()));
    let mut kept: Vec<&Zone> = Vec::new();
    let mut twins = Vec::new();
    for zone in order {
        match kept.iter().find(|k| place(k) == place(zone)) {
            Some(k) => twins.push(format!(
                "{} ({}): the same counter as {}",
                zone.name, zone.id, k.id
            )),
            None => kept.push(zone),
        }
    }
    kept.sort_by(|a, b| a.id.cmp(&b.id));
    (kept, twins)
}

/// A sum that is still to be planned.
struct Sum<'a> {
    id: String,
    description: String,
    boundary: Boundary,
    /// Zones to add, each with its name for output.
    counted: Vec<(&'a Zone, String)>,
    excluded: Vec<String>,
    notes: Vec<String>,
}

fn package_sum(
    system: &System,
    zones: &[&Zone],
    packages: &[&Zone],
    twins: &[String],
) -> Result<Plan, Unavailable> {
    let mut excluded = twins.to_vec();
    let mut notes = Vec::new();
    if packages.is_empty() {
        let names: Vec<&str> = zones.iter().map(|z| z.name.as_str()).collect();
        let detail = format!("no package among the zones: {}", names.join(", "));
        let looked_for = "a powercap zone named package-*";
        return Err(Unavailable::new("rapl", looked_for, Reason::Absent, detail));
    }
    let (packages, mirrors) = without_mirrors(system, packages);
    if !mirrors.is_empty() {
        notes.push("dies that mirror one socket counter are counted once".into());
    }
    excluded.extend(mirrors);

    let mut drams = Vec::new();
    let mut without_dram = Vec::new();
    for package in &packages {
        let is_part = |z: &&&Zone| {
            z.parent_id()
                .is_some_and(|id| is_zone_of(zones, id, package))
        };
        let mut dram = None;
        for part in zones.iter().filter(is_part) {
            let label = format!("{}/{}", package.name, part.name);
            match part.name.as_str() {
                "dram" if part.is_usable() && part.energy != Ok(0) => dram = Some((*part, label)),
                "dram" => excluded.push(format!("{label}: {}", unusable(part))),
                _ if is_psys(part) => {}
                _ => excluded.push(format!("{label}: contained in {}", package.name)),
            }
        }
        match dram {
            Some(found) => drams.push(found),
            None => without_dram.push(package.name.clone()),
        }
    }
    for zone in zones.iter().filter(|z| z.parent_id().is_none()) {
        if is_psys(zone) {
            excluded.push(format!("{}: contains the packages", zone.name));
        } else if !zone.name.starts_with("package") {
            excluded.push(format!("{}: not a known domain", zone.name));
        }
    }

    let mut counted: Vec<(&Zone, String)> = packages.iter().map(|z| (*z, z.name.clone())).collect();
    let boundary = if without_dram.is_empty() {
        counted.extend(drams);
        Boundary::PackageDram
    } else {
        // With the memory of only some sockets the boundary would not be a defined one.
        for (_, label) in drams {
            excluded.push(format!("{label}: {} has none", without_dram.join(", ")));
        }
        notes.push("memory is not covered".into());
        Boundary::Package
    };
    let description = match boundary {
        Boundary::PackageDram => "processor packages and their memory (RAPL)",
        _ => "processor packages (RAPL)",
    };
    let sum = Sum {
        id: "rapl".into(),
        description: description.into(),
        boundary,
        counted,
        excluded,
        notes,
    };
    plan(system, sum)
}

/// Returns true if the zone with identifier `id` is `package` or its dropped twin.
fn is_zone_of(zones: &[&Zone], id: &str, package: &Zone) -> bool {
    // A part may have been kept from the other view of the same package. That
    // view's package is then a twin and no longer listed.
    id == package.id
        || !zones.iter().any(|z| z.id == id)
            && id.rsplit(':').next() == package.id.rsplit(':').next()
}

/// Packages without the dies that mirror an earlier die of the same socket.
fn without_mirrors<'a>(system: &System, packages: &[&'a Zone]) -> (Vec<&'a Zone>, Vec<String>) {
    let mut candidates = Vec::new();
    for (i, b) in packages.iter().enumerate() {
        candidates.extend(packages[..i].iter().filter_map(|a| {
            let same_socket = mirror::socket(&a.name).is_some()
                && mirror::socket(&a.name) == mirror::socket(&b.name);
            (same_socket && mirror::reads_the_same(system, a, b)).then_some((*a, *b))
        }));
    }
    if !candidates.is_empty() {
        // Lets the counter advance, so that the second comparison is new evidence.
        update_period_s(system, &candidates[0].0.energy_path);
        candidates.retain(|(a, b)| mirror::reads_the_same(system, a, b));
    }
    let mut kept: Vec<&Zone> = Vec::new();
    let mut mirrors = Vec::new();
    for zone in packages {
        match candidates
            .iter()
            .find(|(a, b)| b.id == zone.id && kept.iter().any(|k| k.id == a.id))
        {
            Some((a, _)) => mirrors.push(format!("{}: mirrors {}", zone.name, a.name)),
            None => kept.push(zone),
        }
    }
    (kept, mirrors)
}

/// The reason that a zone cannot be counted, in a few words.
fn unusable(zone: &Zone) -> String {
    match &zone.energy {
        Err(ZoneFault::NotPermitted) => "not permitted".into(),
        Err(ZoneFault::Absent) => "has no energy counter".into(),
        Err(ZoneFault::Malformed(text)) => format!("its counter holds {text:?}"),
        Err(ZoneFault::Io(detail)) => format!("its counter cannot be read: {detail}"),
        Ok(0) => "its counter stands at 0".into(),
        Ok(_) => {
            "its max_energy_range_uj is missing, unreadable or 0, so a wrap could not be told \
                  from a reset"
                .into()
        }
    }
}

/// Plans a sum; an error if one of its zones cannot be counted.
fn plan(system: &System, sum: Sum<'_>) -> Result<Plan, Unavailable> {
    let mut notes = sum.notes;
    let mut counters = Vec::new();
    let mut quantum_j: f64 = 0.0;
    for (zone, label) in &sum.counted {
        let (Ok(value_uj), Some(range_uj)) = (&zone.energy, zone.range_uj) else {
            return Err(refusal(sum.id, zone, label));
        };
        if zone.enabled == Some(false) {
            notes.push(format!(
                "{label}: its power limit is off; its counter runs all the same"
            ));
        }
        let diff = CounterDiff {
            range_uj,
            max_w: plausible_w(zone),
            slack_s: SLACK_S,
        };
        if diff.max_interval_s() <= 0.0 {
            return Err(refusal(sum.id, zone, label));
        }
        quantum_j = quantum_j.max((range_uj as f64 / COUNTER_STEPS).max(1.0) * 1e-6);
        counters.push((zone.energy_path.clone(), *value_uj, diff));
    }
    let update_period_s = counters
        .first()
        .and_then(|(path, ..)| update_period_s(system, path));
    if update_period_s.is_none() {
        notes.push("its update period could not be seen while it was opened".into());
    }
    let (gain_uncertainty_rel, note) = match sum.boundary {
        Boundary::Platform => (None, NO_SCALE_ERROR.into()),
        _ => rapl::scale_error(system),
    };
    notes.push(note);
    Ok(Plan {
        info: MeterInfo {
            domains: sum.counted.into_iter().map(|(_, label)| label).collect(),
            excluded_domains: sum.excluded,
            quantum_j: Some(quantum_j),
            update_period_s,
            gain_uncertainty_rel,
            notes,
            // psys covers the whole platform, but not the add-in boards.
            ..MeterInfo::new(
                sum.id,
                sum.description,
                Covers::Cpu,
                sum.boundary,
                Quantity::EnergyJ,
            )
        },
        counters,
    })
}

/// Largest plausible mean power of a zone, in watts.
fn plausible_w(zone: &Zone) -> f64 {
    let unlimited = match zone.name.as_str() {
        "dram" => rapl::DRAM_MAX_W,
        _ if is_psys(zone) => rapl::PSYS_MAX_W,
        _ => rapl::PACKAGE_MAX_W,
    };
    zone.limit_w
        .map_or(unlimited, |w| (LIMIT_FACTOR * w).max(MIN_PLAUSIBLE_W))
}

/// The report of a sum that is unavailable because of `zone`, with a command that
/// may fix it.
fn refusal(id: String, zone: &Zone, label: &str) -> Unavailable {
    let path = zone.energy_path.display();
    let (reason, fix) = match &zone.energy {
        Err(ZoneFault::NotPermitted) => (
            Reason::NotPermitted,
            Some(
                "sudo chmod a+r /sys/class/powercap/intel-rapl*:*/energy_uj   (until reboot; for \
                 good, put this line in /etc/udev/rules.d/70-powercap.rules: SUBSYSTEM==\"powercap\", \
                 ACTION==\"add\", RUN+=\"/bin/chmod a+r /sys%p/energy_uj\")   It lets every local \
                 user read them, which CVE-2020-8694 warns of",
            ),
        ),
        Err(ZoneFault::Absent) => (Reason::Absent, None),
        _ => (Reason::Malformed, None),
    };
    let why = if zone.is_usable() && zone.energy != Ok(0) {
        "its max_energy_range_uj is too small to tell a wrap from a reset".into()
    } else {
        unusable(zone)
    };
    let detail = format!("{label}: {why}");
    Unavailable::new(id, format!("/{path}"), reason, detail).with_any_fix(fix)
}
