//! Pure parsers of meter replies: text in, a figure or a typed error out.
//!
//! Nothing here opens a file or a connection, so that any text, even broken text, can
//! be used in tests. No parser panics.

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

/// The figures in one reply of a meter. A figure that the meter does not give is
/// `None`, never 0.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Reading {
    /// Current power, in watts.
    pub power_w: Option<f64>,
    /// The meter's energy counter, in joules since a time that the meter chooses.
    pub energy_j: Option<f64>,
    /// The smallest step of the counter, in joules, as far as the reply or the maker's
    /// documentation states it.
    pub energy_quantum_j: Option<f64>,
    /// The smallest step of the power, in watts, as far as it is stated.
    pub power_quantum_w: Option<f64>,
    /// True if the device measures nothing and reports a value that its owner entered.
    pub typed: bool,
}

impl Reading {
    /// A reading with one figure, in watts or joules, and its smallest step.
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

/// The reason that a reply is not a reading.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReplyError {
    #[error("the reply is not JSON (line {line}, column {column}); is this the right address?")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    #[error("the reply has nothing at {at}{hint}")]
    Missing {
        at: String,
        /// The names that exist there, or a remedy; empty, or a phrase that begins with
        /// punctuation.
        hint: String,
    },
    #[error("{at} is {text}, which is not a number")]
    NotANumber {
        at: String,
        /// The value, cut to 64 characters.
        text: String,
    },
    #[error(
        "{at} is {}, and a machine draws no negative power; is a clamp the wrong way round?",
        crate::bounds::figure(*value)
    )]
    Negative { at: String, value: f64 },
    #[error("{at} is in {found:?}, not in {wanted}")]
    WrongUnit {
        at: String,
        found: String,
        wanted: Unit,
    },
    #[error("the reply has {key} twice in one object, so that its value is not clear")]
    Repeated {
        /// The key, cut to 64 characters.
        key: String,
    },
    #[error(
        "{at} is of another time (timestamp {}), more than {limit_s} s from now; is \
         what the exporter reads stuck, or a clock wrong?",
        crate::bounds::figure(*timestamp)
    )]
    Stale {
        at: String,
        /// The timestamp as given: seconds or milliseconds since 1970.
        timestamp: f64,
        limit_s: f64,
    },
    #[error("the meter says that {at} is not valid: {why}")]
    Invalid {
        at: String,
        /// The meter's own words, cut to 64 characters.
        why: String,
    },
    #[error("{wanted} is one of several: {candidates}{hint}")]
    Ambiguous {
        wanted: String,
        /// The candidates, comma-separated.
        candidates: String,
        /// The option that selects one of them; begins with punctuation.
        hint: String,
    },
    #[error("line {line} is not of the exposition format: {why}")]
    BadLine {
        /// The number of the line, from 1.
        line: usize,
        why: String,
    },
    #[error("the reply ends within a line; part of it was lost")]
    Truncated,
}

/// A text cut to 64 characters for a message, with control characters replaced, which
/// could move a terminal's cursor.
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

/// Up to eight names, and the number of further ones.
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
