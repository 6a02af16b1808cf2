//! The number formats of products.

use std::fmt;

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
