//! Detection of two zone names that read the same counter.
//!
//! On AMD Zen 1 and Zen 2 with several dies per socket, the kernel shows
//! `package-0-die-0` and `package-0-die-1`, and both read the one counter of the
//! socket; adding them doubles the energy. Intel's multi-die packages look the same
//! but have a counter per die. Only the values distinguish the two cases.

use super::zone::{Zone, read_energy};
use crate::system::System;

/// Largest relative difference of two readings of one counter, at any position of
/// the reads within its updates.
const SAME_REL: f64 = 1e-6;

/// The socket of a die's zone: `package-0` of `package-0-die-1`.
pub(super) fn socket(name: &str) -> Option<&str> {
    name.split_once("-die-").map(|(socket, _)| socket)
}

/// Returns true if `b`, read between two reads of `a`, lies between their values.
pub(super) fn reads_the_same(system: &System, a: &Zone, b: &Zone) -> bool {
    let value = |zone: &Zone| read_energy(system, &zone.energy_path).ok();
    let (Some(before), Some(middle), Some(after)) = (value(a), value(b), value(a)) else {
        return false;
    };
    // Two counters that are both at 0 prove nothing.
    if before == 0 || middle == 0 {
        return false;
    }
    let margin = (before as f64 * SAME_REL) as u64;
    before <= after && middle + margin >= before && middle <= after.saturating_add(margin)
}
