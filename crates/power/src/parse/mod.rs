//! What meters answer, as pure functions from bytes to values.
//!
//! They are public so that they can be fuzzed (`fuzz/`); nothing in them does
//! input or output.

pub mod ipmi;
pub mod nut;
pub mod snmp;
