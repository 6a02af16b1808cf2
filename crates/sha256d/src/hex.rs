//! Hexadecimal text, the external form of headers, hashes and targets.

use std::fmt;

/// A text that is not hexadecimal or does not have the expected length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// A character that is not a hexadecimal digit.
    Digit {
        /// Its position, counting characters from 0.
        position: usize,
        /// The character at that position.
        character: char,
    },
    /// A wrong number of digits.
    Length {
        /// The number of characters given.
        digits: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit {
                position,
                character,
            } => write!(
                f,
                "{character:?} at position {position} is not a hexadecimal digit; use 0-9 and a-f"
            ),
            Self::Length { digits } => write!(f, "{digits} is a wrong number of digits"),
        }
    }
}

impl std::error::Error for HexError {}

/// The value, of four bits, of every digit.
fn digits(text: &str) -> Result<Vec<u8>, HexError> {
    text.chars()
        .enumerate()
        .map(|(position, character)| {
            let wrong = HexError::Digit {
                position,
                character,
            };
            character.to_digit(16).map(|value| value as u8).ok_or(wrong)
        })
        .collect()
}

/// Exactly `N` bytes, first byte first.
///
/// # Errors
/// [`HexError`], with the position of the error.
pub fn decode<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    // The length is checked first, so that a megabyte of digits costs nothing.
    let count = text.chars().take(2 * N + 1).count();
    if count != 2 * N {
        return Err(HexError::Length {
            digits: text.chars().count(),
        });
    }
    let digits = digits(text)?;
    Ok(std::array::from_fn(|i| {
        digits[2 * i] << 4 | digits[2 * i + 1]
    }))
}

/// A big-endian number of 1 to 64 digits as 32 big-endian bytes.
///
/// # Errors
/// [`HexError`], with the position of the error.
pub fn decode_number(text: &str) -> Result<[u8; 32], HexError> {
    let count = text.chars().count();
    if count == 0 || count > 64 {
        return Err(HexError::Length { digits: count });
    }
    let mut bytes = [0u8; 32];
    for (i, digit) in digits(text)?.into_iter().rev().enumerate() {
        bytes[31 - i / 2] |= digit << (4 * (i % 2));
    }
    Ok(bytes)
}

/// Lower-case digits, first byte first.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        assert_eq!(decode::<3>("00fFa5"), Ok([0x00, 0xff, 0xa5]));
        assert_eq!(encode(&[0x00, 0xff, 0xa5]), "00ffa5");
    }

    #[test]
    fn numbers_are_right_aligned() {
        let mut expected = [0; 32];
        expected[30] = 0x01;
        expected[31] = 0x23;
        assert_eq!(decode_number("123"), Ok(expected));
        assert_eq!(decode_number(&"f".repeat(64)), Ok([0xff; 32]));
    }

    #[test]
    fn faults_are_located() {
        let digit = HexError::Digit {
            position: 1,
            character: 'é',
        };
        assert_eq!(decode::<2>("0é00"), Err(digit));
        assert_eq!(decode::<2>("000"), Err(HexError::Length { digits: 3 }));
        assert_eq!(decode_number(""), Err(HexError::Length { digits: 0 }));
        let long = "0".repeat(65);
        assert_eq!(decode_number(&long), Err(HexError::Length { digits: 65 }));
    }
}
