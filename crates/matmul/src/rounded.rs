//! Number formats of inputs that are shorter than single precision.
//!
//! Inputs are drawn in single precision and rounded to nearest, ties to even, so that a
//! device and the check of its result see the same numbers. 8-bit floats that would be too
//! large become the largest.

use half::{bf16, f16};
use rayon::prelude::*;

use crate::element::Element;
use crate::problem::Problem;

/// Explicit bits of tf32's significand that single precision has more.
const TF32_CUT: u32 = 13;
/// The same of e4m3's three bits.
const E4M3_BITS: i32 = 3;

/// A number format of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// 8 bits of significand and the range of single precision.
    Bf16,
    /// IEEE's half precision.
    F16,
    /// 11 bits of significand, in 32 bits.
    Tf32,
    /// 8 bits with 4 of exponent and 4 of significand, up to 448.
    E4m3,
    /// The same with the exponent of AMD's MI300, up to 240.
    E4m3Fnuz,
}

impl InputFormat {
    /// Bytes of a number.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::Tf32 => 4,
            Self::E4m3 | Self::E4m3Fnuz => 1,
        }
    }

    /// Exponent bias and largest number of an 8-bit format.
    fn eight_bits(self) -> (i32, f32) {
        match self {
            Self::E4m3Fnuz => (8, 240.0),
            _ => (7, 448.0),
        }
    }

    /// The nearest number of this format.
    #[must_use]
    pub fn round(self, value: f32) -> f32 {
        match self {
            Self::Bf16 => bf16::nearest(value).value(),
            Self::F16 => f16::nearest(value).value(),
            Self::Tf32 => {
                let bits = value.to_bits();
                let half = (1 << (TF32_CUT - 1)) - 1;
                let even = bits >> TF32_CUT & 1;
                f32::from_bits((bits.saturating_add(half + even)) >> TF32_CUT << TF32_CUT)
            }
            Self::E4m3 | Self::E4m3Fnuz => {
                let (code, (bias, _)) = (self.code(value), self.eight_bits());
                let (exponent, fraction) = (i32::from(code >> 3 & 15), f32::from(code & 7));
                let size = match exponent {
                    0 => fraction * power(1 - bias - E4M3_BITS),
                    _ => (8.0 + fraction) * power(exponent - bias - E4M3_BITS),
                };
                if code & 0x80 == 0 { size } else { -size }
            }
        }
    }

    /// The code of a number of 8 bits.
    fn code(self, value: f32) -> u8 {
        let (bias, largest) = self.eight_bits();
        let size = value.abs().min(largest);
        // That of subnormal single precision is far below the smallest exponent here.
        let exponent = ((size.to_bits() >> 23) as i32 - 127).max(1 - bias);
        // From 0 to 16: a number that rounds up to the next power of two carries into the
        // exponent, which follows on the fraction.
        let fraction = (size / power(exponent - E4M3_BITS)).round_ties_even() as u8;
        let code = match fraction {
            0..8 => fraction,
            _ => ((exponent + bias) as u8) * 8 + (fraction - 8),
        };
        // The format of AMD has no negative zero: its code is that of no number.
        match value.is_sign_negative() && code != 0 {
            true => code | 0x80,
            false => code,
        }
    }

    /// Writes the bytes of a number of this format.
    ///
    /// # Panics
    /// If there are not as many as it [has](Self::bytes).
    pub fn write(self, value: f32, to: &mut [u8]) {
        match self {
            Self::Bf16 => to.copy_from_slice(&bf16::nearest(value).to_le_bytes()),
            Self::F16 => to.copy_from_slice(&f16::nearest(value).to_le_bytes()),
            Self::Tf32 => to.copy_from_slice(&self.round(value).to_le_bytes()),
            Self::E4m3 | Self::E4m3Fnuz => to.copy_from_slice(&[self.code(value)]),
        }
    }
}

/// 2 to a power in the range of normal numbers.
fn power(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

impl Problem {
    /// The same problem with inputs rounded to a format. Uses the current rayon pool.
    #[must_use]
    pub fn rounded(mut self, format: InputFormat) -> Self {
        for values in [&mut self.a, &mut self.b] {
            let round = |value: &mut f32| *value = format.round(*value);
            values.par_iter_mut().with_min_len(1 << 14).for_each(round);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [InputFormat; 5] = [
        InputFormat::Bf16,
        InputFormat::F16,
        InputFormat::Tf32,
        InputFormat::E4m3,
        InputFormat::E4m3Fnuz,
    ];

    #[test]
    fn tf32_keeps_eleven_bits_and_ties_go_to_even() {
        let step = f32::EPSILON * 8192.0;
        for (value, wanted) in [
            (1.0, 1.0),
            (1.0 + 0.5 * step, 1.0),
            (1.0 + 1.5 * step, 1.0 + 2.0 * step),
            (1.0 + 0.501 * step, 1.0 + step),
            (-1.0 - 1.5 * step, -1.0 - 2.0 * step),
            (2.0 - 0.25 * step, 2.0),
            (0.0, 0.0),
        ] {
            assert_eq!(InputFormat::Tf32.round(value), wanted, "{value:e}");
        }
    }

    #[test]
    fn e4m3_has_the_numbers_of_its_definition() {
        let of = |value| InputFormat::E4m3.code(value);
        for (value, code) in [
            (0.0, 0x00),
            (1.0, 0x38),
            (-1.0, 0xb8),
            (448.0, 0x7e),
            (1e9, 0x7e),
            (-1e9, 0xfe),
            (0.001_953_125, 0x01),
            (0.015_625, 0x08),
            (0.000_976_562_5, 0x00),
            (0.002_929_687_5, 0x02),
            (1.0625, 0x38),
            (1.1875, 0x3a),
            (1.96, 0x40),
        ] {
            assert_eq!(of(value), code, "{value}");
        }
        let fnuz = |value| InputFormat::E4m3Fnuz.code(value);
        for (value, code) in [(1.0, 0x40), (240.0, 0x7f), (1e9, 0x7f), (-0.0, 0x00)] {
            assert_eq!(fnuz(value), code, "{value}");
        }
        assert_eq!(
            InputFormat::E4m3Fnuz.round(0.000_976_562_5),
            0.000_976_562_5
        );
    }

    /// Rounding is to the nearest number, from a list of all of them, and rounded numbers
    /// stay.
    #[test]
    fn every_number_rounds_to_the_nearest() {
        for (format, last) in [(InputFormat::E4m3, 0x7e), (InputFormat::E4m3Fnuz, 0x7f)] {
            let (bias, largest) = format.eight_bits();
            let number = |code: u8| match code >> 3 {
                0 => f32::from(code) * 2f32.powi(-bias - 2),
                exponent => f32::from(8 + (code & 7)) * 2f32.powi(i32::from(exponent) - bias - 3),
            };
            let numbers: Vec<f32> = (0..=last).map(number).collect();
            assert_eq!(numbers.last(), Some(&largest));
            for step in 0..20_000 {
                let value = step as f32 * 0.013;
                let rounded = format.round(value);
                let error = |number: &f32| (number - value).abs();
                let least = numbers.iter().map(error).fold(f32::MAX, f32::min);
                assert_eq!((rounded - value).abs(), least, "{format:?} {value}");
            }
            for number in numbers {
                assert_eq!(format.round(-number), -number);
            }
        }
        for format in ALL {
            for step in -500..500 {
                let once = format.round(step as f32 * 0.037);
                assert_eq!(format.round(once), once, "{format:?}");
                let mut bytes = [0; 4];
                format.write(once, &mut bytes[..format.bytes()]);
                assert_eq!(
                    once == 0.0,
                    bytes[..format.bytes()].iter().all(|b| b & 0x7f == 0)
                );
            }
        }
    }
}
