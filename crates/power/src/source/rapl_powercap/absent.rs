//! Why there is no RAPL here, and what would change that.

use super::zone::{NoZones, POWERCAP};
use crate::environment::Environment;
use crate::source::absent::STATE_POWER;
use crate::unavailable::{Reason, Unavailable};

/// What `/proc/cpuinfo` says about the processor.
#[derive(Default, PartialEq, Eq, Debug)]
pub(super) struct Cpu {
    /// `GenuineIntel`, `AuthenticAMD`, `HygonGenuine`; empty elsewhere.
    pub vendor: String,
}

impl Cpu {
    /// Reads the first processor's entry; a missing file is a processor nothing
    /// is known of.
    pub fn read(environment: &Environment) -> Self {
        Self {
            vendor: environment.cpu_vendor(),
        }
    }

    /// Whether processors of this vendor have RAPL.
    pub fn has_rapl(&self) -> bool {
        matches!(
            self.vendor.as_str(),
            "GenuineIntel" | "AuthenticAMD" | "HygonGenuine"
        )
    }
}

/// The reason in full.
pub(super) fn explain(environment: &Environment, why: NoZones) -> Unavailable {
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
        NoZones::NotListed => not_listed(environment),
    };
    Unavailable {
        id: "rapl".into(),
        looked_for: format!("/{POWERCAP}/intel-rapl:*"),
        reason,
        detail,
        fix,
    }
}

fn not_listed(environment: &Environment) -> (Reason, String, Option<String>) {
    if environment.live && cfg!(not(target_os = "linux")) {
        return (
            Reason::UnsupportedPlatform,
            "powercap is part of Linux, and this is another operating system".into(),
            Some(STATE_POWER.into()),
        );
    }
    if let Some(machine) = environment.virtual_machine() {
        return (
            Reason::VirtualMachine,
            format!("{machine}, and its host does not pass RAPL through"),
            Some(format!("measure on the host, or {STATE_POWER}")),
        );
    }
    let cpu = Cpu::read(environment);
    if cpu.has_rapl() {
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
