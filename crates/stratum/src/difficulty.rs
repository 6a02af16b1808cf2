//! Share difficulty: exact targets, the hashes that a share stands for, and the text in
//! which a difficulty is announced.
//!
//! Difficulty 1 is the target `0xffff · 2^208` (`1d00ffff`). A difficulty here is a whole
//! number over a power of two, so that its decimal text is finite: what is announced is
//! exactly what is validated, to the last digit, and every reader of doubles reads it
//! exactly.
//!
//! ```text
//! T(D) = floor(0xffff · 2^208 / D)       the largest hash that is a share
//! W(D) = 2^256 / (T + 1)                 hashes expected per share; W(1) = 4,295,032,833
//! d    = 0xffff · 2^208 / hash           a share's own difficulty
//! u    = (hash + 1) / (T + 1)            its fraction, uniform on (0, 1] for honest shares
//! ```

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use perwatt_sha256d::U256;

/// Largest exponent of the power of two below the fraction bar: at `2^-32` about every hash
/// is a share.
const MAX_SHIFT: u32 = 32;
/// Whole numbers up to this one are exact in a double.
const MAX_UNITS: u64 = 1 << 53;

/// A share difficulty, `units / 2^shift`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Difficulty {
    units: u64,
    shift: u32,
}

/// A number that is no difficulty of this pool.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{0} is no difficulty; give a whole number up to 2^53, or one divided by a power of two up to 2^32, such as 512 or 0.25"
)]
pub struct DifficultyError(String);

impl Difficulty {
    /// Difficulty 1.
    pub const ONE: Self = Self { units: 1, shift: 0 };

    /// Returns `units / 2^shift` in lowest terms.
    ///
    /// # Errors
    /// [`DifficultyError`] for zero, units above 2^53 or a shift above 32.
    pub fn new(units: u64, shift: u32) -> Result<Self, DifficultyError> {
        let common = shift.min(units.trailing_zeros());
        let (lowest, left) = (units >> common.min(63), shift - common);
        match lowest {
            1..=MAX_UNITS if left <= MAX_SHIFT => Ok(Self {
                units: lowest,
                shift: left,
            }),
            _ => Err(DifficultyError(format!("{units}/2^{shift}"))),
        }
    }

    /// Returns `2^exponent`, kept within the range of difficulties.
    pub fn power_of_two(exponent: i32) -> Self {
        let exponent = exponent.clamp(-(MAX_SHIFT as i32), 53);
        Self {
            units: 1 << exponent.max(0),
            shift: (-exponent).max(0) as u32,
        }
    }

    /// Returns the largest power of two that does not exceed a value, as near as the range
    /// allows; `None` for a value that is not positive and finite.
    pub fn power_below(value: f64) -> Option<Self> {
        let usable = value > 0.0 && value.is_finite();
        usable.then(|| Self::power_of_two(value.log2().floor() as i32))
    }

    /// Returns a double that is a difficulty as it is.
    ///
    /// # Errors
    /// [`DifficultyError`] for any other.
    pub fn exact(value: f64) -> Result<Self, DifficultyError> {
        let scaled = value * (MAX_SHIFT as f64).exp2();
        let wrong = || DifficultyError(value.to_string());
        // Multiplying by a power of two is exact, so the fraction shows what does not fit.
        let fits = scaled >= 1.0 && scaled < 2f64.powi(86) && scaled.fract() == 0.0;
        if !fits {
            return Err(wrong());
        }
        let whole = scaled as u128;
        let common = whole.trailing_zeros().min(MAX_SHIFT);
        let units = u64::try_from(whole >> common).map_err(|_| wrong())?;
        Self::new(units, MAX_SHIFT - common).map_err(|_| wrong())
    }

    /// Doubles a power of two `steps` times, or halves it; kept within the range.
    pub fn doubled(self, steps: i32) -> Self {
        Self::power_of_two(self.value().log2().floor() as i32 + steps)
    }

    /// The difficulty as a double, exact.
    pub fn value(self) -> f64 {
        self.units as f64 / f64::from(self.shift).exp2()
    }

    /// Numerator and exponent of the denominator, in lowest terms.
    pub fn parts(self) -> (u64, u32) {
        (self.units, self.shift)
    }

    /// T: the largest hash, read as a number, that is a share.
    pub fn target(self) -> U256 {
        let dividend = U256::from(0xffff) << (208 + self.shift);
        let (target, _) = dividend
            .checked_div_rem(U256::from(self.units))
            .expect("units are not zero");
        target
    }

    /// W: the hashes expected for each share.
    pub fn work(self) -> f64 {
        2f64.powi(256) / above(self.target())
    }

    /// True if a hash, in the byte order of SHA-256, is a share.
    pub fn is_met(self, hash: &[u8; 32]) -> bool {
        U256::from_le_bytes(*hash) <= self.target()
    }

    /// u: the place of a share's hash below the target, above 0 and at most 1; more than 1
    /// for a hash that is no share.
    pub fn fraction(self, hash: &[u8; 32]) -> f64 {
        above(U256::from_le_bytes(*hash)) / above(self.target())
    }
}

/// A number plus 1, as a double.
fn above(number: U256) -> f64 {
    let next = number.checked_add(U256::ONE);
    next.map_or(2f64.powi(256), U256::to_f64)
}

/// d: the difficulty that a hash meets; infinite for hash 0.
pub fn of_hash(hash: &[u8; 32]) -> f64 {
    65535.0 * 2f64.powi(208) / U256::from_le_bytes(*hash).to_f64()
}

/// A difficulty that was measured, to four digits.
pub fn digits(value: f64) -> String {
    match value {
        v if !(0.001..1e6).contains(&v) => format!("{v:.3e}"),
        v => {
            let before = v.log10().floor() as i32 + 1;
            format!("{v:.places$}", places = (4 - before).max(0) as usize)
        }
    }
}

impl PartialOrd for Difficulty {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Difficulty {
    fn cmp(&self, other: &Self) -> Ordering {
        let scaled = |d: &Self| u128::from(d.units) << (MAX_SHIFT - d.shift);
        scaled(self).cmp(&scaled(other))
    }
}

/// The exact decimal, without an exponent: `512`, `0.000244140625`.
impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shift == 0 {
            return f.pad(&self.units.to_string());
        }
        // units / 2^k = units · 5^k / 10^k, below 2^128 for k up to 32.
        let places = self.shift as usize;
        let scaled = u128::from(self.units) * 5u128.pow(self.shift);
        let digits = format!("{scaled:0>width$}", width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        f.pad(&format!("{whole}.{decimals}"))
    }
}

impl fmt::Debug for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Difficulty({self})")
    }
}

impl FromStr for Difficulty {
    type Err = DifficultyError;

    fn from_str(text: &str) -> Result<Self, DifficultyError> {
        let wrong = || DifficultyError(text.to_owned());
        let value: f64 = text.parse().map_err(|_| wrong())?;
        let difficulty = Self::exact(value).map_err(|_| wrong())?;
        // A text with more digits than a double has is another number.
        match text.bytes().filter(u8::is_ascii_digit).count() > 17 && difficulty.to_string() != text
        {
            true => Err(wrong()),
            false => Ok(difficulty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_sha256d::Target;
    use proptest::prelude::*;

    #[test]
    fn difficulty_one_is_bitcoins() {
        let one = Target::from_compact(0x1d00_ffff).unwrap();
        assert_eq!(Difficulty::ONE.target(), one.value());
        // Not 2^32: 15 ppm more.
        assert_eq!(Difficulty::ONE.work().round(), 4_295_032_833.0);
        assert_eq!(Difficulty::power_of_two(-32).work(), 65536.0 / 65535.0);
    }

    #[test]
    fn text_is_exact_and_has_no_exponent() {
        for (exponent, text) in [
            (0, "1"),
            (9, "512"),
            (53, "9007199254740992"),
            (-1, "0.5"),
            (-12, "0.000244140625"),
            (-32, "0.00000000023283064365386962890625"),
        ] {
            let difficulty = Difficulty::power_of_two(exponent);
            assert_eq!(difficulty.to_string(), text);
            assert_eq!(text.parse(), Ok(difficulty));
            assert_eq!(text.parse::<f64>().unwrap(), difficulty.value());
        }
        assert_eq!(Difficulty::new(3, 1).unwrap().to_string(), "1.5");
        assert_eq!(Difficulty::new(6, 1), Difficulty::new(3, 0));
        for wrong in [
            "0", "-1", "nan", "inf", "0.1", "", "1e300", "1e-300", "65536 ",
        ] {
            let error = wrong.parse::<Difficulty>().unwrap_err();
            assert!(error.to_string().starts_with(wrong), "{error}");
        }
    }

    #[test]
    fn suggestions_become_powers_of_two() {
        let below = |value| Difficulty::power_below(value).map(|d| d.to_string());
        assert_eq!(below(65_535.0).as_deref(), Some("32768"));
        assert_eq!(below(0.000_15).as_deref(), Some("0.0001220703125"));
        assert_eq!(below(1e300), Some(Difficulty::power_of_two(53).to_string()));
        for nonsense in [0.0, -5.0, f64::NAN, f64::INFINITY] {
            assert_eq!(below(nonsense), None);
        }
        assert_eq!(
            Difficulty::power_of_two(3).doubled(-5),
            Difficulty::power_of_two(-2)
        );
    }

    #[test]
    fn hashes_at_the_target() {
        let target = Difficulty::power_of_two(8).target();
        let at = target.to_le_bytes();
        let over = target.checked_add(U256::ONE).unwrap().to_le_bytes();
        let d = Difficulty::power_of_two(8);
        assert!(d.is_met(&at) && !d.is_met(&over));
        assert_eq!(d.fraction(&at), 1.0);
        assert_eq!(of_hash(&at), 256.0);
        assert_eq!(of_hash(&[0; 32]), f64::INFINITY);
    }

    #[test]
    fn measured_difficulties_have_four_digits() {
        for (value, text) in [
            (511.83, "511.8"),
            (65_540.2, "65540"),
            (0.25, "0.2500"),
            (0.000_244_2, "2.442e-4"),
            (3.1e12, "3.100e12"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(digits(value), text);
        }
    }

    proptest! {
        #[test]
        fn every_difficulty_comes_back_from_its_text(units in 1u64..=MAX_UNITS, shift in 0u32..=32) {
            let difficulty = Difficulty::new(units, shift).unwrap();
            prop_assert_eq!(Difficulty::exact(difficulty.value()), Ok(difficulty));
            prop_assert_eq!(difficulty.to_string().parse(), Ok(difficulty));
        }

        #[test]
        fn order_is_of_values(a in 1u64..1 << 53, b in 1u64..1 << 53, s in 0u32..=32, t in 0u32..=32) {
            let (a, b) = (Difficulty::new(a, s).unwrap(), Difficulty::new(b, t).unwrap());
            prop_assert_eq!(a.partial_cmp(&b), a.value().partial_cmp(&b.value()));
        }

        #[test]
        fn any_double_is_exact_or_refused(bits: u64) {
            let value = f64::from_bits(bits);
            if let Ok(difficulty) = Difficulty::exact(value) {
                prop_assert_eq!(difficulty.value(), value);
            }
        }
    }
}
