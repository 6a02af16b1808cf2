//! Units of power and energy, as meters and users write them.

use crate::info::Quantity;
use std::fmt;
use std::str::FromStr;

/// The base that a unit is a multiple of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Base {
    Watt,
    Joule,
    WattHour,
}

/// A unit of power or energy. Case matters: `mW` is a milliwatt and `MW` a megawatt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unit {
    base: Base,
    /// The prefix as a power of ten.
    exponent: i8,
}

/// Prefixes: the power of ten, the symbol, the word.
const PREFIXES: [(i8, &str, &str); 6] = [
    (-9, "n", "nano"),
    (-6, "u", "micro"),
    (-3, "m", "milli"),
    (0, "", ""),
    (3, "k", "kilo"),
    (6, "M", "mega"),
];

impl Unit {
    /// Watt.
    pub const W: Self = Self::of(Base::Watt, 0);
    /// Kilowatt.
    pub const KW: Self = Self::of(Base::Watt, 3);
    /// Milliwatt.
    pub const MILLI_W: Self = Self::of(Base::Watt, -3);
    /// Microwatt.
    pub const MICRO_W: Self = Self::of(Base::Watt, -6);
    /// Joule.
    pub const J: Self = Self::of(Base::Joule, 0);
    /// Watt-hour, 3600 J.
    pub const WH: Self = Self::of(Base::WattHour, 0);
    /// Kilowatt-hour, 3.6 MJ.
    pub const KWH: Self = Self::of(Base::WattHour, 3);

    const fn of(base: Base, exponent: i8) -> Self {
        Self { base, exponent }
    }

    /// The quantity that it measures: power or energy.
    pub fn quantity(self) -> Quantity {
        match self.base {
            Base::Watt => Quantity::PowerW,
            Base::Joule | Base::WattHour => Quantity::EnergyJ,
        }
    }

    /// Converts `value` from this unit to watts or joules.
    pub fn to_si(self, value: f64) -> f64 {
        let hours = match self.base {
            Base::WattHour => 3600.0,
            Base::Watt | Base::Joule => 1.0,
        };
        // Divided for small units: 1e6 is an exact floating-point number, 1e-6 is not.
        match self.exponent < 0 {
            true => value * hours / 10_f64.powi(-i32::from(self.exponent)),
            false => value * hours * 10_f64.powi(i32::from(self.exponent)),
        }
    }

    /// The symbol of the prefix, and the symbol of the base.
    fn symbol(self) -> (&'static str, &'static str) {
        let prefix = PREFIXES.iter().find(|(n, ..)| *n == self.exponent);
        let base = match self.base {
            Base::Watt => "W",
            Base::Joule => "J",
            Base::WattHour => "Wh",
        };
        (prefix.map_or("", |(_, symbol, _)| symbol), base)
    }

    /// The unit of a word in small letters: `kwh`, `watts`, `microjoules`,
    /// `kilowatthours`. Mega has no symbol in small letters, so `mw` is a milliwatt.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let base = |word: &str| {
            Some(match word {
                "w" | "watt" | "watts" => Base::Watt,
                "j" | "joule" | "joules" | "ws" | "wattsecond" | "wattseconds" => Base::Joule,
                "wh" | "watthour" | "watthours" => Base::WattHour,
                _ => return None,
            })
        };
        PREFIXES.iter().find_map(|(exponent, symbol, name)| {
            let symbol = symbol.to_ascii_lowercase();
            let long = word.strip_prefix(name).and_then(base);
            let short = word.strip_prefix(&*symbol).and_then(base);
            // For `mw`, milli is found before mega.
            Some(Self::of(long.or(short)?, *exponent))
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, base) = self.symbol();
        write!(f, "{prefix}{base}")
    }
}

/// A text that is not the name of a known unit.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[error(
    "{0:?} is not a unit of power or energy: give one of W, J, Wh, with n, u, m, k or M before it \
     as in uW, mW, kW, kWh (case matters)"
)]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;

    /// Parses a symbol; micro may be `u` or either of the two code points of \u{b5}.
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        let plain = text.replace(['\u{b5}', '\u{3bc}'], "u");
        [Base::Watt, Base::Joule, Base::WattHour]
            .into_iter()
            .flat_map(|base| PREFIXES.map(|(exponent, ..)| Self::of(base, exponent)))
            .find(|unit| unit.to_string() == plain)
            .or_else(|| {
                Self::of_word(&plain).filter(|_| plain.contains("watt") || plain.contains("joule"))
            })
            .ok_or_else(|| UnknownUnit(super::cut(text)))
    }
}

/// The size of the last decimal of a number: 0.001 for 3.185. Trailing zeros cannot be
/// seen, so the result is at least as large as the true step.
pub(crate) fn last_decimal(value: f64) -> f64 {
    /// Further places come from floating-point arithmetic, not from a meter.
    const MAX_PLACES: usize = 12;
    let text = value.to_string();
    let places = text.split_once('.').map_or(0, |(_, after)| after.len());
    10f64.powi(-(places.min(MAX_PLACES) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_read_as_they_are_written() {
        for base in [Base::Watt, Base::Joule, Base::WattHour] {
            for (exponent, ..) in PREFIXES {
                let unit = Unit::of(base, exponent);
                assert_eq!(unit.to_string().parse(), Ok(unit));
            }
        }
        for text in ["uW", "\u{b5}W", "\u{3bc}W", "microwatts"] {
            assert_eq!(text.parse(), Ok(Unit::MICRO_W), "{text}");
        }
        for other in ["w", "Mw", "kw", "", "VA", "KWh", "kVA", "u", "h"] {
            assert!(other.parse::<Unit>().is_err(), "{other}");
        }
        assert_eq!(Unit::MICRO_W.to_si(37_500_000.0), 37.5);
        assert_eq!(Unit::KWH.to_si(0.5), 1.8e6);
        assert_eq!(Unit::MILLI_W.quantity(), Quantity::PowerW);
        assert_eq!(Unit::WH.quantity(), Quantity::EnergyJ);
    }

    #[test]
    fn the_last_decimal_is_the_step() {
        assert_eq!(last_decimal(3.185), 1e-3);
        assert_eq!(last_decimal(41.0), 1.0);
        assert!((last_decimal(0.1) - 0.1).abs() < 1e-12);
        assert_eq!(last_decimal(f64::MAX), 1.0);
        assert!(last_decimal(5e-324) >= 1e-12);
    }
}
