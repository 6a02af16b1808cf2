//! The number that a hash must not exceed, and its compact form.

use std::fmt;

use crate::hash::Hash256;
use crate::hex::{self, HexError};
use crate::u256::U256;

/// The target of difficulty 1 is 0xffff · 2²⁰⁸ (`1d00ffff`).
const DIFFICULTY_ONE_MANTISSA: f64 = 65535.0;

/// A proof-of-work target from 1 to 2²⁵⁶ − 1.
///
/// A hash meets the target when, read as a little-endian number, it does not exceed it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target(U256);

impl Target {
    /// Every hash meets this target.
    pub const MAX: Self = Self(U256::MAX);

    /// Expands a compact target (`nBits`): an exponent of 256 in the top byte
    /// and a signed 24-bit mantissa below it, as Bitcoin Core's
    /// `arith_uint256::SetCompact` and `CheckProofOfWork` read it.
    ///
    /// # Errors
    /// [`TargetError::Negative`], [`TargetError::Overflow`] or
    /// [`TargetError::Zero`], each naming the value.
    pub fn from_compact(bits: u32) -> Result<Self, TargetError> {
        let size = bits >> 24;
        let mantissa = bits & 0x007f_ffff;
        let word = if size <= 3 {
            mantissa >> (8 * (3 - size))
        } else {
            mantissa
        };
        if word == 0 {
            return Err(TargetError::Zero { bits });
        }
        if bits & 0x0080_0000 != 0 {
            return Err(TargetError::Negative { bits });
        }
        // The mantissa's highest byte must be within the 32 bytes.
        if size > 34 || (word > 0xff && size > 33) || (word > 0xffff && size > 32) {
            return Err(TargetError::Overflow { bits });
        }
        Ok(Self(
            U256::from(u64::from(word)) << (8 * size.saturating_sub(3)),
        ))
    }

    /// The compact form. It keeps only the highest 15 to 23 significant bits, so a target
    /// that did not come from `nBits` is rounded down.
    pub fn to_compact(self) -> u32 {
        let mut size = self.0.bits().div_ceil(8);
        let mantissa = if size <= 3 {
            self.0 << (8 * (3 - size))
        } else {
            self.0 >> (8 * (size - 3))
        };
        let bytes = mantissa.to_le_bytes();
        let mut mantissa = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        // Bit 23 is the sign: the mantissa is shifted by one byte to keep it clear.
        if mantissa & 0x0080_0000 != 0 {
            mantissa >>= 8;
            size += 1;
        }
        size << 24 | mantissa
    }

    /// Parses 1 to 64 hexadecimal digits, highest first, with or without `0x`.
    ///
    /// # Errors
    /// [`TargetError::Hex`] and [`TargetError::HexZero`].
    pub fn from_hex(text: &str) -> Result<Self, TargetError> {
        let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let digits = bare.unwrap_or(text);
        let mut bytes = hex::decode_number(digits).map_err(|mut error| {
            if let HexError::Digit { position, .. } = &mut error {
                *position += text.len() - digits.len();
            }
            TargetError::Hex(error)
        })?;
        bytes.reverse();
        Self::from_value(U256::from_le_bytes(bytes))
    }

    /// Converts a number.
    ///
    /// # Errors
    /// [`TargetError::HexZero`]: zero is not a target.
    pub fn from_value(value: U256) -> Result<Self, TargetError> {
        match value {
            U256::ZERO => Err(TargetError::HexZero),
            value => Ok(Self(value)),
        }
    }

    /// All 64 digits, highest first, without `0x`.
    pub fn to_hex(self) -> String {
        format!("{:064x}", self.0)
    }

    /// 2²⁵⁶⁻ⁿ − 1: met by every hash that begins with `n` zero bits as Bitcoin prints it.
    /// From `n` = 255 on this is 1, the smallest target.
    pub fn from_leading_zero_bits(n: u32) -> Self {
        Self(U256::MAX >> n.min(255))
    }

    /// Zero bits before the first set bit: any hash that meets the target has at least as
    /// many. The early reject tests at most these.
    pub fn leading_zeros(self) -> u32 {
        self.0.leading_zeros()
    }

    /// True if `hash`, read as a little-endian number, does not exceed the target.
    pub fn is_met_by(self, hash: &Hash256) -> bool {
        U256::from_le_bytes(hash.0) <= self.0
    }

    /// The difficulty relative to `1d00ffff`, to double precision.
    pub fn difficulty(self) -> f64 {
        DIFFICULTY_ONE_MANTISSA * 2f64.powi(208) / self.0.to_f64()
    }

    /// Hashes expected per hit, 2²⁵⁶ / (target + 1), exact and rounded down.
    pub fn expected_work(self) -> U256 {
        self.0.work()
    }

    /// Probability that one hash meets the target, (target + 1) / 2²⁵⁶.
    pub fn probability(self) -> f64 {
        let (next, overflow) = self.0.overflowing_add(U256::ONE);
        if overflow {
            1.0
        } else {
            next.to_f64() * 2f64.powi(-256)
        }
    }

    /// The target as a number.
    pub fn value(self) -> U256 {
        self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_hex())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// The reasons that a number or text is not a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// Compact form with its sign bit set.
    Negative {
        /// The compact value.
        bits: u32,
    },
    /// Compact form of a number above 2²⁵⁶ − 1.
    Overflow {
        /// The compact value.
        bits: u32,
    },
    /// Compact form of zero, which no hash can meet.
    Zero {
        /// The compact value.
        bits: u32,
    },
    /// Not 1 to 64 hexadecimal digits.
    Hex(HexError),
    /// The number zero, which no hash can meet.
    HexZero,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "take nBits from a real header, such as 1d00ffff";
        match self {
            Self::Negative { bits } => {
                write!(f, "nBits {bits:08x} encodes a negative target; {REMEDY}")
            }
            Self::Overflow { bits } => write!(
                f,
                "nBits {bits:08x} encodes a target above 2^256 - 1; {REMEDY}"
            ),
            Self::Zero { bits } => write!(
                f,
                "nBits {bits:08x} encodes target zero, which no hash can meet; {REMEDY}"
            ),
            Self::Hex(HexError::Length { digits }) => write!(
                f,
                "a target has 1 to 64 hexadecimal digits, this has {digits}; write it highest digit first"
            ),
            Self::Hex(digit) => digit.fmt(f),
            Self::HexZero => write!(
                f,
                "target zero can be met by no hash; give a number from 1 to 2^256 - 1"
            ),
        }
    }
}

impl std::error::Error for TargetError {}
