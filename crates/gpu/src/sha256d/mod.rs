//! The nonce search as a compute shader.
//!
//! [`algorithm`] contains the double hash as in FIPS 180-4, without shortcuts. Run on a
//! [`graph`], it becomes a program without branches in which every value is computed as
//! early as possible and unneeded values are removed. The midstate, the prehashed rounds,
//! the constant parts of both schedules, the end after round 60, and the schedule that
//! several versions of a header share all follow from that. [`wgsl`] generates a shader
//! from the program, [`search`] runs it on a range of nonces, and [`driver`] on one header
//! after another.

pub mod algorithm;
pub mod driver;
mod forms;
pub mod graph;
pub mod search;
pub mod wgsl;
