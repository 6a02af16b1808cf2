//! Numbers in attribute files, with limits of plausible values.

use crate::system::System;
use std::path::Path;

/// Plausible temperatures. A value outside comes from a sensor that is absent,
/// asleep or broken.
const TEMPERATURES_C: std::ops::RangeInclusive<f64> = -60.0..=150.0;
/// Largest plausible clock, above that of any processor; 0xFFFF MHz means "unknown".
const MAX_CLOCK_HZ: f64 = 20e9;

/// The decimal number in a file, with an optional sign; `None` for anything else.
pub(super) fn number(system: &System, path: &Path) -> Option<f64> {
    let text = system.files.read(path).ok()?;
    text.trim().parse::<i64>().ok().map(|number| number as f64)
}

/// The text of a file; `None` if it is empty or unreadable.
pub(super) fn text(system: &System, path: &Path) -> Option<String> {
    let text = system.files.read(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Converts millidegrees to degrees; `None` outside the plausible range.
pub(super) fn temperature_c(millidegrees: f64) -> Option<f64> {
    Some(millidegrees * 1e-3).filter(|c| TEMPERATURES_C.contains(c))
}

/// Returns a plausible clock; `None` for 0, which means a device asleep.
pub(super) fn clock_hz(hz: f64) -> Option<f64> {
    Some(hz).filter(|hz| (0.0..MAX_CLOCK_HZ).contains(hz))
}

/// Returns a value that is not negative; otherwise `None`.
pub(super) fn not_negative(value: f64) -> Option<f64> {
    Some(value).filter(|value| *value >= 0.0)
}
