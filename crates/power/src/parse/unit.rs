//! Units of power and energy, as meters and users write them.

use crate::info::Quantity;
use std::fmt;
use std::str::FromStr;

/// A unit of power or energy. Case matters: `mW` is a milliwatt, and nothing is
/// called `MW` here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// Watt.
    W,
    /// Kilowatt.
    KW,
    /// Milliwatt.
    MilliW,
    /// Joule.
    J,
    /// Kilojoule.
    KJ,
    /// Millijoule.
    MilliJ,
    /// Watt-hour, 3600 J.
    Wh,
    /// Kilowatt-hour, 3.6 MJ.
    KWh,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 8] = [
        Self::W,
        Self::KW,
        Self::MilliW,
        Self::J,
        Self::KJ,
        Self::MilliJ,
        Self::Wh,
        Self::KWh,
    ];

    /// Whether it measures power or energy.
    pub fn quantity(self) -> Quantity {
        match self {
            Self::W | Self::KW | Self::MilliW => Quantity::PowerW,
            _ => Quantity::EnergyJ,
        }
    }

    /// Watts or joules in one of it.
    pub fn si(self) -> f64 {
        match self {
            Self::W | Self::J => 1.0,
            Self::KW | Self::KJ => 1e3,
            Self::MilliW | Self::MilliJ => 1e-3,
            Self::Wh => 3600.0,
            Self::KWh => 3.6e6,
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::W => "W",
            Self::KW => "kW",
            Self::MilliW => "mW",
            Self::J => "J",
            Self::KJ => "kJ",
            Self::MilliJ => "mJ",
            Self::Wh => "Wh",
            Self::KWh => "kWh",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// A text that names no known unit.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[error("{0:?} is none of: W, kW, mW, J, kJ, mJ, Wh, kWh (case matters)")]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.symbol() == text)
            .ok_or_else(|| UnknownUnit(text.to_owned()))
    }
}

/// The size of the last decimal that a number is shown with: 0.001 for 3.185.
/// Trailing zeros are not seen, so that it is at least as large as the true step.
pub(crate) fn last_decimal(value: f64) -> f64 {
    let text = value.to_string();
    let places = text.split_once('.').map_or(0, |(_, after)| after.len());
    10f64.powi(-i32::try_from(places).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_read_as_they_are_written() {
        for unit in Unit::ALL {
            assert_eq!(unit.to_string().parse(), Ok(unit));
        }
        for other in ["w", "MW", "kw", "", "watts", "KWh"] {
            assert!(other.parse::<Unit>().is_err(), "{other}");
        }
        assert_eq!(Unit::KWh.si() * 0.5, 1.8e6);
        assert_eq!(Unit::MilliW.quantity(), Quantity::PowerW);
        assert_eq!(Unit::MilliJ.quantity(), Quantity::EnergyJ);
    }

    #[test]
    fn the_last_decimal_is_the_step() {
        assert_eq!(last_decimal(3.185), 1e-3);
        assert_eq!(last_decimal(41.0), 1.0);
        assert!((last_decimal(0.1) - 0.1).abs() < 1e-12);
        assert_eq!(last_decimal(f64::MAX), 1.0);
    }
}
