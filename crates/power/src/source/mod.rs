//! The sources, one file each.

use crate::environment::Environment;
use crate::error::ReadError;
use crate::info::MeterInfo;
use crate::select::{Found, MeterName, Selection};

mod rapl_powercap;
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
}

/// One kind of source.
pub(crate) struct Entry {
    /// The name `--meter` takes, and its help.
    pub name: MeterName,
    /// Looks for it.
    pub probe: fn(&Selection, &Environment) -> Vec<Found>,
}

/// Every kind of source, in the order they are listed and preferred.
pub(crate) const REGISTRY: &[Entry] = &[rapl_powercap::ENTRY, user_watts::ENTRY];
