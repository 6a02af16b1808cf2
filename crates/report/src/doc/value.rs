//! Typed values of cells, and the notation of each.

use std::fmt;

use perwatt_record::schema::Unit;

use crate::units::{NOT_MEASURED, Scale, dollars, fixed, number, percent, significant};

/// A typed value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words, which may be untrusted text.
    Words(String),
    /// A figure with its unit: `57.31 MH/s`.
    Figure {
        /// The figure.
        value: f64,
        /// The scale that all figures of its row share.
        scale: Scale,
        /// The unit without a prefix, which may be untrusted text.
        unit: String,
    },
    /// A figure without its unit, which stands in a neighbouring cell: `57.31`.
    Number(f64, Scale),
    /// An interval on the scale of its figure: `[56.90, 57.80]`.
    Interval([f64; 2], Scale),
    /// The smallest and the largest value: `56.10–58.02`.
    Range([f64; 2], Scale),
    /// A share with this number of decimals: `3.1 %`.
    Percent(f64, usize),
    /// A relative uncertainty: `3.1 %`, `<0.1 %`.
    Uncertainty(f64),
    /// A lower bound of a relative uncertainty, of which a term is unknown: `≥3.1 %`.
    AtLeast(f64),
    /// The half-width of an interval, relative: `±0.6 %`.
    PlusMinus(f64),
    /// A ratio: `1.053x`.
    Ratio(f64),
    /// An interval of ratios: `[1.041, 1.062]`.
    Ratios([f64; 2]),
    /// A number whose unit stands elsewhere, on a scale of its own: `12.34 M`.
    Amount(f64),
    /// A number with this number of decimals: `40.3`.
    Fixed(f64, usize),
    /// A sum of money: `$12.34M`.
    Dollars(f64),
    /// A chance in whole percent; one just above 0 or below 100 % is not rounded to these.
    Chance(f64),
    /// A whole number of months; `never` without one.
    Months(Option<f64>),
    /// Both ends of a range: `$0..$8.03M`.
    Ends(Box<[Self; 2]>),
}

impl Value {
    /// A figure with a scale chosen for it.
    pub fn figure(value: f64, unit: impl Into<String>) -> Self {
        Self::scaled(value, Scale::of(value), unit)
    }

    /// A figure on a scale that its row shares.
    pub fn scaled(value: f64, scale: Scale, unit: impl Into<String>) -> Self {
        Self::Figure {
            value,
            scale,
            unit: unit.into(),
        }
    }

    /// Both ends of a range of one kind of value.
    pub fn ends<T>(ends: [T; 2], of: impl Fn(T) -> Self) -> Self {
        Self::Ends(Box::new(ends.map(of)))
    }

    /// A rate with its unit: `57.31 MH/s`.
    pub fn rate(per_s: f64, unit: Unit) -> Self {
        Self::figure(per_s, format!("{unit}/s"))
    }

    /// True if the value may hold untrusted text.
    pub(crate) fn is_words(&self) -> bool {
        match self {
            Self::Words(_) | Self::Figure { .. } => true,
            Self::Ends(ends) => ends.iter().any(Self::is_words),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(text) => f.write_str(text),
            Self::Figure { value, scale, unit } => f.write_str(&scale.figure(*value, unit)),
            Self::Number(value, scale) => f.write_str(&scale.number(*value)),
            Self::Interval([low, high], scale) => {
                write!(f, "[{}, {}]", scale.number(*low), scale.number(*high))
            }
            Self::Range([low, high], scale) => {
                write!(f, "{}\u{2013}{}", scale.number(*low), scale.number(*high))
            }
            Self::Percent(share, decimals) => f.write_str(&percent(*share, *decimals)),
            Self::Uncertainty(share) => f.write_str(&uncertainty(*share)),
            Self::AtLeast(share) => write!(f, "\u{2265}{}", uncertainty(*share)),
            Self::PlusMinus(share) => write!(f, "\u{b1}{}", percent(*share, 1)),
            Self::Ratio(ratio) if ratio.is_finite() => write!(f, "{}x", of_ratio(*ratio)),
            Self::Ratio(_) => f.write_str(NOT_MEASURED),
            Self::Ratios([low, high]) => write!(f, "[{}, {}]", of_ratio(*low), of_ratio(*high)),
            Self::Amount(value) => f.write_str(&number(*value)),
            Self::Fixed(value, decimals) => f.write_str(&fixed(*value, *decimals)),
            Self::Dollars(usd) => f.write_str(&dollars(*usd)),
            Self::Chance(share) => f.write_str(&chance(*share)),
            Self::Months(Some(months)) => f.write_str(&fixed(*months, 0)),
            Self::Months(None) => f.write_str("never"),
            Self::Ends(ends) => write!(f, "{}..{}", ends[0], ends[1]),
        }
    }
}

/// A relative uncertainty with at most as many decimals as it is known to.
fn uncertainty(share: f64) -> String {
    match 100.0 * share {
        p if p < 0.1 => "<0.1 %".into(),
        p if p < 10.0 => percent(share, 1),
        _ => percent(share, 0),
    }
}

fn chance(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 1.0 => "< 1 %".into(),
        p if p > 99.0 && p < 100.0 => "> 99 %".into(),
        _ => percent(share, 0),
    }
}

/// A ratio with three decimals near 1, else with four significant digits.
fn of_ratio(ratio: f64) -> String {
    match ratio {
        r if (0.1..10.0).contains(&r) => fixed(r, 3),
        r => significant(r),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Words(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Words(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_notation() {
        let scale = Scale::of(57.3e6);
        for (value, text) in [
            (Value::figure(57_312_345.0, "H/s"), "57.31 MH/s"),
            (Value::Interval([56.9e6, 57.8e6], scale), "[56.90, 57.80]"),
            (Value::Range([56.9e6, 57.8e6], scale), "56.90\u{2013}57.80"),
            (Value::Percent(0.031, 1), "3.1 %"),
            (Value::Uncertainty(0.0004), "<0.1 %"),
            (Value::Uncertainty(0.031), "3.1 %"),
            (Value::AtLeast(0.12), "\u{2265}12 %"),
            (Value::PlusMinus(0.0061), "\u{b1}0.6 %"),
            (Value::Ratio(1.05309), "1.053x"),
            (Value::Ratio(12.3456), "12.35x"),
            (Value::Ratio(f64::NAN), NOT_MEASURED),
            (Value::Ratios([0.8, 1.25]), "[0.800, 1.250]"),
            (Value::Fixed(40.26, 1), "40.3"),
            (Value::Chance(0.0), "0 %"),
            (Value::Chance(0.001), "< 1 %"),
            (Value::Chance(0.5), "50 %"),
            (Value::Chance(0.995), "> 99 %"),
            (Value::Chance(1.0), "100 %"),
            (
                Value::ends([-3.1e6, 8_030_000.0], Value::Dollars),
                "-$3.1M..$8.03M",
            ),
            (Value::ends([Some(27.4), None], Value::Months), "27..never"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }
}
