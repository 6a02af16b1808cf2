//! The one place where a hardware counter that wraps becomes a difference.
//!
//! An energy counter of 32 bits wraps every few minutes. Between two readings
//! `previous` and `current`, one wrap is invisible and legal; two wraps, a
//! reset, and a glitch look just like it. What separates them is how much
//! energy the hardware could have used in the time between the readings.

/// What is known about a counter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CounterDiff {
    /// Largest value the counter shows, in microjoules; after it comes 0.
    pub range_uj: u64,
    /// Largest mean power the hardware can plausibly draw, in watts.
    pub max_w: f64,
    /// How late the counter may be, in seconds: two readings this much closer
    /// together than the energy between them are still believed.
    pub slack_s: f64,
}

/// Why two readings have no difference.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Debug)]
pub enum DiffError {
    /// A reading is above the counter's range.
    #[error("reading {value_uj} uJ is above the counter's range of {range_uj} uJ")]
    OutOfRange {
        /// The reading.
        value_uj: u64,
        /// The counter's range.
        range_uj: u64,
    },
    /// The counter fell, and a single wrap would need implausible power.
    #[error("counter fell from {from_uj} uJ to {to_uj} uJ")]
    WentBackwards {
        /// The earlier reading.
        from_uj: u64,
        /// The later reading.
        to_uj: u64,
    },
    /// The counter rose by more than the hardware can draw.
    #[error("difference implies {implied_w} W, above {max_w} W")]
    Implausible {
        /// Mean power implied, in watts.
        implied_w: f64,
        /// Largest power accepted, in watts.
        max_w: f64,
    },
    /// The counter may have wrapped more than once.
    #[error("{elapsed_s} s between readings may hide more than one wrap")]
    Ambiguous {
        /// Seconds between the readings.
        elapsed_s: f64,
        /// Longest unambiguous interval, in seconds.
        max_interval_s: f64,
    },
}

impl CounterDiff {
    /// Longest interval, in seconds, within which at most one wrap can happen.
    pub fn max_interval_s(&self) -> f64 {
        self.range_uj as f64 * 1e-6 / self.max_w - self.slack_s
    }

    /// Energy in microjoules between two readings `elapsed_s` apart.
    ///
    /// A wrap is taken as `range - previous + current`; the true modulus is one
    /// hardware unit more (below 62 µJ for RAPL), which the kernel's scaled
    /// values do not show.
    ///
    /// # Errors
    /// [`DiffError`] whenever the difference is not certain.
    pub fn between(
        &self,
        previous_uj: u64,
        current_uj: u64,
        elapsed_s: f64,
    ) -> Result<u64, DiffError> {
        let range_uj = self.range_uj;
        for value_uj in [previous_uj, current_uj] {
            if value_uj > range_uj {
                return Err(DiffError::OutOfRange { value_uj, range_uj });
            }
        }
        // Written so that a NaN time is ambiguous too.
        if !(elapsed_s >= 0.0 && elapsed_s <= self.max_interval_s()) {
            return Err(DiffError::Ambiguous {
                elapsed_s,
                max_interval_s: self.max_interval_s(),
            });
        }
        let allowed_uj = self.max_w * (elapsed_s + self.slack_s) * 1e6;
        let wrapped = current_uj < previous_uj;
        let delta_uj = if wrapped {
            range_uj - previous_uj + current_uj
        } else {
            current_uj - previous_uj
        };
        if delta_uj as f64 <= allowed_uj {
            return Ok(delta_uj);
        }
        Err(if wrapped {
            DiffError::WentBackwards {
                from_uj: previous_uj,
                to_uj: current_uj,
            }
        } else {
            DiffError::Implausible {
                implied_w: delta_uj as f64 * 1e-6 / (elapsed_s + self.slack_s),
                max_w: self.max_w,
            }
        })
    }
}
