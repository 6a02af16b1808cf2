//! Notes on meters for the user, before anything is measured.

use std::fmt;

/// Something to know of a meter before anything is measured.
#[derive(Debug, Clone, PartialEq)]
pub enum MeterNote {
    /// Windows were lengthened for it.
    Longer {
        /// The meter.
        meter: String,
        /// The length that was planned, in seconds.
        from_s: f64,
        /// The length that it needs, in seconds.
        to_s: f64,
    },
    /// Windows are too short for it, and it will give no joules.
    TooShort {
        /// The meter.
        meter: String,
        /// The length of the windows, in seconds.
        window_s: f64,
        /// The length that it needs, in seconds.
        needed_s: f64,
    },
    /// The idle stretches are too short for it, and it will give no idle power.
    ShortIdle {
        /// The meter.
        meter: String,
        /// Their length, in seconds.
        idle_s: f64,
        /// The length that it needs, in seconds.
        needed_s: f64,
    },
    /// The error that was asked for cannot be kept.
    Error {
        /// The meter.
        meter: String,
        /// The error that was asked for, relative.
        asked: f64,
        /// The error to expect, relative.
        expected: f64,
        /// The length that a window would need, in seconds.
        needed_s: f64,
    },
    /// Nobody knows how often its counter moves.
    Unknown {
        /// The meter.
        meter: String,
    },
}

impl fmt::Display for MeterNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longer {
                meter,
                from_s,
                to_s,
            } => write!(
                f,
                "windows last {to_s} s instead of {from_s} s, for {meter} (--seconds to choose)"
            ),
            Self::TooShort {
                meter,
                window_s,
                needed_s,
            } => write!(
                f,
                "windows of {window_s} s are too short for {meter} to give joules; it needs --seconds {needed_s}"
            ),
            Self::ShortIdle {
                meter,
                idle_s,
                needed_s,
            } => write!(
                f,
                "idle stretches of {idle_s} s are too short for {meter} to give idle power; it needs --idle {needed_s}"
            ),
            Self::Error {
                meter,
                asked,
                expected,
                needed_s,
            } => write!(
                f,
                "--energy-error {} cannot be promised for {meter}: expect up to {:.2} %, or give --seconds {needed_s}",
                100.0 * asked,
                100.0 * expected
            ),
            Self::Unknown { meter } => write!(
                f,
                "how often {meter} moves is not known; it gives joules only where a window holds several steps of it (--seconds)"
            ),
        }
    }
}
