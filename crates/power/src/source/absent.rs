//! Why a kind of source that Linux lists in its files is not here at all.

use crate::pci;
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};

/// What a person can always do instead.
pub(super) const STATE_POWER: &str = "read a wall meter under load and add --watts N";

/// A kind of source, and what could bring it here.
pub(super) struct LookedFor<'a> {
    /// The name `--meter` takes.
    pub id: &'a str,
    /// Where it was looked for.
    pub looked_for: &'a str,
    /// The thing that is not here: "an AMD graphics card".
    pub what: &'a str,
    /// PCI vendor of a graphics card that would have it.
    pub pci_vendor: Option<u32>,
    /// The command that loads its driver.
    pub load: &'a str,
}

impl LookedFor<'_> {
    /// The reason in full. `detail` says what was found instead.
    pub fn absent(&self, system: &System, detail: &str) -> Unavailable {
        let (reason, detail, fix) = self.explain(system, detail);
        Unavailable {
            id: self.id.into(),
            looked_for: self.looked_for.into(),
            reason,
            detail,
            fix: Some(fix),
        }
    }

    fn explain(&self, system: &System, detail: &str) -> (Reason, String, String) {
        if system.live && cfg!(not(target_os = "linux")) {
            return (
                Reason::UnsupportedPlatform,
                format!(
                    "{} is read through files of Linux, and this is {}",
                    self.what,
                    std::env::consts::OS
                ),
                STATE_POWER.into(),
            );
        }
        let card = self
            .pci_vendor
            .and_then(|vendor| pci::displays(system, vendor).into_iter().next());
        if let Some(address) = card {
            return (
                Reason::Absent,
                format!("there is a card at {address}, but {detail}; its driver may not be loaded"),
                self.load.into(),
            );
        }
        if let Some(machine) = system.virtual_machine() {
            return (
                Reason::VirtualMachine,
                format!(
                    "{machine}, and its host passes no {} through: {detail}",
                    self.what
                ),
                format!("measure on the host, or {STATE_POWER}"),
            );
        }
        (
            Reason::Absent,
            format!("{detail}: this machine has no {}", self.what),
            match self.pci_vendor {
                // Without a card, a driver changes nothing.
                Some(_) => STATE_POWER.into(),
                None => format!(
                    "{}   (if it has one after all), or {STATE_POWER}",
                    self.load
                ),
            },
        )
    }
}
