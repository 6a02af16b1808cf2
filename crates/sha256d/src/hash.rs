//! A 256-bit hash and the byte order in which Bitcoin prints it.

use std::fmt;
use std::str::FromStr;

use crate::hex::{self, HexError};

/// A double SHA-256 in the byte order of the hash function's output.
///
/// Bitcoin reads these bytes as a little-endian number and therefore prints the last byte
/// first. [`Display`](fmt::Display) and [`FromStr`] do the same, so a printed block hash
/// begins with its leading zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash256(
    /// The digest, first byte first (internal byte order).
    pub [u8; 32],
);

impl fmt::Display for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0;
        bytes.reverse();
        f.pad(&hex::encode(&bytes))
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash256({self})")
    }
}

impl FromStr for Hash256 {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let mut bytes: [u8; 32] = hex::decode(text).map_err(HashError)?;
        bytes.reverse();
        Ok(Self(bytes))
    }
}

/// The reason that a text is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashError(
    /// The fault among the digits.
    pub HexError,
);

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            HexError::Length { digits } => write!(
                f,
                "a hash has 64 hexadecimal digits, this has {digits}; give all 64, leading zeros included"
            ),
            digit => digit.fmt(f),
        }
    }
}

impl std::error::Error for HashError {}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

    #[test]
    fn prints_and_parses_last_byte_first() {
        let hash: Hash256 = GENESIS.parse().unwrap();
        assert_eq!(hash.0[0], 0x6f);
        assert_eq!(hash.0[31], 0);
        assert_eq!(hash.to_string(), GENESIS);
        assert_eq!(format!("{hash:?}"), format!("Hash256({GENESIS})"));
    }

    #[test]
    fn errors_name_the_fault() {
        let short = GENESIS[1..].parse::<Hash256>().unwrap_err();
        assert_eq!(short, HashError(HexError::Length { digits: 63 }));
        let bad = GENESIS.replace('d', "g").parse::<Hash256>().unwrap_err();
        assert!(bad.to_string().contains("'g' at position 12"), "{bad}");
    }
}
