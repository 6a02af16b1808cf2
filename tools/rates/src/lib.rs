//! Simulation of sessions of known figures, and the verdicts on them.
//!
//! Each trial draws the runs of every session, compares the two sides as `perwatt compare`
//! does, and counts the verdict and whether the interval holds the true ratio.

#![forbid(unsafe_code)]

pub mod histories;
pub mod law;
pub mod pairs;
pub mod rates;
pub mod scenario;
