//! The tolerance of the check of a matrix product.

use perwatt_matmul::Rounding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rounding that the check of a product allowed its sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tolerance {
    /// `nearest`: each sum to the nearest number; `truncating`: each sum of some products
    /// toward zero, as matrix units do; `short-sums`: 8-bit floats in sums of 14 bits.
    pub model: String,
    /// Unit roundoff of the sums.
    pub unit_roundoff: f64,
}

impl From<Rounding> for Tolerance {
    fn from(rounding: Rounding) -> Self {
        Self {
            model: rounding.name().into(),
            unit_roundoff: rounding.roundoff(),
        }
    }
}

impl Tolerance {
    /// The rounding; `None` for a model of a later version.
    pub fn rounding(&self) -> Option<Rounding> {
        Rounding::find(&self.model, self.unit_roundoff)
    }
}
