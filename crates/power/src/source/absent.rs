//! The reason that a kind of source which Linux lists in its files is absent.

use super::attribute::refusal;
use super::{ReadError, Reason, System, Unavailable};
use crate::pci;

/// The fix that works on every machine: a constant power stated by the user.
pub(super) const STATE_POWER: &str = "read a wall meter under load and add --watts N";

/// A kind of source that was not found, and the ways to make it available.
pub(super) struct LookedFor<'a> {
    /// The name that `--meter` takes.
    pub id: &'a str,
    /// The place that was searched, for messages.
    pub looked_for: &'a str,
    /// The missing device, in words: "an AMD graphics card".
    pub what: &'a str,
    /// PCI vendor of the graphics cards that have such a source; `None` for other devices.
    pub pci_vendor: Option<u32>,
    /// The command that loads its driver.
    pub load: &'a str,
}

impl LookedFor<'_> {
    /// The items that the system lists of this kind; an error if there are none, with `detail`
    /// as the finding, or if the list cannot be read.
    pub fn found<T>(
        &self,
        system: &System,
        listed: Result<Vec<T>, ReadError>,
        detail: &str,
    ) -> Result<Vec<T>, Unavailable> {
        match listed {
            Ok(found) if found.is_empty() => Err(self.absent(system, detail)),
            Ok(found) => Ok(found),
            Err(error) => Err(refusal(self.id, self.looked_for, &error)),
        }
    }

    /// The full report. `detail` states the finding that made the source absent.
    pub fn absent(&self, system: &System, detail: &str) -> Unavailable {
        let (reason, detail, fix) = self.explain(system, detail);
        Unavailable::new(self.id, self.looked_for, reason, detail).with_fix(fix)
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
                // Without a card, loading a driver changes nothing.
                Some(_) => STATE_POWER.into(),
                None => format!(
                    "{}   (if it has one after all), or {STATE_POWER}",
                    self.load
                ),
            },
        )
    }
}
