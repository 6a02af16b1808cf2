//! The sources, one file each.

use crate::error::ReadError;
use crate::info::MeterInfo;
use crate::select::{Found, MeterName, Selection};
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;

mod absent;
mod acpi_power;
mod amdgpu;
mod attribute;
mod battery;
mod endpoint;
pub(crate) mod hwmon;
mod ina3221;
mod intel_gpu;
mod ipmi;
mod meter;
mod net;
mod nut;
pub(crate) mod nvml;
mod plausible;
mod rapl_perf;
mod rapl_powercap;
mod snmp;
pub(crate) mod user_watts;

/// Something that tells energy or power.
pub trait Source: Send {
    /// What the readings cover and how good they are; constant once open.
    fn info(&self) -> &MeterInfo;

    /// Takes one reading, in the unit of [`MeterInfo::quantity`]. Energy is
    /// joules since the source was opened, already unwrapped.
    ///
    /// # Errors
    /// [`ReadError`]: the interval since the previous reading has no figure.
    fn read(&mut self) -> Result<f64, ReadError>;

    /// Longest time between readings, in seconds, that keeps the next one
    /// unambiguous; `None` when there is no such limit. Read it this often even
    /// when nobody wants the value.
    fn max_read_interval_s(&self) -> Option<f64>;

    /// How it wants to be read.
    fn pace(&self) -> Pace {
        Pace::LOCAL
    }
}

/// How a source wants to be read.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// Seconds between readings; more often tells nothing new, or burdens the
    /// meter.
    pub interval_s: f64,
    /// Whether a reading may take long (a network, a program), so that it must not
    /// hold up the others.
    pub blocking: bool,
}

impl Pace {
    /// Twenty readings a second: a millisecond counter is cut within 0.1 % of a
    /// one-second window, and reading it costs nothing that shows.
    pub const LOCAL: Self = Self {
        interval_s: 0.05,
        blocking: false,
    };
}

/// What a probe has to go by.
pub(crate) struct Query<'a> {
    pub selection: &'a Selection,
    pub system: &'a System,
    /// What the user named of this kind; empty when everything is looked for.
    pub specs: &'a [MeterSpec],
}

/// One kind of source.
pub(crate) struct Entry {
    /// The name `--meter` takes, and its help.
    pub name: MeterName,
    /// Looks for it.
    pub probe: fn(&Query<'_>) -> Result<Vec<Found>, SpecError>,
}

impl Entry {
    /// A kind that is looked for without being named.
    const fn automatic(
        name: &'static str,
        probe: fn(&Query<'_>) -> Result<Vec<Found>, SpecError>,
    ) -> Self {
        let name = MeterName {
            name,
            description: "",
            usage: name,
            automatic: true,
        };
        Self { name, probe }
    }

    /// A kind that needs an address.
    const fn by_address(
        name: &'static str,
        probe: fn(&Query<'_>) -> Result<Vec<Found>, SpecError>,
    ) -> Self {
        let mut entry = Self::automatic(name, probe);
        entry.name.automatic = false;
        entry
    }

    /// With what it selects, and how it is written.
    const fn described(mut self, description: &'static str, usage: &'static str) -> Self {
        self.name.description = description;
        self.name.usage = usage;
        self
    }
}

/// Every kind of source, in the order they are listed and preferred.
pub(crate) const REGISTRY: &[Entry] = &[
    rapl_powercap::ENTRY,
    rapl_perf::ENTRY,
    nvml::ENTRY,
    amdgpu::ENTRY,
    intel_gpu::ENTRY,
    battery::ENTRY,
    acpi_power::ENTRY,
    ina3221::ENTRY,
    net::shelly::ENTRY,
    net::shelly::GEN1_ENTRY,
    net::tasmota::ENTRY,
    net::redfish::ENTRY,
    net::prometheus::ENTRY,
    net::json::ENTRY,
    ipmi::ENTRY,
    nut::ENTRY,
    snmp::ENTRY,
    user_watts::ENTRY,
];
