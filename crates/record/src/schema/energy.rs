//! Quality of energy figures: uncertainty, the idle baseline, and meters that
//! contradict each other.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EnergySeries;

/// A source of error of a joule figure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// The readings at the edges of the window are up to one update late. Of sampled power
    /// whose `look_back_s` is known: how much its readings vary.
    Edges,
    /// The work at the edges is interpolated between reports.
    Work,
    /// The work is counted by chance events: shares of a miner.
    Counting,
    /// The reading has a smallest step.
    Quantum,
    /// The meter's scale error, the same in every run.
    Gain,
    /// Runs differ.
    Repeat,
}

/// Uncertainty of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Uncertainty {
    /// Relative, at coverage factor 2 (about 95 %): the root of the sum of the
    /// squares of the terms. Too small by whatever is in `unknown`.
    pub relative: f64,
    /// The largest term; absent when all are 0.
    pub dominant: Option<Term>,
    /// Each term, relative, at coverage factor 2.
    pub terms: BTreeMap<Term, f64>,
    /// Terms that exist and whose size is not stated.
    pub unknown: Vec<Term>,
}

/// A stretch in which the session deliberately did nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// Index into `session.segments`: whose clock origin the times count from.
    pub segment: u32,
    /// Runs that had been done by then.
    pub after_runs: u32,
    /// Its start.
    pub started_ns: u64,
    /// Its end.
    pub ended_ns: u64,
    /// Readings of each meter.
    pub energy: Vec<EnergySeries>,
}

/// A meter whose readings come from its own log and were added after the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// Index into `meters`.
    pub meter: u32,
    /// Name of the log's file, without its directory.
    pub source: String,
    /// Seconds that were added to the log's times.
    pub offset_s: f64,
    /// Readings in the whole log.
    pub readings: u64,
}

/// Derived power of the idle machine by one meter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdlePower {
    /// Watts, mean of the stretches.
    pub power_w: f64,
    /// Relative, at coverage factor 2: half the difference between stretches, and
    /// their edges. The meter's scale error is left out: it is that of the gross
    /// figure too.
    pub relative_uncertainty: f64,
    /// Stretches that it rests on: two where it was measured before and after.
    pub stretches: u32,
}

/// Two meters that cannot both be right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Disagreement {
    /// Index into `meters`: the one with the inner boundary, or one of two with
    /// the same.
    pub inner: u32,
    /// Index into `meters`: the other.
    pub outer: u32,
    /// Power of the inner over power of the outer.
    pub ratio: f64,
    /// By how much the ratio may differ from 1 (or exceed it, where one boundary
    /// lies within the other), given the uncertainties of both.
    pub allowed: f64,
}
