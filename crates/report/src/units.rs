//! Figures with four significant digits and a unit a person reads at a glance.

use perwatt_record::schema::Unit;

/// SI prefixes and their exponents of ten, largest first.
const PREFIXES: [(i32, &str); 10] = [
    (18, "E"),
    (15, "P"),
    (12, "T"),
    (9, "G"),
    (6, "M"),
    (3, "k"),
    (0, ""),
    (-3, "m"),
    (-6, "\u{b5}"),
    (-9, "n"),
];

/// The scale of a row: every figure in it uses the same prefix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    factor: f64,
    prefix: &'static str,
}

impl Scale {
    /// The scale in which `value` lies between 1 and 1000, where there is one.
    pub fn of(value: f64) -> Self {
        let size = value.abs();
        let (exponent, prefix) = PREFIXES
            .into_iter()
            .find(|(exponent, _)| size >= 10f64.powi(*exponent))
            .unwrap_or(if size > 0.0 {
                PREFIXES[PREFIXES.len() - 1]
            } else {
                (0, "")
            });
        Self {
            factor: 10f64.powi(exponent),
            prefix,
        }
    }

    /// A figure without its unit.
    pub fn number(self, value: f64) -> String {
        significant(value / self.factor)
    }

    /// A figure without its unit and without zeros that say nothing, for an axis.
    pub fn short(self, value: f64) -> String {
        let text = format!("{:.3}", value / self.factor);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// The unit with its prefix: `MH/s`.
    pub fn unit(self, unit: &str) -> String {
        format!("{}{unit}", self.prefix)
    }
}

/// Four significant digits, never in exponential form below a million.
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = value.abs().log10().floor() as i32;
    let decimals = (3 - digits).clamp(0, 12) as usize;
    format!("{value:.decimals$}")
}

/// A rate with its unit: `57.31 MH/s`.
pub fn rate(per_s: f64, unit: Unit) -> String {
    let scale = Scale::of(per_s);
    format!(
        "{} {}",
        scale.number(per_s),
        scale.unit(&format!("{unit}/s"))
    )
}

/// Joules per unit on the scale of the trade: J/TH, J/TFLOP, J/TB.
pub fn joules_per_tera(energy_per_unit_j: f64) -> f64 {
    energy_per_unit_j * 1e12
}

/// Seconds as people say them.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_at_every_size() {
        let cases = [
            (57_312_345.0, "57.31 MH/s"),
            (999.4, "999.4 H/s"),
            (1000.0, "1.000 kH/s"),
            (0.0, "0 H/s"),
            (2.5e20, "250.0 EH/s"),
            (0.012, "12.00 mH/s"),
        ];
        for (value, text) in cases {
            assert_eq!(rate(value, Unit::Hash), text);
        }
    }

    #[test]
    fn a_row_shares_one_scale() {
        let scale = Scale::of(1.5e9);
        assert_eq!(scale.number(9.9e8), "0.9900");
        assert_eq!(scale.unit("FLOP/s"), "GFLOP/s");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(59.4), "59 s");
        assert_eq!(duration(125.0), "2 min 05 s");
        assert_eq!(duration(7380.0), "2 h 03 min");
    }
}
