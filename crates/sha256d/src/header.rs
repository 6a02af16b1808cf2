//! The 80-byte block header.

use std::fmt;

use crate::hash::Hash256;
use crate::hex::{self, HexError};
use crate::sha256::sha256d;
use crate::target::{Target, TargetError};

/// A Bitcoin block header by its fields.
///
/// On the wire it is 80 bytes: version, previous hash, Merkle root, time,
/// bits, nonce, each number little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Block version; bits 13 to 28 may be rolled by miners (BIP 320).
    pub version: u32,
    /// Hash of the previous block.
    pub prev_hash: Hash256,
    /// Root of the Merkle tree of the block's transactions.
    pub merkle_root: Hash256,
    /// Seconds since 1970-01-01 UTC.
    pub time: u32,
    /// The target in compact form (`nBits`).
    pub bits: u32,
    /// The number that a search varies.
    pub nonce: u32,
}

impl Header {
    /// Size of a serialised header in bytes.
    pub const SIZE: usize = 80;

    /// Parses 160 hexadecimal digits.
    ///
    /// # Errors
    /// [`HeaderError`] when the length is not 160 or a character is not a digit.
    pub fn from_hex(text: &str) -> Result<Self, HeaderError> {
        let bytes = hex::decode::<{ Self::SIZE }>(text).map_err(HeaderError::Hex)?;
        Ok(Self::from_array(&bytes))
    }

    /// Parses 80 bytes.
    ///
    /// # Errors
    /// [`HeaderError::Length`] for any other number of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeaderError> {
        let array = bytes
            .try_into()
            .map_err(|_| HeaderError::Length { bytes: bytes.len() })?;
        Ok(Self::from_array(array))
    }

    fn from_array(bytes: &[u8; 80]) -> Self {
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let hash = |at: usize| Hash256(std::array::from_fn(|i| bytes[at + i]));
        Self {
            version: word(0),
            prev_hash: hash(4),
            merkle_root: hash(36),
            time: word(68),
            bits: word(72),
            nonce: word(76),
        }
    }

    /// The 80 bytes that are hashed.
    pub fn to_bytes(&self) -> [u8; 80] {
        let mut bytes = [0; 80];
        bytes[0..4].copy_from_slice(&self.version.to_le_bytes());
        bytes[4..36].copy_from_slice(&self.prev_hash.0);
        bytes[36..68].copy_from_slice(&self.merkle_root.0);
        bytes[68..72].copy_from_slice(&self.time.to_le_bytes());
        bytes[72..76].copy_from_slice(&self.bits.to_le_bytes());
        bytes[76..80].copy_from_slice(&self.nonce.to_le_bytes());
        bytes
    }

    /// The same 80 bytes as 160 lower-case digits.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.to_bytes())
    }

    /// The block hash: double SHA-256 of the header.
    pub fn hash(&self) -> Hash256 {
        Hash256(sha256d(&self.to_bytes()))
    }

    /// The target that the header itself claims in its `bits` field.
    ///
    /// # Errors
    /// [`TargetError`] when `bits` encodes a negative, zero or too large number.
    pub fn target(&self) -> Result<Target, TargetError> {
        Target::from_compact(self.bits)
    }
}

/// The reasons that bytes or a text are not a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// Not 80 bytes.
    Length {
        /// The number of bytes given.
        bytes: usize,
    },
    /// Not 160 hexadecimal digits.
    Hex(HexError),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { bytes } => write!(
                f,
                "a block header has 80 bytes, this has {bytes}; give the header alone, without the transactions"
            ),
            Self::Hex(HexError::Length { digits }) => write!(
                f,
                "a block header has 160 hexadecimal digits (80 bytes), this has {digits}; give the header alone, without 0x or spaces"
            ),
            Self::Hex(digit) => digit.fmt(f),
        }
    }
}

impl std::error::Error for HeaderError {}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

    #[test]
    fn genesis_by_field() {
        let header = Header::from_hex(GENESIS).unwrap();
        assert_eq!(header.version, 1);
        assert_eq!(header.prev_hash, Hash256::default());
        assert_eq!(header.time, 1_231_006_505);
        assert_eq!(header.bits, 0x1d00_ffff);
        assert_eq!(header.nonce, 2_083_236_893);
        assert_eq!(header.to_hex(), GENESIS);
        assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header));
        assert_eq!(
            header.hash().to_string(),
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
        );
    }

    #[test]
    fn errors_name_the_fault() {
        let short = Header::from_hex(&GENESIS[2..]).unwrap_err();
        assert_eq!(short, HeaderError::Hex(HexError::Length { digits: 158 }));
        let prefixed = Header::from_hex(&format!("0x{}", &GENESIS[2..])).unwrap_err();
        assert!(prefixed.to_string().contains("'x' at position 1"));
        let bytes = Header::from_bytes(&[0; 81]).unwrap_err();
        assert_eq!(bytes, HeaderError::Length { bytes: 81 });
    }
}
