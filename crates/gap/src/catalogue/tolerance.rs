//! Tolerances of name plate figures.

use serde::Serialize;

/// Tolerance of the hash rate where a row states none: that of the Antminer S19 Pro's
/// specification (110 TH/s +/-3 %), as buybtc123.com reviews it.
pub const DEFAULT_HASHRATE_REL: f64 = 0.03;
/// Tolerance of the power where a row states none: that of the same specification
/// (3250 W +/-5 %).
pub const DEFAULT_POWER_REL: f64 = 0.05;
/// Coverage factor of every expanded uncertainty here.
const COVERAGE: f64 = 2.0;

/// Limits that a maker states for a rate and a power, both relative.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// Half-width of the hash rate's limits.
    pub hashrate_rel: f64,
    /// Half-width of the power's limits.
    pub power_rel: f64,
    /// True if the row leaves out one or both, so that a default is used.
    pub assumed: bool,
}

impl Tolerance {
    /// The tolerances that a row states, with defaults for those that it does not.
    pub fn of(hashrate_rel: Option<f64>, power_rel: Option<f64>) -> Self {
        Self {
            hashrate_rel: hashrate_rel.unwrap_or(DEFAULT_HASHRATE_REL),
            power_rel: power_rel.unwrap_or(DEFAULT_POWER_REL),
            assumed: hashrate_rel.is_none() || power_rel.is_none(),
        }
    }

    /// The limits whose expanded uncertainties, k = 2, are those of a measured rate and of
    /// measured joules per hash, relative.
    pub fn expanded(rate_rel: f64, efficiency_rel: f64) -> Self {
        let limit = |rel: f64| rel * 3f64.sqrt() / COVERAGE;
        let (rate, efficiency) = (limit(rate_rel), limit(efficiency_rel));
        Self {
            hashrate_rel: rate,
            power_rel: (efficiency.powi(2) - rate.powi(2)).max(0.0).sqrt(),
            assumed: false,
        }
    }

    /// Expanded relative uncertainty of watts over hash rate, k = 2.
    ///
    /// JCGM 100:2008 (GUM): limits +/-a without anything known between them are a
    /// rectangular distribution of standard uncertainty u = a/sqrt(3) (4.3.7); relative
    /// uncertainties of the parts of a quotient add in quadrature (5.1.6); U = k u
    /// (6.2.1). So U = 2 sqrt((a_rate^2 + a_power^2) / 3).
    pub fn efficiency_rel(&self) -> f64 {
        COVERAGE * (self.hashrate_rel.hypot(self.power_rel)) / 3f64.sqrt()
    }

    /// Expanded relative uncertainty of the hash rate only, k = 2.
    pub fn rate_rel(&self) -> f64 {
        COVERAGE * self.hashrate_rel / 3f64.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_rectangular_and_add_in_quadrature() {
        let tolerance = Tolerance::of(Some(0.05), Some(0.10));
        assert!(!tolerance.assumed);
        // By hand: 2 sqrt(0.0025/3 + 0.01/3).
        assert!((tolerance.efficiency_rel() - 0.129_099_444_873_580_55).abs() < 1e-15);
        assert!((tolerance.rate_rel() - 0.057_735_026_918_962_58).abs() < 1e-15);
        assert!(Tolerance::of(Some(0.05), None).assumed);
        let measured = Tolerance::expanded(0.03, 0.05);
        assert!((measured.rate_rel() - 0.03).abs() < 1e-15);
        assert!((measured.efficiency_rel() - 0.05).abs() < 1e-15);
    }
}
