//! Notes on meters for the user, before anything is measured.

use std::fmt;

use perwatt_record::suite::LONGEST_WINDOW_S;

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
        /// True if a trial round showed it.
        trial: bool,
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
    /// Whether windows keep the error that was asked for is seen in a trial round.
    Trial {
        /// The meter.
        meter: String,
        /// The error that was asked for, relative.
        asked: f64,
    },
    /// The error that was asked for is kept only while readings scatter little.
    Scatter {
        /// The meter.
        meter: String,
        /// The error that was asked for, relative.
        asked: f64,
        /// The largest scatter, as a coefficient of variation.
        most: f64,
    },
    /// Whether the error that was asked for is kept cannot be told.
    NoPromise {
        /// The meter.
        meter: String,
        /// The error that was asked for, relative.
        asked: f64,
        /// The reason.
        why: String,
    },
    /// It covers no device of the plan.
    Elsewhere {
        /// The meter.
        meter: String,
    },
    /// Nobody knows how often its counter moves.
    Unknown {
        /// The meter.
        meter: String,
    },
}

impl MeterNote {
    /// The meter whose record keeps the note: one on the error that was asked for.
    pub fn kept_by(&self) -> Option<&str> {
        match self {
            Self::Error { meter, .. }
            | Self::Scatter { meter, .. }
            | Self::NoPromise { meter, .. }
            | Self::Longer {
                meter, trial: true, ..
            } => Some(meter),
            Self::Longer { .. }
            | Self::TooShort { .. }
            | Self::ShortIdle { .. }
            | Self::Trial { .. }
            | Self::Elsewhere { .. }
            | Self::Unknown { .. } => None,
        }
    }
}

/// A relative error as `--energy-error` takes it.
fn percent(error_rel: f64) -> f64 {
    (error_rel * 1e8).round() / 1e6
}

impl fmt::Display for MeterNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longer {
                meter,
                from_s,
                to_s,
                trial,
            } => write!(
                f,
                "windows last {to_s} s instead of {from_s} s, for {meter}{} (--seconds to choose)",
                match trial {
                    true => ", as a trial round showed",
                    false => "",
                }
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
                "--energy-error {} cannot be promised for {meter}: expect up to {:.2} %, {}",
                percent(*asked),
                100.0 * expected,
                match *needed_s <= LONGEST_WINDOW_S {
                    true => format!("or give --seconds {needed_s}"),
                    false => format!("for no window of up to {LONGEST_WINDOW_S} s would do"),
                }
            ),
            Self::Trial { meter, asked } => write!(
                f,
                "a trial round shows {meter} under load before the session; windows may get longer for --energy-error {}",
                percent(*asked)
            ),
            Self::Scatter { meter, asked, most } => write!(
                f,
                "--energy-error {} is kept for {meter} only while its readings scatter by less than {:.1} %; without --seconds a trial round shows it",
                percent(*asked),
                100.0 * most
            ),
            Self::NoPromise { meter, asked, why } => write!(
                f,
                "--energy-error {} cannot be promised for {meter}: {why}",
                percent(*asked)
            ),
            Self::Elsewhere { meter } => write!(
                f,
                "{meter} covers no device of this plan, so there will be no joules by it"
            ),
            Self::Unknown { meter } => write!(
                f,
                "how often {meter} moves is not known; it gives joules only where a window holds several steps of it (--seconds)"
            ),
        }
    }
}
