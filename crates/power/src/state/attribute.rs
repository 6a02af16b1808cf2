//! Numbers in attribute files, and what of them to believe.

use crate::system::System;
use std::path::Path;

/// Temperatures outside are sensors that are absent, asleep or broken.
const TEMPERATURES_C: std::ops::RangeInclusive<f64> = -60.0..=150.0;
/// No clock of a processor is above this; 0xFFFF MHz is "unknown".
const MAX_CLOCK_HZ: f64 = 20e9;

/// The decimal number in a file, sign allowed; `None` for anything else.
pub(super) fn number(system: &System, path: &Path) -> Option<f64> {
    let text = system.files.read(path).ok()?;
    text.trim().parse::<i64>().ok().map(|number| number as f64)
}

/// A word or line; `None` when empty or unreadable.
pub(super) fn text(system: &System, path: &Path) -> Option<String> {
    let text = system.files.read(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Millidegrees as degrees, if that can be a temperature.
pub(super) fn temperature_c(millidegrees: f64) -> Option<f64> {
    Some(millidegrees * 1e-3).filter(|c| TEMPERATURES_C.contains(c))
}

/// A clock that is one; 0 is a device asleep.
pub(super) fn clock_hz(hz: f64) -> Option<f64> {
    Some(hz).filter(|hz| (0.0..MAX_CLOCK_HZ).contains(hz))
}

/// A quantity that is never negative.
pub(super) fn not_negative(value: f64) -> Option<f64> {
    Some(value).filter(|value| *value >= 0.0)
}
