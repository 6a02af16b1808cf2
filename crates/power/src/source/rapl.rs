//! Facts of RAPL counters, whatever the interface that shows them.

use super::System;

/// Longest delay of a counter, in seconds. RAPL updates every millisecond; the rest is
/// for a reader that is interrupted between its clock and its counter.
pub(super) const SLACK_S: f64 = 0.05;
/// Seconds without a step after which a counter is taken as stopped: a processor
/// always uses some energy.
pub(super) const FROZEN_S: f64 = 1.0;
/// Plausible maxima in watts where no limit is readable: above any package, socket's
/// memory, and single-board platform sold.
pub(super) const PACKAGE_MAX_W: f64 = 2000.0;
pub(super) const DRAM_MAX_W: f64 = 500.0;
pub(super) const PSYS_MAX_W: f64 = 4000.0;

/// A note on what psys covers.
pub(super) const PSYS_NOTE: &str =
    "what psys covers besides packages and memory is the board maker's choice";

/// The relative scale error of packages and memory at k=2, and a note on it.
pub(super) fn scale_error(system: &System) -> (Option<f64>, String) {
    let rel = match system.cpu_info().vendor() {
        Some("GenuineIntel") => 0.03,
        Some("AuthenticAMD" | "HygonGenuine") => 0.08,
        _ => return (None, super::NO_SCALE_ERROR.into()),
    };
    let note = format!(
        "scale error of {:.0} % (k=2) is perwatt's own allowance; the maker states none",
        rel * 100.0
    );
    (Some(rel), note)
}
