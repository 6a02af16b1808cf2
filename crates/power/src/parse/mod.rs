//! Pure parsers of what meters say: text in, a figure or a typed error out.
//!
//! Nothing here opens a file or a connection, so that any text, however broken,
//! can be tried on them. None panics.

pub mod csv_log;
pub mod ipmi;
pub mod json;
pub mod nut;
pub mod prometheus;
pub mod redfish;
pub mod shelly;
pub mod snmp;
pub mod tasmota;
pub mod unit;
pub mod unit_name;

pub use unit::Unit;

use crate::info::Quantity;

/// What one reply of a meter says. A figure that the meter does not give is
/// `None`, never 0.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Reading {
    /// Power now, in watts.
    pub power_w: Option<f64>,
    /// The meter's energy counter, in joules since a moment of its own.
    pub energy_j: Option<f64>,
    /// The smallest step of the counter, in joules, as far as the reply or the
    /// maker's documentation tells.
    pub energy_quantum_j: Option<f64>,
    /// The smallest step of the power, in watts, likewise.
    pub power_quantum_w: Option<f64>,
    /// Whether the device measures nothing and tells what its owner typed in.
    pub typed: bool,
}

impl Reading {
    /// One figure, in watts or joules, and its smallest step.
    pub(crate) fn of(quantity: Quantity, value: f64, quantum: f64) -> Self {
        match quantity {
            Quantity::PowerW => Self {
                power_w: Some(value),
                power_quantum_w: Some(quantum),
                ..Self::default()
            },
            Quantity::EnergyJ => Self {
                energy_j: Some(value),
                energy_quantum_j: Some(quantum),
                ..Self::default()
            },
        }
    }
}

/// Why a reply is not a reading.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub enum ReplyError {
    /// The text is not JSON, or ends early.
    #[error("the reply is not JSON (line {line}, column {column}); is this the right address?")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// Nothing is where the figure should be.
    #[error("the reply has nothing at {at}{hint}")]
    Missing {
        /// Where it was looked for.
        at: String,
        /// What else is there, or what to try; empty or a phrase that begins with
        /// punctuation.
        hint: String,
    },
    /// What is there is no finite number.
    #[error("{at} is {text}, which is not a number")]
    NotANumber {
        /// Where it stands.
        at: String,
        /// What stands there, cut to 64 characters.
        text: String,
    },
    /// A negative power or counter.
    #[error(
        "{at} is {}, and a machine draws no negative power; is a clamp the wrong way round?",
        crate::bounds::figure(*value)
    )]
    Negative {
        /// Where it stands.
        at: String,
        /// The value, in the reply's unit.
        value: f64,
    },
    /// The reply states another unit than the one that was asked for.
    #[error("{at} is in {found:?}, not in {wanted}")]
    WrongUnit {
        /// Where it stands.
        at: String,
        /// The unit found.
        found: String,
        /// The unit expected.
        wanted: Unit,
    },
    /// A key stands twice in one object, and which of the values counts is not said.
    #[error("the reply has {key} twice in one object, so that its value is not clear")]
    Repeated {
        /// The key, cut to 64 characters.
        key: String,
    },
    /// A figure of another time than now.
    #[error(
        "{at} is of another time (timestamp {}), more than {limit_s} s from now; is \
         what the exporter reads stuck, or a clock wrong?",
        crate::bounds::figure(*timestamp)
    )]
    Stale {
        /// Where it stands.
        at: String,
        /// As it is given.
        timestamp: f64,
        /// How far from now it may be.
        limit_s: f64,
    },
    /// The meter itself says that its figure is not to be used.
    #[error("the meter says that {at} is not valid: {why}")]
    Invalid {
        /// Which figure.
        at: String,
        /// In the meter's words, cut to 64 characters.
        why: String,
    },
    /// Several things answer to what was asked for.
    #[error("{wanted} is one of several: {candidates}{hint}")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// What there is, comma-separated.
        candidates: String,
        /// How to say which; begins with punctuation.
        hint: String,
    },
    /// A line that the format does not allow.
    #[error("line {line} is not of the exposition format: {why}")]
    BadLine {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The reply ends within a line.
    #[error("the reply ends within a line; part of it was lost")]
    Truncated,
}

/// A text cut to a length fit for a message, without what would move a terminal's
/// cursor.
pub(crate) fn cut(text: &str) -> String {
    let shown = text.chars().take(64);
    let mut shown: String = shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(64).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Up to eight names, and how many more there are.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let mut text = names.iter().take(8).map(|n| cut(n)).collect::<Vec<_>>();
    if names.len() > 8 {
        text.push(format!("{} more", names.len() - 8));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_short_and_plain() {
        assert_eq!(cut("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(cut(&"é".repeat(65)), format!("{}...", "é".repeat(64)));
        assert_eq!(list((0..10).map(|_| "x")), "x, x, x, x, x, x, x, x, 2 more");
    }
}
