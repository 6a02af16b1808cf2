//! The reasons that RAPL by perf is unavailable, and the fixes.

use super::ID;
use super::pmu::Pmu;
use crate::source::absent::{LookedFor, STATE_POWER};
use crate::source::{ReadError, Reason, System, Unavailable, attribute};
use std::io;

/// The kernel setting that restricts the use of counters.
const PARANOID: &str = "proc/sys/kernel/perf_event_paranoid";

/// The report if the unit `power` does not exist or cannot be read.
pub(super) fn no_pmu(system: &System, why: &ReadError) -> Unavailable {
    let kind = LookedFor {
        id: ID,
        looked_for: "/sys/bus/event_source/devices/power",
        what: "processor with RAPL counters",
        pci_vendor: None,
        load: "sudo modprobe rapl",
    };
    match why {
        ReadError::Vanished { .. } => kind.absent(system, "the kernel lists no unit \"power\""),
        other => attribute::refusal(ID, kind.looked_for, other),
    }
}

/// The report if the unit does not have an event.
pub(super) fn no_event(system: &System, pmu: &Pmu, event: &str) -> Unavailable {
    let reason = match system.virtual_machine() {
        Some(_) => Reason::VirtualMachine,
        None => Reason::Absent,
    };
    let detail = format!("the unit lists no {event}, only: {}", pmu.listed());
    Unavailable::new(ID, format!("{}/events/{event}", pmu.dir()), reason, detail)
        .with_fix(STATE_POWER)
}

/// The report if the kernel refused to open a counter.
pub(super) fn not_opened(system: &System, id: &str, pmu: &Pmu, error: &io::Error) -> Unavailable {
    let (reason, detail, fix) = match error.kind() {
        io::ErrorKind::PermissionDenied => (
            Reason::NotPermitted,
            match system.line(PARANOID).as_str() {
                "" => "the kernel lets this user count no processor's energy".into(),
                level => format!(
                    "kernel.perf_event_paranoid is {level}, and only at 0 or below may every \
                     user count a processor's energy"
                ),
            },
            Some(
                "sudo sysctl kernel.perf_event_paranoid=0   (until reboot), or give the right to \
                 perwatt alone: sudo setcap cap_perfmon=ep \"$(command -v perwatt)\"   In a container, \
                 start it with --cap-add PERFMON",
            ),
        ),
        io::ErrorKind::Unsupported if system.drivers.perf.is_none() => (
            Reason::Absent,
            "a recorded tree holds no running counters".into(),
            None,
        ),
        _ => (
            Reason::Malformed,
            format!("the kernel does not open its counters: {error}"),
            None,
        ),
    };
    Unavailable::new(id, pmu.dir(), reason, detail).with_any_fix(fix)
}

/// The report if a counter opened but does not advance.
pub(super) fn stands_still(system: &System, id: &str, pmu: &Pmu) -> Unavailable {
    let reason = match system.virtual_machine() {
        Some(_) => Reason::VirtualMachine,
        None => Reason::Malformed,
    };
    let detail = format!("{id}: the counter stands still, and a running processor's does not");
    Unavailable::new(id, pmu.dir(), reason, detail).with_fix(STATE_POWER)
}

/// One report for the whole kind, if no counter can be opened.
pub(super) fn all_refused(system: &System, refused: Vec<Unavailable>) -> Unavailable {
    let worst = refused
        .iter()
        .find(|why| why.reason == Reason::NotPermitted)
        .or_else(|| refused.first());
    let machine = system.virtual_machine();
    let mut details: Vec<String> = Vec::new();
    for detail in machine.iter().chain(refused.iter().map(|why| &why.detail)) {
        if !details.contains(detail) {
            details.push(detail.clone());
        }
    }
    Unavailable {
        id: ID.into(),
        looked_for: worst.map_or_else(String::new, |why| why.looked_for.clone()),
        reason: match worst.map_or(Reason::Absent, |why| why.reason) {
            Reason::NotPermitted => Reason::NotPermitted,
            _ if machine.is_some() => Reason::VirtualMachine,
            reason => reason,
        },
        detail: details.join("; "),
        fix: worst.and_then(|why| why.fix.clone()),
    }
}
