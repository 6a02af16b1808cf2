//! The number formats of products.

use std::ffi::OsStr;
use std::{env, fmt};

use super::Vendor;
use crate::search::Unavailable;

/// The environment variable that switches tf32 in all of NVIDIA's libraries, whatever a
/// program asks for.
const TF32_OVERRIDE: &str = "NVIDIA_TF32_OVERRIDE";

/// The number format of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// bf16 with sums and results in f32.
    Bf16,
    /// f16 with sums and results in f32.
    F16,
    /// f32, of which the card uses the 11 bits of tf32; sums and results in f32.
    Tf32,
    /// 8-bit integers with sums and results in 32 bits.
    I8,
    /// 8-bit floats (e4m3) with results in f32.
    Fp8 {
        /// True for the short sums of some cards, false for sums in f32.
        fast: bool,
    },
}

impl Format {
    /// Bytes of an element of A or B.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::Tf32 => 4,
            Self::I8 | Self::Fp8 { .. } => 1,
        }
    }

    /// The reason that a setting keeps a vendor's libraries from computing in this format.
    #[must_use]
    pub fn switched_off(self, vendor: Vendor) -> Option<Unavailable> {
        let asked = (self, vendor) == (Self::Tf32, Vendor::Nvidia);
        let value = env::var_os(TF32_OVERRIDE).filter(|value| asked && is_off(value))?;
        Some(Unavailable {
            reason: format!(
                "{TF32_OVERRIDE} is set to '{}', with which NVIDIA's libraries compute f32 instead of tf32",
                value.display()
            ),
            fix: format!("unset {TF32_OVERRIDE}"),
        })
    }

    /// The number that every dimension must be a multiple of.
    #[must_use]
    pub fn granule(self) -> usize {
        match self {
            Self::Fp8 { .. } => 16,
            Self::I8 => 4,
            Self::Bf16 | Self::F16 | Self::Tf32 => 1,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
            Self::Tf32 => "tf32",
            Self::I8 => "i8",
            Self::Fp8 { .. } => "fp8",
        })
    }
}

/// True for a value other than a number that is not zero: libraries may read what is no
/// number as zero.
fn is_off(value: &OsStr) -> bool {
    let number = value.to_str().and_then(|text| text.trim().parse().ok());
    !value.is_empty() && number.is_none_or(|number: i64| number == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tf32_is_off_unless_a_number_says_on() {
        for (value, off) in [
            ("0", true),
            (" 0", true),
            ("off", true),
            ("1", false),
            ("", false),
        ] {
            assert_eq!(is_off(OsStr::new(value)), off, "{value:?}");
        }
    }
}
