//! Factors of the terms of an uncertainty.

use perwatt_stats as stats;

/// Standard deviation of the difference of two edges in units of the period. Each edge of a
/// window lies anywhere in the meter's period: Zeus and the counters' documentation give no
/// better model.
pub const EDGES: f64 = stats::UNIFORM_DIFFERENCE_SD;
/// Coverage factor of every term.
pub const K: f64 = 2.0;
