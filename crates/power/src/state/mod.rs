//! The state of the machine while it is measured: temperatures, clocks, limits,
//! throttling, supply.
//!
//! The state is not energy, but it explains energy: a figure from a card at its
//! thermal limit is correct but not comparable with one from a cold card.

mod attribute;
mod cpu;
mod files;
mod gpu;
pub mod limits;
mod summary;
mod supply;

pub use summary::{ChannelFigures, Finding, findings, summarise};

use crate::info::Covers;
use crate::system::System;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Quantity and unit of a channel.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Gauge {
    /// Degrees Celsius.
    TemperatureC,
    /// A clock in hertz: the mean over what shares the channel.
    ClockHz,
    /// The power limit in force, in watts.
    PowerLimitW,
    /// Seconds so far in which the device ran slower than it was asked to because
    /// of heat or power; rising.
    ThrottledS,
    /// Number of events so far; rising.
    ThrottleEvents,
    /// Memory in use on the device, in bytes.
    MemoryUsedBytes,
    /// Revolutions a minute.
    FanRpm,
    /// 1 while the machine runs from a battery, 0 while it does not.
    OnBattery,
}

impl Gauge {
    /// Returns true if only the difference of two readings is meaningful.
    pub fn is_cumulative(self) -> bool {
        matches!(self, Self::ThrottledS | Self::ThrottleEvents)
    }
}

/// One thing that is watched.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Stable identifier: `cpu/package-temp`, `nvml:0/sm-clock`.
    pub id: String,
    /// One line for people.
    pub description: String,
    /// The device.
    pub covers: Covers,
    /// The quantity.
    pub gauge: Gauge,
}

/// A source of the state of one device.
pub trait Probe: Send {
    /// The channels that it reads; constant once open.
    fn channels(&self) -> &[Channel];

    /// One value for each channel, in the same order; `None` if it cannot be read now.
    fn read(&mut self) -> Vec<Option<f64>>;

    /// Settings by name, which are configured rather than measured: `cpu/governor`.
    fn settings(&mut self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// All probes that find at least one channel on this machine.
pub fn probes(system: &System) -> Vec<Box<dyn Probe>> {
    let mut probes = Vec::new();
    probes.extend(cpu::open(system));
    probes.extend(gpu::open(system));
    probes.extend(crate::source::nvml::state::probes(system));
    probes.extend(supply::open(system));
    probes
}
