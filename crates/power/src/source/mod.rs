//! The sources, one file each.

use crate::error::ReadError;
use crate::info::{Boundary, Covers, MeterInfo, Provenance, Quantity};
use crate::select::{Found, MeterName, Selection};
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};

mod absent;
mod acpi_power;
mod amdgpu;
mod attribute;
mod battery;
mod card;
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
mod rapl;
mod rapl_perf;
mod rapl_powercap;
mod snmp;
mod stated;
#[cfg(test)]
mod toy;
pub(crate) mod user_watts;

/// A source of energy or power readings.
pub trait Source: Send {
    /// The coverage and the quality of the readings; constant once open.
    fn info(&self) -> &MeterInfo;

    /// Takes one reading, in the unit of [`MeterInfo::quantity`]. Energy is
    /// joules since the source was opened, already unwrapped.
    ///
    /// # Errors
    /// [`ReadError`]: the interval since the previous reading has no figure.
    fn read(&mut self) -> Result<f64, ReadError>;

    /// Longest time between readings, in seconds, that keeps the next one
    /// unambiguous; `None` if there is no such limit. The source must be read
    /// within this time even if the value is not used.
    fn max_read_interval_s(&self) -> Option<f64> {
        None
    }

    /// The time between readings that suits the source, and its blocking behaviour.
    fn pace(&self) -> Pace {
        Pace::LOCAL
    }
}

/// The time between readings that suits a source, and its blocking behaviour.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// Seconds between readings. Shorter intervals give no new information, or
    /// burden the meter.
    pub interval_s: f64,
    /// True if a reading may take long (a network, a program), so that it must not
    /// delay other sources.
    pub blocking: bool,
    /// Seconds that a reading took when the source was opened; 0 where nobody waits for it.
    pub answer_s: f64,
}

/// Factor on the measured time of an answer, for answers differ.
const ANSWERS_DIFFER: f64 = 1.2;

impl Pace {
    /// Twenty readings a second: the ends of a one-second window are then known to
    /// a counter's millisecond, 0.1 %, and the cost of reading is negligible.
    pub const LOCAL: Self = Self {
        interval_s: 0.05,
        blocking: false,
        answer_s: 0.0,
    };

    /// The pace of a source that is asked over a network or through a program.
    const fn blocking(interval_s: f64) -> Self {
        Self {
            interval_s,
            blocking: true,
            answer_s: 0.0,
        }
    }

    /// The same pace of a meter that took so long to answer, with a note where that is
    /// longer than the time between its readings.
    fn answering(self, answer_s: f64, info: &mut MeterInfo) -> Self {
        let interval_s = self.interval_s;
        if answer_s > interval_s {
            info.notes.push(format!(
                "it took {answer_s:.2} s to answer, longer than the {interval_s} s between its \
                 readings: it is read as often as it answers"
            ));
        }
        Self { answer_s, ..self }
    }

    /// Seconds from one reading to the next that are to be expected of the source.
    pub fn expected_s(&self) -> f64 {
        match self.answer_s > self.interval_s {
            true => self.answer_s * ANSWERS_DIFFER,
            false => self.interval_s,
        }
    }
}

/// The input of a probe.
pub(crate) struct Query<'a> {
    pub selection: &'a Selection,
    pub system: &'a System,
    /// The meters of this kind that the user named; empty when all kinds are searched.
    pub specs: &'a [MeterSpec],
}

/// The note of a source whose maker states no accuracy.
const NO_SCALE_ERROR: &str = "its scale error is not specified";

/// An open source, or the reason that it cannot be used.
type Opened = Result<Box<dyn Source>, Unavailable>;

/// The way to the sources of one kind.
enum Probe {
    /// Searches this machine. An error is the one report for the whole kind.
    Local(fn(&Query<'_>) -> Result<Vec<Found>, Unavailable>),
    /// Opens the meter of one specification.
    Named(fn(&MeterSpec, &System) -> Result<Vec<Found>, SpecError>),
}

/// One kind of source.
pub(crate) struct Entry {
    /// The name that `--meter` takes, and its help.
    pub name: MeterName,
    probe: Probe,
}

impl Entry {
    /// A kind that is searched for without being named.
    const fn local(
        name: &'static str,
        probe: fn(&Query<'_>) -> Result<Vec<Found>, Unavailable>,
    ) -> Self {
        Self::new(name, true, Probe::Local(probe))
    }

    /// A kind that needs an address.
    const fn by_address(
        name: &'static str,
        open: fn(&MeterSpec, &System) -> Result<Vec<Found>, SpecError>,
    ) -> Self {
        Self::new(name, false, Probe::Named(open))
    }

    /// The same kind, with a meter in this machine that is searched for by itself.
    const fn also_local(mut self) -> Self {
        self.name.automatic = true;
        self
    }

    const fn new(name: &'static str, automatic: bool, probe: Probe) -> Self {
        let name = MeterName {
            name,
            description: "",
            usage: name,
            automatic,
        };
        Self { name, probe }
    }

    /// Searches for the sources of this kind.
    pub fn look(&self, query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
        match self.probe {
            Probe::Local(probe) => {
                Ok(probe(query).unwrap_or_else(|why| vec![Found::Unavailable(why)]))
            }
            // The meter of the kind in this machine.
            Probe::Named(open) if query.specs.is_empty() => {
                open(&self.name.name.parse()?, query.system)
            }
            Probe::Named(open) => {
                let each = query.specs.iter().map(|spec| open(spec, query.system));
                let found: Vec<Vec<Found>> = each.collect::<Result<_, _>>()?;
                Ok(found.into_iter().flatten().collect())
            }
        }
    }

    /// Adds the help: a description of the selection, and its syntax.
    const fn described(mut self, description: &'static str, usage: &'static str) -> Self {
        self.name.description = description;
        self.name.usage = usage;
        self
    }
}

/// All kinds of sources, in the order of listing and preference.
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
    #[cfg(test)]
    toy::ENTRY,
    #[cfg(test)]
    toy::ENTRY,
];
