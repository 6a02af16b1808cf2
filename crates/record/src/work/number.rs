//! Formats of numbers.

use super::terms::named_enum;

named_enum! {
    /// The format of an element of a matrix or an array.
    NumberFormat {
        /// 64-bit float.
        F64 = "f64",
        /// 32-bit float.
        F32 = "f32",
        /// 32-bit integer.
        I32 = "i32",
        /// 16-bit float.
        F16 = "f16",
        /// 16-bit float with 8 bits of exponent and 8 of significand.
        Bf16 = "bf16",
        /// 32-bit float of whose significand 11 bits count.
        Tf32 = "tf32",
        /// 8-bit float with 4 bits of exponent and 4 of significand (OCP E4M3).
        Fp8 = "fp8-e4m3",
        /// 8-bit integer.
        I8 = "i8",
    }
}

impl NumberFormat {
    /// Size of a number, in bytes.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::F64 => 8,
            Self::F32 | Self::I32 | Self::Tf32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::I8 | Self::Fp8 => 1,
        }
    }
}
