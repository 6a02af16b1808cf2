//! The meter that a specification describes, for kinds that are asked by an address.

use super::{Boundary, Covers, MeterInfo, Pace, Quantity};
use crate::spec::{MeterSpec, SpecError};
use std::time::Duration;

/// The note of a meter whose accuracy is not stated.
pub(super) const NO_ACCURACY: &str = "its accuracy is not stated; give it with accuracy=N%";

/// The options that these kinds have in common.
pub(super) struct Stated {
    pub id: String,
    pub accuracy_rel: Option<f64>,
    averaging_s: Option<f64>,
    look_back_s: Option<f64>,
    pub pace: Pace,
    /// Time limit of one request.
    pub timeout: Duration,
    boundary: Boundary,
    covers: Covers,
}

impl Stated {
    /// Reads the options; the other arguments serve where one is not given.
    pub fn of(
        spec: &MeterSpec,
        boundary: Boundary,
        interval_s: f64,
        timeout_s: f64,
    ) -> Result<Self, SpecError> {
        let boundary = spec.boundary(boundary)?;
        let (averaging_s, look_back_s) = spec.look_back_s()?;
        Ok(Self {
            id: spec.id(),
            accuracy_rel: spec.accuracy_rel()?,
            averaging_s,
            look_back_s,
            pace: Pace::blocking(spec.interval_s(interval_s)?),
            timeout: Duration::from_secs_f64(spec.number("timeout", timeout_s, 0.1..=120.0)?),
            boundary,
            covers: spec.covers(boundary)?,
        })
    }

    /// The description of the meter's reading of `domain`.
    pub fn info(&self, description: String, domain: &str, quantity: Quantity) -> MeterInfo {
        let covers = self.covers.clone();
        MeterInfo {
            domains: vec![domain.to_owned()],
            gain_uncertainty_rel: self.accuracy_rel,
            averaging_s: self.averaging_s,
            look_back_s: self.look_back_s,
            ..MeterInfo::new(&self.id, description, covers, self.boundary, quantity)
        }
    }
}
