//! Units of energy per unit of work, at the scales in which figures are quoted.

use crate::schema::Unit;

/// The units of energy of one kind of work: J/H and J/TH, FLOP/J.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnergyUnit(pub Unit);

impl EnergyUnit {
    /// Units of work in the denominator of J/TH and similar units.
    pub const TERA: f64 = 1e12;

    /// Joules per unit of work: `J/H`, as records hold figures.
    pub fn per_unit(self) -> String {
        format!("J/{}", self.0)
    }

    /// Joules per 10^12 units: `J/TH`, `J/TFLOP`, `J/TB`.
    pub fn per_tera(self) -> String {
        format!("J/T{}", self.0)
    }

    /// Units of work per joule: `FLOP/J`.
    pub fn per_joule(self) -> String {
        format!("{}/J", self.0)
    }

    /// Converts joules per unit to joules per 10^12 units.
    pub fn tera(per_unit_j: f64) -> f64 {
        per_unit_j * Self::TERA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_trades() {
        let of = EnergyUnit;
        assert_eq!(of(Unit::Hash).per_unit(), "J/H");
        assert_eq!(of(Unit::Hash).per_tera(), "J/TH");
        assert_eq!(of(Unit::Flop).per_tera(), "J/TFLOP");
        assert_eq!(of(Unit::Byte).per_tera(), "J/TB");
        assert_eq!(of(Unit::Op).per_joule(), "OP/J");
        assert_eq!(EnergyUnit::tera(16.5e-12), 16.5);
    }
}
