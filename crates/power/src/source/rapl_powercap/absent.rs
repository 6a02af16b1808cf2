//! The reasons that RAPL is unavailable, and the fixes.

use super::zone::{NoZones, POWERCAP};
use crate::source::absent::STATE_POWER;
use crate::source::{Reason, System, Unavailable};

/// The full report for a machine without zones.
pub(super) fn explain(system: &System, why: NoZones) -> Unavailable {
    let (reason, detail, fix) = match why {
        NoZones::NotPermitted => (
            Reason::NotPermitted,
            format!("/{POWERCAP} may not be listed"),
            Some("run with the right to list it, or as root".to_owned()),
        ),
        NoZones::Io(e) => (
            Reason::Malformed,
            format!("/{POWERCAP} cannot be listed: {e}"),
            None,
        ),
        NoZones::Masked(ids) => (
            Reason::Absent,
            format!(
                "{} are listed but their files are not there, as in a container that hides them",
                ids.join(", ")
            ),
            Some(
                "start the container with -v \
                 /sys/devices/virtual/powercap:/sys/devices/virtual/powercap:ro"
                    .to_owned(),
            ),
        ),
        NoZones::NotListed => not_listed(system),
    };
    let looked_for = format!("/{POWERCAP}/intel-rapl:*");
    Unavailable::new("rapl", looked_for, reason, detail).with_any_fix(fix)
}

fn not_listed(system: &System) -> (Reason, String, Option<String>) {
    if system.live && cfg!(not(target_os = "linux")) {
        return (
            Reason::UnsupportedPlatform,
            "powercap is part of Linux, and this is another operating system".into(),
            Some(STATE_POWER.into()),
        );
    }
    if let Some(machine) = system.virtual_machine() {
        return (
            Reason::VirtualMachine,
            format!("{machine}, and its host does not pass RAPL through"),
            Some(format!("measure on the host, or {STATE_POWER}")),
        );
    }
    let has_rapl = ["GenuineIntel", "AuthenticAMD", "HygonGenuine"];
    if has_rapl.contains(&system.cpu_info().vendor().unwrap_or_default()) {
        return (
            Reason::Absent,
            "the kernel lists no RAPL zones; its driver may not be loaded".into(),
            Some("sudo modprobe intel_rapl_msr".into()),
        );
    }
    (
        Reason::Absent,
        "this processor has no RAPL that Linux knows of".into(),
        Some(STATE_POWER.into()),
    )
}
