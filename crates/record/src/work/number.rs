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
        /// 8-bit integer.
        I8 = "i8",
    }
}

impl NumberFormat {
    /// Size of a number, in bytes.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::F64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 => 2,
            Self::I8 => 1,
        }
    }
}
