//! The nonce search as a compute shader.
//!
//! [`algorithm`] writes the double hash down as FIPS 180-4 does, with no shortcut.
//! Run on a [`graph`], it becomes a program without branches in which whatever is
//! known early is worked out early and whatever is not needed is left out; the
//! midstate, the prehashed rounds, the constant parts of both schedules, the end
//! after round 60, and the schedule that several versions of a header share all
//! follow from that. [`wgsl`] writes the program as a shader, [`search`] runs it on
//! a range of nonces, and [`driver`] on one header after another.

pub mod algorithm;
pub mod driver;
mod forms;
pub mod graph;
pub mod search;
pub mod wgsl;
